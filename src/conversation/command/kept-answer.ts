import type { ConversationKey } from "../../domain/conversation.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Clock } from "../../ports/clock.ts";
import { FileStoreError, type FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";

/** A private answer about one message, which its asker may show everyone. */
export interface KeptAnswer {
  readonly question: string;
  readonly answer: string;
  /** The message that it is about. */
  readonly message: MessageId;
  /** The dedupe mark of that message's deletion. */
  readonly deletedBy: string;
  /** The ids of the Authors of the question and of the message. */
  readonly asker: string;
  readonly author: string;
  readonly askedAtMs: number;
  readonly permalink?: string;
}

interface Ports {
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Long enough to read it and to press a button. */
const keptMs = 60 * 60_000;
/** More than any answer with its question. */
const maxBytes = 2 ** 20;

/**
 * Keeps an answer for an hour, outside of memory. It belongs to no single message, so whatever is deleted in its conversation
 * takes it along. False: the store takes nothing now, so nothing can be shown later.
 */
export async function keepAnswer(
  { files, clock, log }: Ports,
  { conversation, id }: { readonly conversation: ConversationKey; readonly id: string },
  answer: KeptAnswer,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { hash } = await files.put(new TextEncoder().encode(JSON.stringify(answer)), signal);
    const link = { conversation, name: nameOf(id), untilMs: clock.nowMs() + keptMs };
    return await files.link(link, hash, signal);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "a private answer could not be kept; its asker can't show it to others");
    return false;
  }
}

/** Undefined: it is over an hour old, was erased, or can't be read. @throws {FileStoreError} */
export async function readKeptAnswer(
  { files, clock }: Omit<Ports, "log">,
  { conversation, id }: { readonly conversation: ConversationKey; readonly id: string },
  signal: AbortSignal,
): Promise<KeptAnswer | undefined> {
  const stored = await files.find({ conversation, name: nameOf(id) }, clock.nowMs(), signal);
  const bytes = stored && (await files.read(stored.hash, { from: 0, to: maxBytes }, signal));
  if (bytes === undefined) return undefined;
  const kept: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return isKeptAnswer(kept) ? kept : undefined;
}

function nameOf(id: string): string {
  return `private-answer:${id}`;
}

function isKeptAnswer(kept: unknown): kept is KeptAnswer {
  if (typeof kept !== "object" || kept === null) return false;
  const fields = ["question", "answer", "message", "deletedBy", "asker", "author"];
  const isWhole = fields.every((name) => typeof Reflect.get(kept, name) === "string");
  return isWhole && typeof Reflect.get(kept, "askedAtMs") === "number";
}
