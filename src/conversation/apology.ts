import type { Absence } from "../domain/inbound.ts";
import type { Wait } from "../domain/turn.ts";
import type { ModelErrorKind } from "../ports/model.ts";
import type { SpendingLimit } from "./spending.ts";

/** What a person reads when there is no answer; each line says what to do. */
const byModelError: Readonly<Record<ModelErrorKind, string>> = {
  unreachable: "I can't reach my language model right now. Please try again in a few minutes.",
  "rate-limited": "My language model is busy right now. Please try again in a minute.",
  "out-of-quota": "My language model account has run out of credit. Please tell whoever runs me.",
  "bad-key": "My language model refuses my key. Please tell whoever runs me.",
  "unknown-model":
    "The language model that I am set up to use does not exist any more. Please tell whoever runs me.",
  "not-a-model":
    "I'm not set up correctly (what answers at my AI provider's address is something else). Please tell your admin.",
  refused: "The language model declined to answer that. You could put it differently.",
  "context-too-long":
    "This conversation has grown too long for my language model. `/reset` starts a fresh chapter.",
  rejected: "My language model did not accept that message. Please tell whoever runs me if it happens again.",
  stalled: "My language model stopped in the middle of its answer. Please ask again.",
  "cut-off": "The connection to my language model broke in the middle of its answer. Please ask again.",
  empty: "My language model gave an empty answer. Please ask again, perhaps in other words.",
};

export function apologyFor(kind: ModelErrorKind, reference: string): string {
  return withReference(byModelError[kind], reference);
}

/** For a turn that failed again and again, for a reason that is ours. */
export function givenUp(reference: string): string {
  return withReference(
    "I could not answer this; something goes wrong on my side each time I try.",
    reference,
  );
}

const byLimit: Readonly<Record<SpendingLimit, string>> = {
  personTurns: "You've had all the answers that I may give one person in a day.",
  personTokens: "You've used up what I may read and write for one person in a day.",
  placeTurns: "This place has had all the answers that I may give it in a day.",
  placeTokens: "This place has used up what I may read and write for it in a day.",
  openTurns: "Everybody here together has had all the answers that I may give in a day.",
  openTokens: "Everybody here together has used up what I may read and write in a day.",
  summaries: "This conversation has had all the summaries that I may make of it in a day.",
};

/** A limit of the day is reached; the count begins again at midnight (UTC). */
export function limitReached(limit: SpendingLimit, nowMs: number): string {
  const hours = Math.ceil(24 - ((nowMs / 3_600_000) % 24));
  return `${byLimit[limit]} Ask me again in ${hours === 1 ? "an hour" : `${hours} hours`}, or ask your admin for more.`;
}

/** For a question that was edited into an order. */
export const editIsNoOrder =
  "This reads as an order now. I take no orders from edited messages, so nothing was done: please write it as a new one.";

/** In the place of an answer that could not be written, while it is tried once more. */
export const tryingAgain = "I can't show my answer here yet. I'm trying again.";

/** In the place of an answer that rests on what is gone, where the platform fails to delete it. */
export const takenBack = "*(This answer was taken back.)*";

const missing: Readonly<Record<Wait["what"], string>> = { memory: "memory", model: "language model" };

/** Shown while something is away that an answer needs; the answer takes its place later. */
export function waitingFor({ what, reference }: Wait): string {
  return withReference(
    `I can't reach my ${missing[what]} right now. I'll answer here as soon as it is back.`,
    reference,
  );
}

/** For whoever ordered something that waits for its turn meanwhile. */
export function commandWaitsFor({ what, reference }: Wait, command: string): string {
  return withReference(
    `I can't reach my ${missing[what]} right now. \`/${command}\` follows as soon as it is back.`,
    reference,
  );
}

/** For whoever was not answered because nobody of us listened. `isDirect`: where only the bot reads it anyway. */
export function wasAway(absence: Absence, isDirect: boolean): string {
  const ask = isDirect ? "write to me again" : "mention me";
  return `I was away ${spanOf(absence)} and missed what was said here meanwhile. I have read it; ${ask} if you still want an answer.`;
}

/** The notes of a conversation were unreadable. */
export function memorySetAside(reference: string, isRebuilt: boolean): string {
  const what = isRebuilt
    ? "I could not read my notes of this conversation, and made them anew from my archive; the last words before this may be missing."
    : "I could not read my notes of this conversation, so from here on I remember only what is said now.";
  return withReference(`${what} The old ones were put aside for whoever runs me.`, reference);
}

/** Called into talk that is under way, and it could not be read. */
export function earlierUnread(reference: string): string {
  return withReference(
    "I could not read what was said here before you called me, so I answer without it.",
    reference,
  );
}

/** The platform refuses what the answer says, not the place. */
export function notTaken(reference: string): string {
  return withReference(
    "I have an answer, but this place does not take it. Asking in other words may help.",
    reference,
  );
}

/** What was ordered came as files, and the platform did not take them. */
export function filesNotGiven(reference: string): string {
  return withReference("I could not give you the files here.", reference);
}

/** A person pressed Stop, or reset the conversation, while a command was at work. */
export function wasStopped(command: string): string {
  return `I stopped \`/${command}\`.`;
}

/** A command that was at work for longer than anything should be. */
export function tookTooLong(command: string): string {
  return `\`/${command}\` took too long, so I stopped it. Try a shorter time: \`/${command} since yesterday\`.`;
}

/** The ledger can't be reached, and what was ordered needs it. */
export function archiveIsAway(reference: string): string {
  return withReference(
    "I can't reach my archive right now, so I could not do that. Nothing has changed; please try again in a minute.",
    reference,
  );
}

function spanOf({ fromMs, toMs }: Absence): string {
  const [fromDay, fromTime] = momentOf(fromMs);
  const [toDay, toTime] = momentOf(toMs);
  return fromDay === toDay
    ? `from ${fromTime} to ${toTime} UTC (${fromDay})`
    : `from ${fromDay} ${fromTime} to ${toDay} ${toTime} UTC`;
}

function momentOf(atMs: number): readonly [day: string, time: string] {
  const iso = new Date(atMs).toISOString();
  return [iso.slice(0, 10), iso.slice(11, 16)];
}

function withReference(text: string, reference: string): string {
  return `${text} (Reference: ${reference})`;
}
