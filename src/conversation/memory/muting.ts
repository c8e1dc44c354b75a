import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Said } from "../../domain/inbound.ts";

/** How long a person who was told that the bot is muted is not told again. */
const quietMs = 3_600_000;
/** The people who were told last. A place may have many. */
const maxTold = 50;

/** Keeps the bot from answering in a conversation. */
export function mute(memory: ConversationMemory): ConversationMemory {
  return memory.muted === undefined ? { ...memory, muted: { told: [] } } : memory;
}

/** Lets the bot answer again. */
export function unmute(memory: ConversationMemory): ConversationMemory {
  const { muted: _, ...rest } = memory;
  return rest;
}

/** The calls whose authors are to be told that the bot is muted: the last of each person, once an hour. */
export function callsToTell(
  { muted }: ConversationMemory,
  calls: readonly Said[],
  nowMs: number,
): readonly Said[] {
  const told = new Set(recently(muted?.told ?? [], nowMs).map(({ by }) => by));
  const last = new Map(calls.map((call) => [call.message.author.id, call]));
  return [...last].flatMap(([by, call]) => (told.has(by) ? [] : [call]));
}

/** Remembers who is told that the bot is muted. */
export function rememberTold(
  memory: ConversationMemory,
  calls: readonly Said[],
  nowMs: number,
): ConversationMemory {
  if (memory.muted === undefined || calls.length === 0) return memory;
  const told = calls.map(({ message }) => ({ by: message.author.id, atMs: nowMs }));
  return { ...memory, muted: { told: [...recently(memory.muted.told, nowMs), ...told].slice(-maxTold) } };
}

/** Forgets that a person was told. */
export function forgetTold(memory: ConversationMemory, author: string): ConversationMemory {
  if (memory.muted === undefined) return memory;
  return { ...memory, muted: { told: memory.muted.told.filter(({ by }) => by !== author) } };
}

type Told = NonNullable<ConversationMemory["muted"]>["told"];

function recently(told: Told, nowMs: number): Told {
  return told.filter(({ atMs }) => nowMs - atMs < quietMs);
}
