import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Said } from "../../domain/inbound.ts";
import type { Mute, MuteReaction, MuteRemoval } from "../../domain/mute.ts";

/** How long a person who was told that the bot is muted is not told again. */
const quietMs = 3_600_000;
/** The people who were told last. A place may have many. */
const maxTold = 50;
const maxReactions = 50;
const maxRemovals = 50;
/** Platforms deliver what was not acknowledged for some minutes: https://docs.slack.dev/apis/events-api/#retries */
const lateMs = 3_600_000;

/** Keeps the bot from answering in a conversation until `unmute`. */
export function mute(memory: ConversationMemory): ConversationMemory {
  return isMutedByCommand(memory) ? memory : { ...memory, muted: { told: memory.muted?.told ?? [] } };
}

/** Lets the bot answer again. Reactions from before that mute nothing, also where they come later. */
export function unmute(memory: ConversationMemory, atMs: number): ConversationMemory {
  return noteRemoval(withoutMute(memory), { atMs });
}

/** Whether the conversation stays muted when all reactions are removed. */
export function isMutedByCommand({ muted }: ConversationMemory): boolean {
  return muted !== undefined && muted.reactions === undefined;
}

/** Keeps the bot from answering until the reaction is removed, or `unmute`. Ignores one that comes after its removal. */
export function addMuteReaction(
  memory: ConversationMemory,
  reaction: Required<MuteReaction>,
): ConversationMemory {
  if (isMutedByCommand(memory)) return memory;
  if (memory.unmuted?.some((removal) => isOf(reaction, removal) && reaction.atMs < removal.atMs) === true)
    return memory;
  const { by, message } = reaction;
  const isSame = (each: MuteReaction): boolean => each.by === by && each.message === message;
  const known = memory.muted?.reactions ?? [];
  const atMs = Math.max(reaction.atMs, ...known.filter(isSame).map((each) => each.atMs ?? 0));
  const all = [...known.filter((each) => !isSame(each)), { by, message, atMs }];
  return { ...memory, muted: { told: memory.muted?.told ?? [], reactions: all.slice(-maxReactions) } };
}

/** Lets the bot answer again if no other reaction mutes it, and no command. Leaves reactions that were added later. */
export function removeMuteReaction(memory: ConversationMemory, removal: MuteRemoval): ConversationMemory {
  const noted = noteRemoval(memory, removal);
  const { muted } = memory;
  if (muted?.reactions === undefined) return noted;
  const left = muted.reactions.filter((each) => !isOf(each, removal) || (each.atMs ?? 0) > removal.atMs);
  return left.length === 0 ? withoutMute(noted) : { ...noted, muted: { ...muted, reactions: left } };
}

function withoutMute(memory: ConversationMemory): ConversationMemory {
  const { muted: _, ...rest } = memory;
  return rest;
}

function isOf(reaction: MuteReaction, { by, message }: MuteRemoval): boolean {
  return (by ?? reaction.by) === reaction.by && (message ?? reaction.message) === reaction.message;
}

function noteRemoval(memory: ConversationMemory, removal: MuteRemoval): ConversationMemory {
  const lately = (memory.unmuted ?? []).filter(({ atMs }) => removal.atMs - atMs < lateMs);
  return { ...memory, unmuted: [...lately, removal].slice(-maxRemovals) };
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
  const { muted, unmuted, ...rest } = memory;
  const removals = unmuted?.filter(({ by }) => by !== author) ?? [];
  const left = removals.length === 0 ? rest : { ...rest, unmuted: removals };
  if (muted === undefined) return left;
  const told = muted.told.filter(({ by }) => by !== author);
  const reactions = muted.reactions?.filter(({ by }) => by !== author) ?? [];
  return { ...left, muted: { told, ...(reactions.length === 0 ? {} : { reactions }) } };
}

function recently(told: Mute["told"], nowMs: number): Mute["told"] {
  return told.filter(({ atMs }) => nowMs - atMs < quietMs);
}
