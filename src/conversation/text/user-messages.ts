import type { Downtime } from "../../domain/inbound.ts";
import type { Wait } from "../../domain/turn.ts";
import type { SpendingLimit } from "../usage/limits.ts";

/** For a turn that failed again and again, for a reason that is ours. */
export function givenUp(reference: string): string {
  return withReference("Sorry, I tried several times and couldn't answer this.", reference);
}

const byLimit: Readonly<Record<SpendingLimit, string>> = {
  personTurns: "You've reached your daily limit of answers.",
  personTokens: "You've reached your daily limit.",
  placeTurns: "This channel has reached its daily limit of answers.",
  placeTokens: "This channel has reached its daily limit.",
  openTurns: "This chat has reached its daily limit of answers.",
  openTokens: "This chat has reached its daily limit.",
  summaries: "This conversation has reached its daily limit of summaries.",
};

/** A limit of the day is reached; the count begins again at midnight (UTC). */
export function limitReached(limit: SpendingLimit, nowMs: number): string {
  const hours = Math.ceil(24 - ((nowMs / 3_600_000) % 24));
  return `${byLimit[limit]} Ask me again in ${hours === 1 ? "an hour" : `${hours} hours`}, or ask your admin for more.`;
}

/** For a question that was edited into an order. */
export const editIsNoCommand =
  "I don't run commands from edited messages, so nothing was done. Please send it as a new message.";

/** In the place of an answer that could not be written, while it is tried once more. */
export const tryingAgain = "I can't show my answer here yet. I'm trying again.";

/** In the place of an answer that rests on what is gone, where the platform fails to delete it. */
export const retractedText = "*(This answer was removed.)*";

/** In the place of an answer whose model has not said a word for some seconds. */
export const stillLoading = "_The model is still loading…_";

const away: Readonly<Record<Wait["what"], readonly [now: string, then: string]>> = {
  memory: ["I can't reach my memory right now.", "it's back"],
  model: ["I can't reach my language model right now.", "it's back"],
  loading: ["My language model is still loading.", "it's ready"],
};

/** Shown while something is away that an answer needs; the answer takes its place later. */
export function waitingFor({ what, reference }: Wait): string {
  const [now, then] = away[what];
  return withReference(`${now} I'll answer here as soon as ${then}.`, reference);
}

/** For whoever ordered something that waits for its turn meanwhile. */
export function commandWaitsFor({ what, reference }: Wait, command: string): string {
  const [now, then] = away[what];
  return withReference(`${now} I'll run \`/${command}\` as soon as ${then}.`, reference);
}

/** For whoever was not answered because nobody of us listened. `isDirect`: where only the bot reads it anyway. */
export function wasAway(downtime: Downtime, isDirect: boolean): string {
  const ask = isDirect ? "Write to me again" : "Mention me";
  return `I was offline ${spanOf(downtime)} and have now caught up. Still need an answer? ${ask}.`;
}

/** The notes of a conversation were unreadable. */
export function memoryRebuilt(reference: string, isRebuilt: boolean): string {
  const what = isRebuilt
    ? "I had to rebuild my notes for this conversation. The last few messages may be missing."
    : "I couldn't read my notes for this conversation. From here on, I only remember new messages.";
  return withReference(what, reference);
}

/** Called into talk that is under way, and it could not be read. */
export function backfillFailed(reference: string): string {
  return withReference(
    "I couldn't read the earlier messages here, so I'm answering without them.",
    reference,
  );
}

/** The platform refuses what the answer says, not the place. */
export function notTaken(reference: string): string {
  return withReference("I wrote an answer, but it was rejected here. Try rephrasing.", reference);
}

/** What was ordered came as files, and the platform did not take them. */
export function filesNotGiven(reference: string): string {
  return withReference("I couldn't send you the files here.", reference);
}

/** A person pressed Stop, or reset the conversation, while a command was at work. */
export function wasStopped(command: string): string {
  return `I stopped \`/${command}\`.`;
}

/** A command that was at work for longer than anything should be. */
export function tookTooLong(command: string): string {
  return `\`/${command}\` took too long, so I stopped it. Try a shorter period, for example \`/${command} since yesterday\`.`;
}

/** The ledger can't be reached, and what was ordered needs it. */
export function archiveIsAway(reference: string): string {
  return withReference(
    "I can't reach my archive right now, so I couldn't do that. Nothing has changed. Please try again in a minute.",
    reference,
  );
}

function spanOf({ fromMs, toMs }: Downtime): string {
  const [fromDay, fromTime] = momentOf(fromMs);
  const [toDay, toTime] = momentOf(toMs);
  return fromDay === toDay
    ? `${fromTime}–${toTime} UTC on ${fromDay}`
    : `from ${fromDay} ${fromTime} to ${toDay} ${toTime} UTC`;
}

function momentOf(atMs: number): readonly [day: string, time: string] {
  const iso = new Date(atMs).toISOString();
  return [iso.slice(0, 10), iso.slice(11, 16)];
}

/** So that what a person saw is found in the log. */
export function withReference(text: string, reference: string): string {
  return `${text} (Reference: ${reference})`;
}
