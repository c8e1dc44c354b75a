import type { Downtime } from "../../domain/inbound.ts";
import type { Wait } from "../../domain/turn.ts";
import type { SpendingLimit } from "../../domain/spending-limits.ts";
import type { ReaderTime } from "./reader-time.ts";

/** A turn failed too often, for a reason on our side. */
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
  personImages: "You've reached your daily limit of images.",
  placeImages: "This channel has reached its daily limit of images.",
  openImages: "This chat has reached its daily limit of images.",
  summaries: "This conversation has reached its daily limit of summaries.",
};

/** A daily limit is reached. Counts restart at midnight UTC. */
export function limitReached(limit: SpendingLimit, nowMs: number): string {
  const hours = Math.ceil(24 - ((nowMs / 3_600_000) % 24));
  return `${byLimit[limit]} Ask me again in ${hours === 1 ? "an hour" : `${hours} hours`}, or ask your admin for more.`;
}

/** Stands where the answer will be, while writing it is retried. */
export const tryingAgain = "I can't show my answer here yet. I'm trying again.";

/** Replaces a retracted answer that the platform fails to delete. */
export const retractedText = "*(This answer was removed.)*";

/** Stands where the answer will be, after some seconds without a first word. */
export const stillLoading = "_The model is still loading…_";

const away: Readonly<Record<Wait["what"], readonly [now: string, then: string]>> = {
  memory: ["I can't reach my memory right now.", "it's back"],
  model: ["I can't reach my language model right now.", "it's back"],
  loading: ["My language model is still loading.", "it's ready"],
};

/** Stands where the answer will be, while something that it needs is away. */
export function waitingFor({ what, reference }: Wait): string {
  const [now, then] = away[what];
  return withReference(`${now} I'll answer here as soon as ${then}.`, reference);
}

/** Sent to the person whose question waits for something that is away. `question`: as a link where it has one. */
export function questionWaitsFor({ what, reference }: Wait, question: string): string {
  const [now, then] = away[what];
  return withReference(`${now} I'll answer ${question} as soon as ${then}.`, reference);
}

/** Sent to the person whose command waits for something that is away. `command`: its name as people type it; undefined: none do. */
export function commandWaitsFor({ what, reference }: Wait, command: string | undefined): string {
  const [now, then] = away[what];
  const run = command === undefined ? "do that" : `run \`/${command}\``;
  return withReference(`${now} I'll ${run} as soon as ${then}.`, reference);
}

/** The bot was offline when the message was sent. `isDirect`: a DM, where no mention is needed. */
export function wasAway({ fromMs, toMs }: Downtime, isDirect: boolean, time: ReaderTime): string {
  const ask = isDirect ? "Write to me again" : "Mention me";
  return `I was offline ${time.between(fromMs, toMs)} and have now caught up. Still need an answer? ${ask}.`;
}

/** The memory of a conversation was unreadable. `isRebuilt`: it was restored from the archive. */
export function memoryRebuilt(reference: string, isRebuilt: boolean): string {
  const what = isRebuilt
    ? "I had to rebuild my notes for this conversation. The last few messages may be missing."
    : "I couldn't read my notes for this conversation. From here on, I only remember new messages.";
  return withReference(what, reference);
}

/** Earlier messages of a thread could not be fetched. */
export function backfillFailed(reference: string): string {
  return withReference(
    "I couldn't read the earlier messages here, so I'm answering without them.",
    reference,
  );
}

/** The platform rejects the content of an answer. */
export function notTaken(reference: string): string {
  return withReference("I wrote an answer, but it was rejected here. Try rephrasing.", reference);
}

/** The platform rejects the files that a command returned. */
export function filesNotGiven(reference: string): string {
  return withReference("I couldn't send you the files here.", reference);
}

/** A person pressed Stop, or reset the conversation, while a command was running. */
export function wasStopped(command: string | undefined): string {
  return command === undefined ? "I stopped working on that." : `I stopped \`/${command}\`.`;
}

/** A command ran into its time limit. */
export function tookTooLong(command: string | undefined): string {
  if (command === undefined) return "That took too long, so I stopped it. Please try again.";
  return `\`/${command}\` took too long, so I stopped it. Try a shorter period, for example \`/${command} since yesterday\`.`;
}

/** The archive can't be reached, and the command needs it. */
export function archiveIsAway(reference: string): string {
  return withReference(
    "I can't reach my archive right now, so I couldn't do that. Nothing has changed. Please try again in a minute.",
    reference,
  );
}

/** Adds the code that finds the log line of what a person saw. */
export function withReference(text: string, reference: string): string {
  return `${text} (Reference: ${reference})`;
}

/** How a muted bot is made to answer again. */
export function howToUnmute(isOurPage: boolean): string {
  return isOurPage
    ? "`/unmute` lets me answer again."
    : "Mention me with `unmute`, or use `/unmute`, and I answer again.";
}
