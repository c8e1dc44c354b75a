import type { Fall } from "./fleet.ts";
import type { Spoken } from "./speech.ts";
import type { ArchivedText } from "./archived.ts";
import type { ArchivedVerdict } from "./archived-verdicts.ts";
import { judgePresses, judgeVerdicts } from "./press-oracle.ts";
import type { Press } from "./presser.ts";
import { versionsIn } from "./speech.ts";
import { shakyIn, wasAnsweredIn, type Shaky, type Span } from "./lost-times.ts";
import type { Asked } from "./telling-model.ts";
import type { Corner, Seen, Shown, Town } from "./town.ts";

/** A conversation and its delivered messages. */
export interface Talk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner: Corner;
  /** When each message was acknowledged, in order. */
  readonly saidAtMs: readonly number[];
  /** In order. */
  readonly presses: readonly Press[];
}

/** The counts. All but `turns` and the times must be zero. */
export interface Verdict {
  readonly turns: number;
  /** Messages that no answer covers. */
  readonly lost: number;
  /** Messages that several answers cover. */
  readonly doubledAnswers: number;
  /** Posts that never became an answer, or repeat one. */
  readonly doubledPosts: Readonly<Record<"Slack" | "Discord", number>>;
  /** Those of them that are more than a line announcing an answer. */
  readonly halfAnswers: number;
  readonly outOfOrder: number;
  /** Prompts that lack an earlier message or answer, hold it twice, or in another order. */
  readonly wrongPrompts: number;
  /** Messages and answers that the archive lacks or holds twice. */
  readonly wronglyArchived: number;
  /** Answers that were given again without a press, presses without effect, and replaced answers that are still used. */
  readonly wrongPresses: number;
  /** Doubled answers and posts whose record Redis lost, which is allowed. */
  readonly mayBeTwice: number;
  readonly slowestS: number;
  /** The longest time from the death of a replica during a turn to the answer, without outages. */
  readonly takeOverS: number;
  /** The findings, one line each. */
  readonly details: readonly string[];
}

interface Evidence {
  readonly talks: readonly Talk[];
  readonly asked: readonly Asked[];
  readonly falls: readonly Fall[];
  /** Times without Redis or without any replica, when no take-over is possible. */
  readonly outages: readonly Span[];
  /** Spans whose writes Redis lost. */
  readonly lostTimes: readonly Span[];
  readonly archived: readonly ArchivedText[];
  /** Missing: they are not judged. */
  readonly verdicts?: readonly ArchivedVerdict[] | undefined;
}

/** Counts what the platforms, the model and the archive have, and trusts nothing that the bot says. */
export function judge(evidence: Evidence): Verdict {
  const { talks, asked, lostTimes, archived } = evidence;
  const shaky = shakyIn(talks, lostTimes);
  const judged = talks.map((talk) => judgeTalk(talk, lostTimes, shaky));
  const sum = (pick: (each: TalkVerdict) => number): number =>
    judged.reduce((total, each) => total + pick(each), 0);
  const doubled = (town: Town["name"]): number => sum((each) => (each.town === town ? each.doubledPosts : 0));
  const prompts = asked.flatMap((each) => faultOf(each, shaky) ?? []);
  const archive = talks.flatMap((talk) => archiveFaults(talk, archived, shaky));
  const presses = talks.flatMap((talk) => pressFaults(talk, evidence));
  const takeOvers = judged.flatMap((each) => each.answers.map((answer) => takeOverOf(answer, evidence)));
  return {
    turns: sum((each) => each.answers.length),
    lost: sum((each) => each.lost),
    doubledAnswers: sum((each) => each.doubledAnswers),
    doubledPosts: { Slack: doubled("Slack"), Discord: doubled("Discord") },
    halfAnswers: sum((each) => each.halfAnswers),
    outOfOrder: sum((each) => each.outOfOrder),
    wrongPrompts: prompts.length,
    wronglyArchived: archive.length,
    wrongPresses: presses.length,
    mayBeTwice: sum((each) => each.mayBeTwice),
    slowestS: Math.max(0, ...judged.map((each) => each.slowestMs)) / 1_000,
    takeOverS: Math.max(0, ...takeOvers) / 1_000,
    details: [...judged.flatMap((each) => each.details), ...prompts, ...archive, ...presses],
  };
}

/** The number of answered messages. */
export function answeredIn(talk: Talk): number {
  return new Set(answersIn(talk).flatMap(({ covers }) => covers.map(({ token }) => token))).size;
}

/** What a lost second may break is not judged. */
function pressFaults(talk: Talk, { asked, archived, verdicts, lostTimes }: Evidence): readonly string[] {
  if (lostTimes.length > 0) return [];
  const { unpressed, ignored, outdated } = judgePresses(talk, asked, archived);
  const misjudged = verdicts === undefined ? [] : judgeVerdicts(talk, verdicts);
  return [...unpressed, ...ignored, ...outdated, ...misjudged];
}

function answersIn({ corner }: Talk): readonly Seen[] {
  return corner.seen().filter(({ isAnswer }) => isAnswer);
}

const placeholder = "_Thinking…_";

interface TalkVerdict {
  readonly town: Town["name"];
  readonly answers: readonly Seen[];
  readonly lost: number;
  readonly doubledAnswers: number;
  readonly doubledPosts: number;
  readonly halfAnswers: number;
  readonly mayBeTwice: number;
  readonly outOfOrder: number;
  readonly slowestMs: number;
  readonly details: readonly string[];
}

function judgeTalk(talk: Talk, lostTimes: readonly Span[], shaky: Shaky): TalkVerdict {
  const { conversation, town, corner, saidAtMs } = talk;
  const details: string[] = [];
  const posts = corner.seen();
  const answers = posts.filter(({ isAnswer }) => isAnswer);
  const tell = (what: string): void => void details.push(`${town} conversation ${conversation}: ${what}`);
  let [lost, doubledAnswers, mayBeTwice, slowestMs] = [0, 0, 0, 0];
  for (const [number, deliveredAtMs] of saidAtMs.entries()) {
    const covering = answers.filter(({ covers }) => covers.some((each) => each.number === number));
    if (covering.length === 0) tell(`message ${number} has no answer`);
    if (covering.length > 1) tell(`message ${number} has ${covering.length} answers`);
    lost += covering.length === 0 ? 1 : 0;
    if (covering.length > 1 && shaky.has(conversation, number)) mayBeTwice += 1;
    else doubledAnswers += covering.length > 1 ? 1 : 0;
    slowestMs = Math.max(
      slowestMs,
      ...covering.slice(0, 1).map((each) => firstAnswerMs(each) - deliveredAtMs),
    );
  }
  const numbers = answers
    .flatMap(({ covers }) => covers.map(({ number }) => number))
    .filter((number) => !shaky.has(conversation, number));
  const outOfOrder = numbers.filter((number, index) => number < (numbers[index - 1] ?? -1)).length;
  if (outOfOrder > 0) tell(`answered in the order ${numbers.join(" ")}`);
  const strays = posts.filter(({ isAnswer }) => !isAnswer);
  for (const stray of strays) {
    tell(
      `a post that is no answer, for ${stray.covers.map(({ number }) => number).join(" ")}: ${stray.text}`,
    );
  }
  const left = strays.filter((stray) => wasAnsweredIn(lostTimes, stray));
  const half = strays.filter((stray) => !left.includes(stray) && stray.text !== placeholder);
  return {
    town,
    answers,
    lost,
    doubledAnswers,
    outOfOrder,
    slowestMs,
    details,
    doubledPosts: strays.length - left.length,
    halfAnswers: half.length,
    mayBeTwice: mayBeTwice + left.length,
  };
}

/** When it was an answer for the first time. It may have been given again since. */
function firstAnswerMs({ versions, atMs }: Seen): number {
  return versions.find(({ isAnswer }) => isAnswer)?.atMs ?? atMs;
}

/** Undefined for a prompt that holds everything up to its question, once and in order. */
function faultOf({ said, answered, asks, slot }: Asked, shaky: Shaky): string | undefined {
  const last = said.at(-1);
  if (last === undefined) return `replica ${slot} asked the model about nothing`;
  const isSure = ({ number }: Spoken): boolean => !shaky.has(last.conversation, number);
  const numbers = said.filter(isSure).map(({ number }) => number);
  const before = answered.filter(isSure).map(({ number }) => number);
  const isOfOne = [...said, ...answered].every((each) => each.conversation === last.conversation);
  const isOnce = new Set(said.map(({ token }) => token)).size === said.length;
  // Redis may have lost its arrival, and it came again after later ones.
  const until = isSure(last) ? last.number : Math.max(...said.map(({ number }) => number));
  const due = Array.from({ length: until + 1 }, (_, number) => number).filter(
    (number) => !shaky.has(last.conversation, number),
  );
  const open = asks.filter(isSure).length;
  const isWhole = isSame(numbers, due) && isSame(before, due.slice(0, numbers.length - open));
  if (isOfOne && isOnce && isWhole) return undefined;
  const told = (all: readonly Spoken[]): string => all.map(({ number }) => number).join(" ");
  return `replica ${slot} asked about ${last.token} with messages ${told(said)}, of which ${told(answered)} were answered`;
}

/** Differences between the archive and the talks: each message once, and each in one answer. */
function archiveFaults(
  { conversation, saidAtMs, town }: Talk,
  archived: readonly ArchivedText[],
  shaky: Shaky,
): readonly string[] {
  return [...saidAtMs.keys()].flatMap((number) => {
    const holding = archived.filter(({ spoken }) =>
      spoken.some((each) => each.conversation === conversation && each.number === number),
    );
    const said = holding.filter(({ role }) => role === "person").length;
    const answers = holding.length - said;
    const isAnswered = answers === 1 || (answers > 1 && shaky.has(conversation, number));
    if (said === 1 && isAnswered) return [];
    return [
      `${town} conversation ${conversation}: the archive holds message ${number} ${said} times, in ${answers} answers`,
    ];
  });
}

function isSame(numbers: readonly number[], others: readonly number[]): boolean {
  return numbers.length === others.length && numbers.every((number, index) => number === others[index]);
}

/** 0 if each replica that began to answer also finished. In milliseconds. */
function takeOverOf({ covers, versions }: Seen, { asked, falls, outages }: Evidence): number {
  const answers = versions.filter(({ isAnswer }) => isAnswer);
  const worked = asked.filter(({ asks }) =>
    asks.some((each) => covers.some((other) => isSameSpoken(each, other))),
  );
  // The last death before an answer counts; after earlier ones another replica had already taken over.
  const waits = new Map<Shown, number>();
  for (const [index, { slot, version, atMs: askedAtMs }] of worked.entries()) {
    const isFinished = answers.some(({ text }) => versionsIn(text).includes(version));
    const next = answers.find(({ atMs }) => atMs >= askedAtMs);
    if (isFinished || next === undefined) continue;
    const untilMs = Math.min(worked[index + 1]?.atMs ?? Infinity, next.atMs);
    const fall = falls.find((each) => each.slot === slot && each.atMs >= askedAtMs && each.atMs < untilMs);
    if (fall !== undefined) waits.set(next, next.atMs - fall.atMs - awayMs(outages, fall.atMs, next.atMs));
  }
  return Math.max(0, ...waits.values());
}

/** How much of a span lies in outages. */
function awayMs(outages: readonly Span[], fromMs: number, toMs: number): number {
  let [sum, countedMs] = [0, fromMs];
  for (const outage of outages.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const untilMs = Math.min(outage.toMs, toMs);
    sum += Math.max(0, untilMs - Math.max(outage.fromMs, countedMs));
    countedMs = Math.max(countedMs, untilMs);
  }
  return sum;
}

function isSameSpoken(one: Spoken, other: Spoken): boolean {
  return one.token === other.token;
}
