import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { SummaryLine } from "../../domain/summary.ts";
import { isTimeZone, type TimeZone } from "../../domain/time-zone.ts";
import type { WallClock } from "./wall-clock.ts";

/** Within it nobody asks when something was said. Every zone's days begin with one. */
const quarterMs = 15 * 60_000;
const dayMs = 24 * 3_600_000;

/** What a mark takes at most, with the line's end. */
export const markTokens = 24;
/** What `nowNote` takes at most. */
export const nowTokens = 96;

type Said = Pick<RememberedMessage, "role" | "saidAtMs">;

/**
 * The messages that prompts put a time before: of what people say in a quarter of an hour, the first. It follows from the
 * messages alone, so that a prompt begins as the one before did. Of messages that prompts hold, oldest first.
 */
export function selectTimed<Message extends Said>(messages: readonly Message[]): ReadonlySet<Message> {
  const timed = new Set<Message>();
  let last: number | undefined;
  for (const message of messages) {
    if (message.role !== "person") continue;
    const quarter = Math.floor(message.saidAtMs / quarterMs);
    if (quarter !== last) timed.add(message);
    last = quarter;
  }
  return timed;
}

/** The zone of the times in a conversation's prompts: that of the first who has one, so that it stays. `fallback`: of nobody. */
export function conversationZone(
  { speakers }: Pick<ConversationMemory, "speakers">,
  fallback: TimeZone,
): TimeZone {
  const { timeZone = fallback } = speakers.find((each) => each.timeZone !== undefined) ?? {};
  return isTimeZone(timeZone) ? timeZone : fallback;
}

/** Where a person was when they last wrote. Undefined: nobody knows. */
export function personZone(
  { messages }: Pick<ConversationMemory, "messages">,
  person: string,
): TimeZone | undefined {
  const last = messages.findLast(({ author }) => author.id === person)?.author.timeZone;
  return last !== undefined && isTimeZone(last) ? last : undefined;
}

/** The line above a message that says when it was said. */
export function timeMark({ saidAtMs }: Pick<Said, "saidAtMs">, wallClock: WallClock): string {
  return `[${wallClock.moment(saidAtMs)}]`;
}

/** The last line of a prompt. `asker`: the clock where the asker is, if the platform tells. */
export function nowNote(nowMs: number, wallClock: WallClock, asker: WallClock | undefined): string {
  const now = `It is now ${wallClock.moment(nowMs)} (${wallClock.zoneAt(nowMs)}).`;
  const isElsewhere = asker !== undefined && asker.zoneAt(nowMs) !== wallClock.zoneAt(nowMs);
  const there = isElsewhere
    ? ` Where the person is who asks: ${asker.moment(nowMs)} (${asker.zoneAt(nowMs)}).`
    : "";
  return `[${now}${there} Times above are in ${wallClock.zone}.]`;
}

/** The lines of a summary, each day of what they rest on above its lines. */
export function linesByDay(lines: readonly SummaryLine[], wallClock: WallClock): readonly string[] {
  let before = "";
  return lines.flatMap(({ text, cites }) => {
    const atMs = cites[0]?.saidAtMs;
    const day = atMs === undefined ? before : `Said on ${wallClock.day(atMs)}:`;
    const isNext = day !== before;
    before = day;
    return isNext ? [day, `- ${text}`] : [`- ${text}`];
  });
}

/** About how many tokens the days of a summary take: by the days of UTC, as its budget has no zone. */
export function countDayTokens(lines: readonly SummaryLine[]): number {
  let before: number | undefined;
  let days = 0;
  for (const { cites } of lines) {
    const day = cites[0] === undefined ? before : Math.floor(cites[0].saidAtMs / dayMs);
    if (day !== before) days += 1;
    before = day;
  }
  return days * markTokens;
}
