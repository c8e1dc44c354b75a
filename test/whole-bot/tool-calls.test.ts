import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import type { ModelRequest } from "../support/openai/model-request.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { callOf, says, streams, type Step, type StreamScript } from "../support/openai/script.ts";
import { endMark } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startToyServer } from "../support/toys/toy-server.ts";

const patiently = { timeout: 60_000, interval: 20 };
const lookUp = (of: string) => ({ call: callOf("look_up", { of }) });

/** What a kill interrupts in a conversation: the calls that the model wants in each round, and what is called by the kill. */
interface Interrupted {
  readonly rounds: readonly (readonly Step[])[];
  readonly calledBefore: readonly string[];
  readonly calls: readonly string[];
  readonly answer: string;
}

const interrupted: Readonly<Record<string, Interrupted>> = {
  "between two rounds": {
    rounds: [[{ say: "Looking." }, lookUp("one")], [lookUp("two")]],
    calledBefore: ["/look_up/one"],
    calls: ["/look_up/one", "/look_up/two"],
    answer: `Looking.\n\nIt says ONE. It says TWO.${endMark}`,
  },
  "in the second call of a round": {
    rounds: [[lookUp("three"), lookUp("four")]],
    calledBefore: ["/look_up/three", "/look_up/four"],
    // The one that had no result yet, and only that one.
    calls: ["/look_up/three", "/look_up/four", "/look_up/four"],
    answer: `It says THREE. It says FOUR.${endMark}`,
  },
  "in a writing call whose tool is asked for the outcome": {
    rounds: [[lookUp("five"), { call: callOf("write_down", { of: "milk" }) }]],
    calledBefore: ["/look_up/five", "/write_down/milk"],
    calls: ["/look_up/five", "/write_down/milk"],
    answer: `It says FIVE. It says MILK.${endMark}`,
  },
  "in a writing call whose tool can't tell": {
    rounds: [[lookUp("six"), { call: callOf("ring", { of: "eggs" }) }]],
    calledBefore: ["/look_up/six", "/write_down/eggs"],
    calls: ["/look_up/six", "/write_down/eggs"],
    answer: "(I don't know if this was done. Please check: ring for eggs.)",
  },
};
const questions = Object.keys(interrupted);
const questionIn = ({ messages }: ModelRequest): string =>
  questions.find((question) => messages.at(-1)?.text.includes(question)) ?? "";

/** People in the web chat, each with a question of their own, and what the bot needs to answer with toy tools. */
async function openTown() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const { promise: never } = Promise.withResolvers<never>();
  let isHeld = true;
  const respond = (request: ModelRequest): StreamScript => {
    const { results } = request;
    const { rounds = [] } = interrupted[questionIn(request)] ?? {};
    const callsIn = (steps: readonly Step[]): number => steps.filter((step) => "call" in step).length;
    const done = rounds.findIndex((_, at) => callsIn(rounds.slice(0, at).flat()) === results.length);
    if (isHeld && done > 0) return streams([{ hold: never }], "complete");
    const calls = rounds[done];
    if (calls !== undefined) return streams(calls, "complete");
    return says(results.map(({ result }) => result).join(" "), endMark);
  };
  const openai = opened.use(await startOpenAiStandIn({ respond }));
  const toys = opened.use(await startToyServer());
  for (const held of ["/look_up/four", "/write_down/milk", "/write_down/eggs"]) toys.holds.set(held, never);
  const stage = opened.use(openWebStage());
  const rooms = new Map(questions.map((question) => [question, stage.openRoom(question)]));
  const settings = {
    ...stage.settings,
    ...toys.settings,
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    DATA_DIR: folder.path,
  };
  const start = async () => {
    const bot = opened.use(await startBot(settings));
    await stage.connect(bot);
    return bot;
  };
  const letGo = (): void => {
    isHeld = false;
    toys.holds.clear();
  };
  /** Of one question, in order: the numbers of results that the model was asked with. */
  const asked = (question: string): readonly number[] =>
    openai.requests.filter((each) => questionIn(each) === question).map(({ results }) => results.length);
  return { openai, toys, rooms, start, letGo, asked, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test("no tool call that was made is repeated after a kill, wherever it comes", async () => {
  await using town = await openTown();
  const first = await town.start();
  const callsOf = ({ calls }: Interrupted): readonly string[] =>
    town.toys.calls.filter((path) => calls.includes(path));
  await Promise.all(Array.from(town.rooms, ([question, room]) => room.say(question)));
  await expect
    .poll(() => Object.values(interrupted).map(callsOf), patiently)
    .toEqual(Object.values(interrupted).map(({ calledBefore }) => calledBefore));
  // The first call has its result: the model is asked again.
  await expect.poll(() => town.asked("between two rounds"), patiently).toEqual([0, 1]);
  await first.kill();
  town.letGo();
  await town.start();
  await expect
    .poll(() => Array.from(town.rooms.values(), (room) => room.answers()), patiently)
    .toEqual(Object.values(interrupted).map(({ answer }) => [expect.stringContaining(answer)]));
  expect(Object.values(interrupted).map(callsOf)).toEqual(
    Object.values(interrupted).map(({ calls }) => calls),
  );
  // The model was asked for its calls once.
  expect(questions.map(town.asked)).toEqual([
    [0, 1, 1, 2],
    [0, 2],
    [0, 2],
    [0, 2],
  ]);
  expect(town.openai.refusals).toEqual([]);
});
