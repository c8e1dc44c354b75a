import { setTimeout } from "node:timers/promises";

import type { ModelRequest } from "../openai/model-request.ts";
import { startOpenAiStandIn, type OpenAiStandIn } from "../openai/openai-stand-in.ts";
import { streams, type StreamScript } from "../openai/script.ts";
import { endMark } from "../stages/stage.ts";
import type { BotSettings } from "../bot-process.ts";
import type { Random } from "./random.ts";
import { slowAnswerMs, slowly } from "./stopper.ts";
import { fileWordsIn, spokenIn, versionsIn, type Spoken } from "./speech.ts";
import {
  describeShown,
  drawWhenAsked,
  hearAndDraw,
  isDescription,
  mediaSettings,
  shownWithIn,
  shownWordsIn,
} from "./telling-media.ts";

const models = ["gpt-6-luna", ...Object.values(mediaSettings)];
const thawPollMs = 50;
const cutShare = 0.12;
/** Asks to go on with a cut answer, and quotes it. */
const goesOn = "[Your last message was cut off.";

/** One question to the model. */
export interface Asked {
  /** The replica that asked. */
  readonly slot: number;
  readonly atMs: number;
  /** The messages of people, oldest first. */
  readonly said: readonly Spoken[];
  /** The messages covered by earlier answers in the prompt, oldest first. */
  readonly answered: readonly Spoken[];
  /** The messages after the last answer, which the answer repeats. Empty when the last answer is continued. */
  readonly asks: readonly Spoken[];
  /** Of the answer to this question. Ascends over all replicas. */
  readonly version: number;
  /** Those of the earlier answers in the prompt. */
  readonly holds: readonly number[];
  /** The words of files and images in the prompt, with repetitions. */
  readonly words: { readonly said: readonly string[]; readonly answered: readonly string[] };
  /** Those after the last answer, which the answer repeats. */
  readonly asksWords: readonly string[];
}

/** A model that repeats its question in each answer. It has an address per replica, so that the asker is known. */
export interface TellingModel extends AsyncDisposable {
  readonly settingsOf: (slot: number) => BotSettings;
  /** In the order of arrival. */
  readonly asked: readonly Asked[];
  /** The number of unfinished answers: for one replica, or all. */
  readonly underWay: (slot?: number) => number;
  /** Requests that no OpenAI client may send. */
  readonly refusals: () => readonly string[];
}

/**
 * Holds answers to a frozen replica back until it has woken up. Otherwise the replica would find a complete answer
 * before it finds its Redis connections dead, and would write nothing too late.
 */
export async function startTellingModel(
  doors: number,
  isFrozen: (slot: number) => boolean,
  random: Random,
): Promise<TellingModel> {
  await using opening = new AsyncDisposableStack();
  const asked: Asked[] = [];
  const standIns: OpenAiStandIn[] = [];
  let described = 0;
  for (let slot = 0; slot < doors; slot += 1) {
    const respond = (request: ModelRequest): StreamScript => {
      if (isDescription(request))
        return describeShown(request, random.fork(`description ${(described += 1)}`));
      const question = read(slot, request, asked.length + 1);
      asked.push(question);
      const drawing = drawWhenAsked(request);
      if (drawing !== undefined) return drawing;
      const { token = "nothing" } = question.asks.at(-1) ?? {};
      const times = asked.filter(({ asks }) => asks.at(-1)?.token === token).length;
      if (request.messages.at(-1)?.text.includes(slowly) === true) return slowAnswerTo(question);
      return answerTo(question, () => isFrozen(slot), random.fork(`${token} ${times}`));
    };
    const standIn = opening.use(await startOpenAiStandIn({ respond, models }));
    hearAndDraw(standIn, random.fork(`media ${slot}`));
    standIns.push(standIn);
  }
  const opened = opening.move();
  return {
    asked,
    settingsOf: (slot) => ({
      ...mediaSettings,
      OPENAI_BASE_URL: standIns[slot]?.baseUrl ?? "",
      // No limits: the recovery is measured.
      LIMIT_PERSON_AT_ONCE: "0",
      OPENAI_API_KEY: standIns[slot]?.apiKey ?? "",
    }),
    underWay: (slot) =>
      standIns.reduce((sum, each, index) => sum + (index === (slot ?? index) ? each.underWay() : 0), 0),
    refusals: () => standIns.flatMap((each) => each.refusals),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function read(slot: number, request: ModelRequest, version: number): Asked {
  const { messages, atMs } = request;
  const lastAnswer = messages.findLastIndex(({ role }) => role === "assistant");
  const spoken = (role: string, from: number): readonly Spoken[] =>
    messages
      .slice(from)
      .flatMap(({ role: by, text }) => (by === role && !text.startsWith(goesOn) ? spokenIn(text) : []));
  const words = (role: string, from: number): readonly string[] =>
    messages.slice(from).flatMap(({ role: by, text }) => (by === role ? fileWordsIn(text) : []));
  const asks = spoken("user", lastAnswer + 1);
  return {
    slot,
    atMs,
    words: { said: [...words("user", 0), ...shownWordsIn(request)], answered: words("assistant", 0) },
    asksWords: [...words("user", lastAnswer + 1), ...shownWithIn(request, asks)],
    said: spoken("user", 0),
    answered: spoken("assistant", 0),
    asks,
    version,
    holds: messages.flatMap(({ role, text }) => (role === "assistant" ? versionsIn(text) : [])),
  };
}

/**
 * Some answers come at once and some take seconds, so that mischief always strikes during some. Some reach their length
 * limit.
 */
function answerTo({ asks, asksWords, version }: Asked, isFrozen: () => boolean, luck: Random): StreamScript {
  const pauseMs = luck.chance(0.3) ? luck.between(0, 30) : luck.between(100, 1_300);
  const isCut = luck.chance(cutShare);
  const heard = asks.length === 0 ? "I go on " : "I heard ";
  return streams(
    [
      { say: `${heard}v${version} ` },
      { waitMs: pauseMs },
      { say: [...asks.map(({ token }) => token), ...asksWords].join(", ") },
      { hold: thinkFor(pauseMs, isFrozen, luck.between(300, 1_500)) },
      { say: isCut ? ", and" : `. ${endMark}` },
    ],
    isCut ? "max-output-tokens" : "complete",
  );
}

/** For a person who stops it. */
function slowAnswerTo({ asks, version }: Asked): StreamScript {
  const tokens = asks.map(({ token }) => token).join(", ");
  return streams(
    [{ say: `I heard v${version} ${tokens}` }, { waitMs: slowAnswerMs }, { say: `. ${endMark}` }],
    "complete",
  );
}

async function thinkFor(ms: number, isFrozen: () => boolean, afterThawMs: number): Promise<void> {
  // Twice, because the step before takes as long.
  await setTimeout(2 * ms);
  if (!isFrozen()) return;
  while (isFrozen()) await setTimeout(thawPollMs);
  await setTimeout(afterThawMs);
}
