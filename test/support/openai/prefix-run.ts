import { setTimeout } from "node:timers/promises";

import { startBot } from "../bot-process.ts";
import { Random } from "../chaos/random.ts";
import { openWebStage } from "../stages/web-stage.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { badSummariser, isSummaryRequest } from "./bad-summariser.ts";
import type { ModelRequest } from "./model-request.ts";
import { startOpenAiStandIn } from "./openai-stand-in.ts";
import { encodeSegment, segmentsOf, sharedPrefixShare, type PrefixShare } from "./prefix-share.ts";
import { says } from "./script.ts";

const patienceMs = 30_000;
/** The web chat takes twenty messages a second from one person. */
const paceMs = 60;

export interface PrefixRun {
  /** The bot's own prompts. */
  readonly bot: PrefixShare;
  /** The same talk in a window that drops one message for each that comes, once it is full. */
  readonly sliding: PrefixShare;
  /** How often the bot asked for a fold meanwhile, refused ones included. */
  readonly folds: number;
  /** Of all tokens of the bot's prompts: those that the provider reported as cached. */
  readonly cachedShare: number;
  readonly longestPrompt: number;
}

/** One long talk of one person with the whole bot, and how much of its prompts repeats. @throws when an answer does not come. */
export async function runPrefix({
  turns,
  contextTokens,
}: {
  readonly turns: number;
  readonly contextTokens: number;
}): Promise<PrefixRun> {
  const talk = Array.from({ length: turns }, (_, turn) => exchange(turn));
  const summarize = badSummariser({ seed: 1 });
  await using standIn = await startOpenAiStandIn({
    respond: (request) => (isSummaryRequest(request) ? summarize(request) : says(...answerTo(talk, request))),
  });
  using folder = temporaryFolder();
  await using stage = openWebStage();
  await using bot = await startBot({
    OPENAI_BASE_URL: standIn.baseUrl,
    OPENAI_API_KEY: standIn.apiKey,
    CONTEXT_TOKENS: String(contextTokens),
    DATA_DIR: folder.path,
  });
  await stage.connect(bot);
  const room = stage.openRoom("Ada");
  for (const [turn, { question }] of talk.entries()) {
    // Not by their count: people are shown the newest answers only.
    const isAnswered = until(() => room.answers().some((text) => text.startsWith(`Answer ${turn}:`)));
    await Promise.all([room.say(question), isAnswered, setTimeout(paceMs)]);
  }
  await bot.stop();
  if (standIn.refusals.length > 0) throw new Error(`The stand-in refused: ${standIn.refusals.join("; ")}`);
  return { ...measure(standIn.requests, talk, contextTokens), cachedShare: cachedShareIn(bot.log) };
}

interface Exchange {
  readonly question: string;
  readonly answer: readonly string[];
}

/** As long as what people and bots write to each other. */
function exchange(turn: number): Exchange {
  const random = new Random(`exchange ${turn}`);
  const words = (least: number, most: number): string =>
    Array.from({ length: random.between(least, most) }, () => random.pick(vocabulary)).join(" ");
  return {
    question: `Question ${turn}: ${words(10, 60)}?`,
    answer: [`Answer ${turn}: `, words(40, 180), "."],
  };
}

const vocabulary =
  "the a to of we and is for on in that it with this can you by at from or have plan launch date budget team server test review draft venue release customer ticket invoice change Friday Monday number list first second later early maybe sure".split(
    " ",
  );

function answerTo(talk: readonly Exchange[], { messages }: ModelRequest): readonly string[] {
  const [, turn] = /Question (\d+):/u.exec(messages.at(-1)?.text ?? "") ?? [];
  return talk[Number(turn)]?.answer ?? ["I don't know."];
}

function measure(
  requests: readonly ModelRequest[],
  talk: readonly Exchange[],
  contextTokens: number,
): Omit<PrefixRun, "cachedShare"> {
  const encode = remembering(encodeSegment);
  const asked = requests.filter((request) => !isSummaryRequest(request));
  const prompts = asked.map((request) => segmentsOf(request).flatMap(encode));
  const sliding = slidingPrompts(asked, talk, (segments) => segments.flatMap(encode).length <= contextTokens);
  return {
    bot: sharedPrefixShare(prompts),
    sliding: sharedPrefixShare(sliding.map((segments) => segments.flatMap(encode))),
    folds: requests.length - asked.length,
    longestPrompt: Math.max(...prompts.map(({ length }) => length)),
  };
}

/** What a bot would send that keeps as many of the newest messages as fit. */
function slidingPrompts(
  asked: readonly ModelRequest[],
  talk: readonly Exchange[],
  fits: (segments: readonly string[]) => boolean,
): readonly (readonly string[])[] {
  const spoken: string[] = [];
  let from = 0;
  return asked.map((request, turn) => {
    const segments = segmentsOf(request);
    const head = segments.slice(0, 1 + request.tools.length);
    spoken.push((segments.at(-1) ?? "").replace(/\\n\\n\[It is now [^\]]*\]/u, ""));
    while (from < spoken.length - 1 && !fits([...head, ...spoken.slice(from)])) from += 1;
    const prompt = [...head, ...spoken.slice(from)];
    spoken.push(JSON.stringify({ role: "assistant", content: talk[turn]?.answer.join("") }));
    return prompt;
  });
}

/** Of all prompt tokens: those that the provider reported as cached, as the bot's log has them. */
function cachedShareIn(log: readonly Readonly<Record<string, unknown>>[]): number {
  const answered = log.filter(({ msg }) => msg === "model answered");
  const sum = (field: string): number => answered.reduce((total, line) => total + Number(line[field]), 0);
  return sum("cachedTokens") / sum("promptTokens");
}

function remembering<Result>(work: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const result = known.get(text) ?? work(text);
    known.set(text, result);
    return result;
  };
}

async function until(isSo: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  while (!isSo()) {
    if (Date.now() > deadlineMs) throw new Error("An answer does not come");
    await setTimeout(5);
  }
}
