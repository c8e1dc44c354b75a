import { expect, test } from "vitest";

import { spokenIn, versionsIn } from "../support/chaos/speech.ts";
import { isNeverStopped, judgeStops } from "../support/chaos/stop-oracle.ts";
import type { Stopping } from "../support/chaos/stopper.ts";
import type { Asked } from "../support/chaos/telling-model.ts";
import type { Seen } from "../support/chaos/town.ts";

const start = 1_000_000;
const stopped = "I heard v1 c1m0\n\n*(Stopped here.)*";
const whole = "I heard v1 c1m0. ∎";
const final = "I heard v2 c1m1. ∎";

function post(text: string): Seen {
  const shown = { covers: spokenIn(text), isAnswer: true, atMs: start + 20_000, text, buttons: [] };
  return { ...shown, id: text, versions: [shown] };
}

function lastPrompt(answered: string): Asked {
  const words = { said: [], answered: [] };
  const said = spokenIn("c1m0 c1m1");
  const more = { asks: said.slice(1), asksWords: [], version: 2, holds: versionsIn(answered) };
  return { slot: 0, atMs: start, said, answered: spokenIn(answered), words, ...more };
}

function talk(texts: readonly string[], stopping: Partial<Stopping> = { takenAtMs: start }) {
  const corner = { seen: () => texts.map(post) };
  return { conversation: 1, town: "Slack", corner, stoppings: [{ number: 0, ...stopping }] } as const;
}

function faults(texts: readonly string[], answered = stopped, stopping?: Partial<Stopping>) {
  return judgeStops(talk(texts, stopping), [lastPrompt(answered)]).map((each) =>
    each.replace("Slack conversation 1: ", ""),
  );
}

test("an answer that stopped, or that was whole before its Stop, is right", () => {
  expect(faults([stopped, final])).toEqual([]);
  expect(faults([whole, final], whole, { takenAtMs: start + 19_000 })).toEqual([]);
  expect(faults([whole, final], whole, {})).toEqual([]);
  expect(faults(["_Thinking…_", stopped, final])).toEqual([]);
});

test("an answer that is lost, half, remembered wrongly, or not stopped is a fault", () => {
  expect(faults([final], "", {})).toEqual(["2 messages have 1 answers"]);
  expect(faults([stopped, "I heard v3 c1m0", final])).toEqual(["1 answers did not end"]);
  expect(faults([whole, final], whole)).toEqual(["the answer to message 0 was stopped, and went on"]);
  expect(faults([stopped, final], "")).toEqual(["the last prompt holds versions , and people see 1"]);
});

test("a run in which no Stop had an effect means nothing", () => {
  expect(isNeverStopped([talk([whole, final])])).toBe(false);
  expect(isNeverStopped(Array.from({ length: 3 }, () => talk([whole, final])))).toBe(true);
  expect(isNeverStopped(Array.from({ length: 3 }, () => talk([stopped, final])))).toBe(false);
});
