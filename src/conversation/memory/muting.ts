import type { ConversationMemory, MuteReaction } from "../../domain/conversation-memory.ts";
import type { Said } from "../../domain/inbound.ts";

/** How long a person who was told that the bot is muted is not told again. */
const quietMs = 3_600_000;
/** The people who were told last. A place may have many. */
const maxTold = 50;
const maxReactions = 50;

/** Keeps the bot from answering in a conversation until `unmute`. */
export function mute(memory: ConversationMemory): ConversationMemory {
  return isMutedByCommand(memory) ? memory : { ...memory, muted: { told: memory.muted?.told ?? [] } };
}

/** Lets the bot answer again. */
export function unmute(memory: ConversationMemory): ConversationMemory {
  const { muted: _, ...rest } = memory;
  return rest;
}

/** Whether the conversation stays muted when all reactions are removed. */
export function isMutedByCommand({ muted }: ConversationMemory): boolean {
  return muted !== undefined && muted.reactions === undefined;
}

/** Keeps the bot from answering until the reaction is removed, or `unmute`. */
export function addMuteReaction(memory: ConversationMemory, reaction: MuteReaction): ConversationMemory {
  if (isMutedByCommand(memory)) return memory;
  const others = reactionsBut(memory, reaction);
  const reactions = [...others, reaction].slice(-maxReactions);
  return { ...memory, muted: { told: memory.muted?.told ?? [], reactions } };
}

/** Lets the bot answer again if no other reaction mutes it, and no command. */
export function removeMuteReaction(memory: ConversationMemory, reaction: MuteReaction): ConversationMemory {
  if (memory.muted?.reactions === undefined) return memory;
  const reactions = reactionsBut(memory, reaction);
  return reactions.length === 0 ? unmute(memory) : { ...memory, muted: { ...memory.muted, reactions } };
}

function reactionsBut({ muted }: ConversationMemory, { by, message }: MuteReaction): readonly MuteReaction[] {
  return (muted?.reactions ?? []).filter((each) => each.by !== by || each.message !== message);
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
  const all = [...recently(memory.muted.told, nowMs), ...told].slice(-maxTold);
  return { ...memory, muted: { ...memory.muted, told: all } };
}

/** Forgets that a person was told, and their reactions. Who erases what they wrote does not make the bot talk again. */
export function forgetInMute(memory: ConversationMemory, author: string): ConversationMemory {
  if (memory.muted === undefined) return memory;
  const told = memory.muted.told.filter(({ by }) => by !== author);
  const reactions = memory.muted.reactions?.filter(({ by }) => by !== author) ?? [];
  return { ...memory, muted: { told, ...(reactions.length === 0 ? {} : { reactions }) } };
}

type Told = NonNullable<ConversationMemory["muted"]>["told"];

function recently(told: Told, nowMs: number): Told {
  return told.filter(({ atMs }) => nowMs - atMs < quietMs);
}
