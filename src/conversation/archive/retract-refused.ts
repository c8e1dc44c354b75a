import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import { findRepeats } from "./find-repeats.ts";
import { retractionOf } from "./retraction-of.ts";

interface Ports {
  readonly accept: Accept;
  readonly archive: Archive;
  readonly log: Log;
}

/** The messages that the archive refused, and their texts. Of several texts of a message, the last one counts. */
interface Refused {
  readonly forgotten: ReadonlySet<MessageId>;
  readonly texts: readonly Pick<RememberedMessage, "id" | "role" | "ordinal" | "text">[];
}

/**
 * Retracts messages that the archive refused because their author was erased, with the bot's replies that repeat them. They go
 * through the inbox, because the archive alone can't find these replies later. Posts in the same conversation stay visible,
 * as in every erasure of an author. @throws {ArchiveError}, {StoreError}
 */
export async function retractRefused(
  { accept, archive, log }: Ports,
  memory: ConversationMemory,
  { forgotten, texts }: Refused,
  signal: AbortSignal,
): Promise<void> {
  if (forgotten.size === 0) return;
  const { conversation, platform, place } = memory;
  const location = { conversation, platform, place };
  const olds = new Map(texts.filter(({ id }) => forgotten.has(id)).map((each) => [each.id, each]));
  const repeating = await findRepeats(archive, memory, { olds, gone: forgotten }, signal);
  const derived = await archive.derivedFrom(conversation, [...forgotten], signal);
  const answering = memory.messages.filter(
    ({ answers }) => answers.length > 0 && answers.every((id) => forgotten.has(id)),
  );
  const stays = { ...location, kind: "retracted", posts: [], staysShown: true } as const;
  // In every version: an edited message is still of its author, and a reply that is given again still answers only that author.
  for (const message of new Set([...forgotten, ...answering.map(({ id }) => id)]))
    await accept({ ...stays, dedupeId: `retracted:${conversation}:${message}`, message }, signal);
  for (const each of repeating) await accept(retractionOf({ ...each, posts: [], staysShown: true }), signal);
  for (const each of derived)
    if (each.conversation !== conversation) await accept(retractionOf(each), signal);
  log.info({ messages: forgotten.size }, "removed late messages of an erased author");
}
