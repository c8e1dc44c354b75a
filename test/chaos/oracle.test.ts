import { describe, expect, test } from "vitest";

import { judge, type Talk } from "../support/chaos/oracle.ts";
import type { ArchivedText } from "../support/chaos/archived.ts";
import type { Span } from "../support/chaos/lost-times.ts";
import { spokenIn } from "../support/chaos/speech.ts";
import type { Asked } from "../support/chaos/telling-model.ts";
import type { Seen } from "../support/chaos/town.ts";

const start = 1_000_000;

function answer(tokens: string, atMs = start + 500): Seen {
  const shown = { covers: spokenIn(tokens), isAnswer: true, atMs, text: tokens, buttons: [] };
  return { ...shown, id: `${tokens} ${atMs}`, versions: [shown] };
}

function talk(messages: number, seen: readonly Seen[]): Talk {
  return {
    conversation: 1,
    town: "Slack",
    corner: {
      say: async () => "",
      takeBack: async () => undefined,
      seen: () => seen,
      images: () => [],
      press: async () => true,
      authorOf: (name) => name,
    },
    presses: [],
    saidAtMs: Array.from({ length: messages }, () => start),
  };
}

function asked(said: string, answered: string, more: Partial<Asked> = {}): Asked {
  const all = spokenIn(said);
  const before = spokenIn(answered);
  return {
    slot: 0,
    atMs: start,
    said: all,
    answered: before,
    asks: all.slice(before.length),
    version: 0,
    holds: [],
    words: { said: [], answered: [] },
    asksWords: [],
    ...more,
  };
}

function filed(role: string, tokens: string): ArchivedText {
  return { role, spoken: spokenIn(tokens), versions: [], words: [] };
}

/** An archive that holds every message and every answer once. */
function allOf(talks: readonly Talk[]): readonly ArchivedText[] {
  return talks.flatMap(({ saidAtMs }) =>
    [...saidAtMs.keys()].flatMap((number) => [
      filed("person", `c1m${number}`),
      filed("bot", `I heard c1m${number}`),
    ]),
  );
}

function counts(
  talks: readonly Talk[],
  questions: readonly Asked[] = [],
  {
    archived = allOf(talks),
    lostTimes = [],
  }: { readonly archived?: readonly ArchivedText[]; readonly lostTimes?: readonly Span[] } = {},
) {
  const {
    details: _,
    doubledPosts,
    slowestS: __,
    takeOverS: ___,
    ...rest
  } = judge({
    talks,
    asked: questions,
    falls: [],
    outages: [],
    lostTimes,
    archived,
  });
  return { ...rest, doubledPosts: doubledPosts.Slack };
}

const clean = {
  lost: 0,
  doubledAnswers: 0,
  doubledPosts: 0,
  halfAnswers: 0,
  outOfOrder: 0,
  wrongPrompts: 0,
  wronglyArchived: 0,
  wrongPresses: 0,
  mayBeTwice: 0,
};

describe("the chaos oracle counts", () => {
  test("nothing, if each message is answered once and in order, alone or with others", () => {
    const seen = [answer("c1m0"), answer("c1m1 c1m2")];
    const prompts = [asked("c1m0", ""), asked("c1m0 c1m1 c1m2", "c1m0")];
    expect(counts([talk(3, seen)], prompts)).toEqual({ ...clean, turns: 2 });
  });

  test("a message without an answer as lost", () => {
    expect(counts([talk(2, [answer("c1m0")])])).toEqual({ ...clean, turns: 1, lost: 1 });
  });

  test("a message with two answers as doubled", () => {
    const seen = [answer("c1m0"), answer("c1m0 c1m1")];
    expect(counts([talk(2, seen)])).toMatchObject({ lost: 0, doubledAnswers: 1 });
  });

  test("answers in the wrong order as out of order", () => {
    const seen = [answer("c1m1"), answer("c1m0")];
    expect(counts([talk(2, seen)])).toEqual({ ...clean, turns: 2, outOfOrder: 1 });
  });

  test("a post that never became an answer as a doubled post, and its message as lost", () => {
    const stray = { ...answer("c1m0"), isAnswer: false };
    expect(counts([talk(1, [stray])])).toEqual({
      ...clean,
      turns: 0,
      lost: 1,
      doubledPosts: 1,
      halfAnswers: 1,
    });
    const line = { ...stray, text: "_Thinking…_" };
    expect(counts([talk(1, [line])])).toEqual({ ...clean, turns: 0, lost: 1, doubledPosts: 1 });
  });

  test.each([
    ["lacks a message", asked("c1m0 c1m2", "c1m0")],
    ["holds a message twice", asked("c1m0 c1m0 c1m1", "c1m0")],
    ["holds messages in another order", asked("c1m1 c1m0 c1m2", "c1m0 c1m1")],
    ["lacks an answer", { ...asked("c1m0 c1m1 c1m2", "c1m0"), asks: spokenIn("c1m2") }],
    ["holds an answer twice", { ...asked("c1m0 c1m1", "c1m0"), answered: spokenIn("c1m0 c1m0") }],
    ["holds what was said elsewhere", asked("c2m0 c1m1", "c2m0")],
  ])("a prompt that %s as wrong", (_, prompt) => {
    expect(counts([], [prompt])).toMatchObject({ wrongPrompts: 1 });
  });

  test.each([
    ["lacks a message", [filed("bot", "c1m0")]],
    ["lacks an answer", [filed("person", "c1m0")]],
    ["holds a message twice", [filed("person", "c1m0"), filed("person", "c1m0"), filed("bot", "c1m0")]],
    ["holds an answer twice", [filed("person", "c1m0"), filed("bot", "c1m0"), filed("bot", "c1m0")]],
  ])("an archive that %s as wrong", (_, archived) => {
    expect(counts([talk(1, [answer("c1m0")])], [], { archived })).toMatchObject({ wronglyArchived: 1 });
  });

  test("messages that Redis lost as possibly doubled, and later messages as usual", () => {
    const twice = [answer("c1m0"), answer("c1m0 c1m1", start + 9_000)];
    const stray = { ...answer("c1m1", start + 100), isAnswer: false };
    const second = { fromMs: start - 900, toMs: start + 100 };
    const lostTimes = [second];
    expect(counts([talk(2, [...twice, stray])], [], { lostTimes })).toEqual({
      ...clean,
      turns: 2,
      mayBeTwice: 2,
    });
    expect(counts([talk(2, [answer("c1m0")])], [], { lostTimes })).toMatchObject({ lost: 1 });
    const before = [{ fromMs: start - 1_700, toMs: start - 700 }];
    expect(counts([talk(2, twice)], [], { lostTimes: before })).toMatchObject({ doubledAnswers: 1 });
  });

  test("nothing wrong in a prompt about a message that Redis lost, and that came again after later ones", () => {
    const saidAtMs = [start, start + 20_000, start + 40_000];
    const talks = [{ ...talk(3, [answer("c1m0 c1m1 c1m2", start + 60_000)]), saidAtMs }];
    const lostTimes = [{ fromMs: start - 900, toMs: start + 100 }];
    const late = asked("c1m1 c1m2 c1m0", "c1m1 c1m2");
    expect(counts(talks, [late], { lostTimes })).toMatchObject({ wrongPrompts: 0 });
    expect(counts(talks, [late])).toMatchObject({ wrongPrompts: 1 });
    const short = asked("c1m2 c1m0", "c1m2");
    expect(counts(talks, [short], { lostTimes })).toMatchObject({ wrongPrompts: 1 });
  });

  test("the time from the death of the working replica to the answer, without outages and other deaths", () => {
    const questions = [asked("c1m0", "", { slot: 1 }), asked("c1m0", "", { slot: 2, atMs: start + 9_000 })];
    const talks = [talk(1, [answer("c1m0", start + 10_000)])];
    const takeOver = (
      falls: Parameters<typeof judge>[0]["falls"],
      outages: Parameters<typeof judge>[0]["outages"] = [],
    ): number =>
      judge({ talks, asked: questions, falls, outages, lostTimes: [], archived: allOf(talks) }).takeOverS;
    expect(takeOver([{ slot: 1, atMs: start + 1_000 }])).toBe(9);
    const outage = { fromMs: start + 500, toMs: start + 4_000 };
    expect(takeOver([{ slot: 1, atMs: start + 1_000 }], [outage])).toBe(6);
    const others = [{ fromMs: start + 3_000, toMs: start + 5_000 }, outage];
    expect(takeOver([{ slot: 1, atMs: start + 1_000 }], others)).toBe(5);
    expect(takeOver([{ slot: 1, atMs: start - 1 }])).toBe(0);
    expect(takeOver([{ slot: 0, atMs: start + 1_000 }])).toBe(0);
    expect(takeOver([{ slot: 1, atMs: start + 9_500 }])).toBe(0);
  });
});
