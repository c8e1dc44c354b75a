import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Author } from "../../domain/message.ts";
import type { SummaryLine } from "../../domain/summary.ts";
import { isTimeZone, type TimeZone } from "../../domain/time-zone.ts";
import type { WallClock } from "./wall-clock.ts";

/** Granularity of time marks. Midnight is a quarter-hour boundary in every time zone. */
const quarterMs = 15 * 60_000;
const dayMs = 24 * 3_600_000;

/** Upper bound for one mark with its line break. */
export const markTokens = 24;
/** Upper bound for `nowNote`. */
export const nowTokens = 96;

type Said = Pick<RememberedMessage, "role" | "saidAtMs">;

/**
 * Selects the messages that get a time mark: the first that a person says in each quarter of an hour. Depends on the
 * messages alone, so successive prompts share their prefix. `messages`: those of the prompt, oldest first.
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

/** Time zone for a conversation's prompts: that of the first speaker with a known one, so it never changes. Else `fallback`. */
export function conversationZone(
  { speakers }: Pick<ConversationMemory, "speakers">,
  fallback: TimeZone,
): TimeZone {
  const { timeZone = fallback } = speakers.find((each) => each.timeZone !== undefined) ?? {};
  return isTimeZone(timeZone) ? timeZone : fallback;
}

/** The person's time zone as of their last message. Undefined if unknown. */
export function personZone(
  { messages }: Pick<ConversationMemory, "messages">,
  person: string,
): TimeZone | undefined {
  const last = messages.findLast(({ author }) => author.id === person)?.author.timeZone;
  return last !== undefined && isTimeZone(last) ? last : undefined;
}

/** The zone of a person who gave a command: as of the command, else of their last message there, else of the conversation. */
export function askerZone(
  { id, timeZone }: Pick<Author, "id" | "timeZone">,
  memory: Pick<ConversationMemory, "messages" | "speakers">,
  fallback: TimeZone,
): TimeZone {
  if (timeZone !== undefined && isTimeZone(timeZone)) return timeZone;
  return personZone(memory, id) ?? conversationZone(memory, fallback);
}

/** The line above a message that gives its time. */
export function timeMark({ saidAtMs }: Pick<Said, "saidAtMs">, wallClock: WallClock): string {
  return `[${wallClock.moment(saidAtMs)}]`;
}

/** The last line of a prompt: the time now. `asker`: the asker's own clock, if known. */
export function nowNote(nowMs: number, wallClock: WallClock, asker: WallClock | undefined): string {
  const now = `It is now ${wallClock.moment(nowMs)} (${wallClock.zoneAt(nowMs)}).`;
  const isElsewhere = asker !== undefined && asker.zoneAt(nowMs) !== wallClock.zoneAt(nowMs);
  const there = isElsewhere
    ? ` Where the person is who asks: ${asker.moment(nowMs)} (${asker.zoneAt(nowMs)}).`
    : "";
  return `[${now}${there} Times above are in ${wallClock.zone}.]`;
}

/** Lists summary lines under a heading per day of their first citation. */
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

/** Estimated tokens of the day headings of a summary. Counts UTC days, because budgets have no time zone. */
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
