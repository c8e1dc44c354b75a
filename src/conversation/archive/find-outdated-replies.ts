import { erasedBy } from "../../domain/apply-pending-changes.ts";
import type { DerivedReply } from "../../domain/archive.ts";
import type { ConversationMemory, RememberedMessage, Source } from "../../domain/conversation-memory.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Memory } from "../../ports/memory.ts";
import { findRepeating } from "../memory/find-repeating.ts";
import { paginate } from "./paginate.ts";
import type { Unsynced } from "./unsynced.ts";

interface SourcePorts {
  readonly archive: Archive;
  readonly memories: Memory;
}

/** Replies in other conversations that were made from messages of an erased author or an erased conversation. */
export async function derivedFromErased(
  archive: Archive,
  conversation: ConversationKey,
  { erasures }: Unsynced,
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const sweeps = erasures.filter((each) => each.kind !== "message");
  if (sweeps.length === 0) return [];
  const derived: DerivedReply[] = [];
  const isSwept = erasedBy(sweeps);
  for await (const page of paginate(archive, { conversation }, signal)) {
    const ids = page.filter(isSwept).map(({ id }) => id);
    derived.push(...(await archive.derivedFrom(conversation, ids, signal)));
  }
  return derived.filter((each) => each.conversation !== conversation);
}

/** Replies in other conversations that repeat the old text of an edited message. */
export async function derivedFromEdited(
  archive: Archive,
  conversation: ConversationKey,
  { messages, edits }: Unsynced,
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const people = messages.filter(({ role }) => role === "person");
  const ids = [...people.map(({ id }) => id), ...edits.map(({ message }) => message)];
  const derived = ids.length === 0 ? [] : await archive.derivedFrom(conversation, ids, signal);
  const elsewhere = derived.filter((each) => each.conversation !== conversation);
  if (elsewhere.length === 0) return [];
  const olds = await Promise.all(ids.map((id) => archive.find(conversation, id, signal)));
  const texts = [...people, ...edits].map(({ text }) => text);
  const replies = await Promise.all(
    elsewhere.map((each) => archive.find(each.conversation, each.message, signal)),
  );
  const answers = elsewhere.map((each, index) => ({ each, text: replies[index]?.text ?? "" }));
  const gone = olds.flatMap((old) => (old === undefined ? [] : [{ text: old.text }]));
  return (await findRepeating(answers, gone, texts)).map(({ each }) => each);
}

/** Replies whose sources were removed or edited since they were read. */
export async function repliesWithLostSources(
  ports: SourcePorts,
  { conversation, platform, place }: ConversationMemory,
  messages: readonly RememberedMessage[],
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const sourceless: DerivedReply[] = [];
  for (const { id, sources = [], posts = [] } of messages) {
    for (const source of sources) {
      const revision = await revisionOf(ports, source, signal);
      const isAsRead = revision !== undefined && revision <= (source.revision ?? Infinity);
      if (!isAsRead) sourceless.push({ conversation, platform, place, message: id, posts });
    }
  }
  return sourceless;
}

/** From the archive, or from memory if it is not synced yet. Undefined: removed. */
async function revisionOf(
  { archive, memories }: SourcePorts,
  { conversation, message }: Source,
  signal: AbortSignal,
): Promise<number | undefined> {
  const archived = await archive.find(conversation, message, signal);
  if (archived !== undefined) return archived.revision;
  const { memory } = await memories.read(conversation, signal);
  return memory?.messages.find(({ id }) => id === message)?.revision;
}
