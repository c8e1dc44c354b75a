import type { Fall } from "./fleet.ts";
import type { Spoken } from "./speech.ts";
import type { Asked } from "./telling-model.ts";
import type { Corner, Seen, Town } from "./town.ts";

/** One conversation, and what was surely delivered of it. */
export interface Talk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner: Corner;
  /** When each message was acknowledged, in order. */
  readonly saidAtMs: readonly number[];
}

/** What is counted; all but `turns` and the times must be zero. */
export interface Verdict {
  readonly turns: number;
  /** Messages that no answer covers. */
  readonly lost: number;
  /** Messages that more than one answer covers. */
  readonly doubledAnswers: number;
  /** Posts that never became an answer, or repeat one. */
  readonly doubledPosts: Readonly<Record<Town["name"], number>>;
  readonly outOfOrder: number;
  /** Prompts that lack something said or answered before, hold it twice, or hold it in another order. */
  readonly wrongPrompts: number;
  readonly slowestS: number;
  /** The longest time from the fall of the replica that worked on a turn to the answer, without outages of Redis. */
  readonly takeOverS: number;
  /** What was counted, one line for each. */
  readonly details: readonly string[];
}

/** Nobody can take anything over while Redis is away. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Evidence {
  readonly talks: readonly Talk[];
  readonly asked: readonly Asked[];
  readonly falls: readonly Fall[];
  readonly outages: readonly Outage[];
  /** What Redis stored in these times is gone, as the README says that it may be. */
  readonly lostTimes: readonly Outage[];
}

/** What is told a little later, or was under way just before. */
const leewayMs = { before: 500, after: 2_000 } as const;

function isIn(times: readonly Outage[], atMs: number): boolean {
  return times.some(({ fromMs, toMs }) => atMs >= fromMs - leewayMs.before && atMs <= toMs + leewayMs.after);
}

/** Counts from what the platforms and the model saw, and from nothing that the bot says of itself. */
export function judge(evidence: Evidence): Verdict {
  const { talks, asked, lostTimes } = evidence;
  const judged = talks.map((talk) => judgeTalk(talk, lostTimes));
  const sum = (pick: (each: TalkVerdict) => number): number =>
    judged.reduce((total, each) => total + pick(each), 0);
  const doubled = (town: Town["name"]): number => sum((each) => (each.town === town ? each.doubledPosts : 0));
  const maybeGone = new Set(
    talks.flatMap(({ conversation, saidAtMs }) =>
      saidAtMs.flatMap((atMs, number) => (isIn(lostTimes, atMs) ? [`${conversation}:${number}`] : [])),
    ),
  );
  const prompts = asked.flatMap((each) => faultOf(each, maybeGone) ?? []);
  const takeOvers = judged.flatMap((each) => each.answers.map((answer) => takeOverOf(answer, evidence)));
  return {
    turns: sum((each) => each.answers.length),
    lost: sum((each) => each.lost),
    doubledAnswers: sum((each) => each.doubledAnswers),
    doubledPosts: { Slack: doubled("Slack"), Discord: doubled("Discord") },
    outOfOrder: sum((each) => each.outOfOrder),
    wrongPrompts: prompts.length,
    slowestS: Math.max(0, ...judged.map((each) => each.slowestMs)) / 1_000,
    takeOverS: Math.max(0, ...takeOvers) / 1_000,
    details: [...judged.flatMap((each) => each.details), ...prompts],
  };
}

/** How many of its messages are answered. */
export function answeredIn(talk: Talk): number {
  return new Set(answersIn(talk).flatMap(({ covers }) => covers.map(({ token }) => token))).size;
}

function answersIn({ corner }: Talk): readonly Seen[] {
  return corner.seen().filter(({ isAnswer }) => isAnswer);
}

interface TalkVerdict {
  readonly town: Town["name"];
  readonly answers: readonly Seen[];
  readonly lost: number;
  readonly doubledAnswers: number;
  readonly doubledPosts: number;
  readonly outOfOrder: number;
  readonly slowestMs: number;
  readonly details: readonly string[];
}

function judgeTalk(
  { conversation, town, corner, saidAtMs }: Talk,
  lostTimes: readonly Outage[],
): TalkVerdict {
  const details: string[] = [];
  const posts = corner.seen();
  const answers = posts.filter(({ isAnswer }) => isAnswer);
  const tell = (what: string): void => void details.push(`${town} conversation ${conversation}: ${what}`);
  let lost = 0;
  let doubledAnswers = 0;
  let slowestMs = 0;
  for (const [number, deliveredAtMs] of saidAtMs.entries()) {
    const covering = answers.filter(({ covers }) => covers.some((each) => each.number === number));
    // Stored, or answered, in a time that is gone: it may be gone with it, or be done once more.
    if (isIn(lostTimes, deliveredAtMs) || covering.some(({ atMs }) => isIn(lostTimes, atMs))) continue;
    if (covering.length === 0) tell(`message ${number} has no answer`);
    if (covering.length > 1) tell(`message ${number} has ${covering.length} answers`);
    lost += covering.length === 0 ? 1 : 0;
    doubledAnswers += covering.length > 1 ? 1 : 0;
    slowestMs = Math.max(slowestMs, ...covering.map(({ atMs }) => atMs - deliveredAtMs));
  }
  const numbers = answers
    .filter(({ atMs }) => !isIn(lostTimes, atMs))
    .flatMap(({ covers }) => covers.map(({ number }) => number));
  const outOfOrder = numbers.filter((number, index) => number < (numbers[index - 1] ?? -1)).length;
  if (outOfOrder > 0) tell(`answered in the order ${numbers.join(" ")}`);
  const strays = posts.filter(({ isAnswer, atMs }) => !isAnswer && !isIn(lostTimes, atMs));
  for (const stray of strays) {
    tell(
      `a post that is no answer, for ${stray.covers.map(({ number }) => number).join(" ")}: ${stray.text}`,
    );
  }
  return {
    town,
    answers,
    lost,
    doubledAnswers,
    outOfOrder,
    slowestMs,
    details,
    doubledPosts: strays.length,
  };
}

/** Undefined for a prompt that holds everything up to its question, once and in order, but for what may be gone. */
function faultOf({ said, answered, asks, slot }: Asked, maybeGone: ReadonlySet<string>): string | undefined {
  const last = said.at(-1);
  if (last === undefined) return `replica ${slot} asked the model about nothing`;
  const numbers = said.map(({ number }) => number);
  const before = answered.map(({ number }) => number);
  const isOfOne = [...said, ...answered].every((each) => each.conversation === last.conversation);
  const isThere = new Set(numbers);
  const due = Array.from({ length: last.number + 1 }, (_, number) => number).filter(
    (number) => isThere.has(number) || !maybeGone.has(`${last.conversation}:${number}`),
  );
  const isWhole = isSame(numbers, due) && isSame(before, due.slice(0, numbers.length - asks.length));
  if (isOfOne && isWhole) return undefined;
  return `replica ${slot} asked about ${last.token} with messages ${numbers.join(" ")}, of which ${before.join(" ")} were answered`;
}

function isSame(numbers: readonly number[], others: readonly number[]): boolean {
  return numbers.length === others.length && numbers.every((number, index) => number === others[index]);
}

/** 0 when whoever began with it finished it, in milliseconds. */
function takeOverOf({ covers, atMs }: Seen, { asked, falls, outages }: Evidence): number {
  const worked = asked.filter(({ asks }) =>
    asks.some((each) => covers.some((other) => isSameSpoken(each, other))),
  );
  let waitedMs = 0;
  for (const [index, { slot, atMs: askedAtMs }] of worked.entries()) {
    const untilMs = worked[index + 1]?.atMs ?? atMs;
    const fall = falls.find((each) => each.slot === slot && each.atMs >= askedAtMs && each.atMs < untilMs);
    // Of several falls the last counts: before it, somebody had taken over already.
    if (fall !== undefined) waitedMs = atMs - fall.atMs - awayMs(outages, fall.atMs, atMs);
  }
  return waitedMs;
}

/** How much of the time between two moments Redis was away. */
function awayMs(outages: readonly Outage[], fromMs: number, toMs: number): number {
  return outages.reduce(
    (sum, outage) => sum + Math.max(0, Math.min(outage.toMs, toMs) - Math.max(outage.fromMs, fromMs)),
    0,
  );
}

function isSameSpoken(one: Spoken, other: Spoken): boolean {
  return one.token === other.token;
}
