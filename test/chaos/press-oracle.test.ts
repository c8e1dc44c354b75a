import { describe, expect, test } from "vitest";

import { isPressOpen, judgePresses, judgeVerdicts, type PressedTalk } from "../support/chaos/press-oracle.ts";
import type { ArchivedText } from "../support/chaos/archived.ts";
import type { Press } from "../support/chaos/presser.ts";
import { spokenIn, versionsIn } from "../support/chaos/speech.ts";
import type { Asked } from "../support/chaos/telling-model.ts";
import type { Seen, Shown } from "../support/chaos/town.ts";

/** What a post showed at each time, each after its turn: `t1: v1 c1m0`. The buttons come with a whole answer. */
function post(...states: readonly string[]): Seen {
  const versions = states.map((state, index): Shown => {
    const [turn = "", text = ""] = state.split(": ");
    const buttons = turn === "" ? [] : [{ action: "regenerate", on: turn, id: turn, label: "Regenerate" }];
    return { covers: spokenIn(text), isAnswer: turn !== "", atMs: index, text, buttons };
  });
  const last = versions.at(-1);
  if (last === undefined) throw new RangeError("A post shows something");
  return { ...last, id: "post", versions };
}

function press(on: string, more: Partial<Press> = {}): Press {
  return { action: "regenerate", on, by: "U1", isAsker: true, atMs: 0, isTaken: true, ...more };
}

function asked(version: number, said: string, holds: string): Asked {
  const all = spokenIn(said);
  const before = spokenIn(holds);
  return {
    slot: 0,
    atMs: version,
    version,
    said: all,
    answered: before,
    asks: all.slice(before.length),
    holds: versionsIn(holds),
    words: { said: [], answered: [] },
    asksWords: [],
  };
}

function archived(text: string): ArchivedText {
  return { role: "bot", spoken: spokenIn(text), versions: versionsIn(text), words: [] };
}

interface Evidence {
  readonly presses?: readonly Press[];
  readonly asked?: readonly Asked[];
  readonly archived?: readonly ArchivedText[];
}

function counts(posts: readonly Seen[], evidence: Evidence = {}) {
  const talk: PressedTalk = {
    conversation: 1,
    town: "Slack",
    presses: evidence.presses ?? [],
    corner: { seen: () => posts },
  };
  const faults = judgePresses(talk, evidence.asked ?? [], evidence.archived ?? []);
  return Object.fromEntries(Object.entries(faults).map(([name, all]) => [name, all.length]));
}

const clean = { unpressed: 0, ignored: 0, outdated: 0 };
const again = post("t1: v1 c1m0", ": v2", "t2: v2 c1m0");

describe("the oracle of presses counts", () => {
  test("nothing, if an answer is given again once for all presses of one button", () => {
    const prompts = [asked(1, "c1m0", ""), asked(2, "c1m0", ""), asked(3, "c1m0 c1m1", "v2 c1m0")];
    const evidence = {
      presses: [press("t1"), press("t1", { by: "U2" })],
      asked: prompts,
      archived: [archived("v2 c1m0"), archived("v3 c1m1")],
    };
    expect(counts([again, post("t3: v3 c1m1")], evidence)).toEqual(clean);
  });

  test("an answer that was given again without a press", () => {
    expect(counts([again])).toEqual({ ...clean, unpressed: 1 });
    const twice = post("t1: v1 c1m0", "t2: v2 c1m0", "t3: v3 c1m0");
    expect(counts([twice], { presses: [press("t1")] })).toEqual({ ...clean, unpressed: 1 });
    expect(counts([again], { presses: [press("t1", { action: "thumbs-up" })] })).toMatchObject({
      unpressed: 1,
    });
  });

  test("a press that was taken and changed nothing, and none that may have been lost", () => {
    const presses = [press("t1"), press("t2")];
    expect(counts([again], { presses })).toEqual({ ...clean, ignored: 1 });
    expect(counts([again], { presses: [press("t1"), press("t2", { isTaken: false })] })).toEqual(clean);
    expect(counts([again], { presses: [press("t1"), press("t2", { isAsker: false })] })).toEqual(clean);
    expect(isPressOpen({ presses, corner: { seen: () => [again] } })).toBe(true);
    expect(isPressOpen({ presses: [press("t1")], corner: { seen: () => [again] } })).toBe(false);
  });

  test("a prompt with a version that an earlier prompt had replaced", () => {
    const prompts = [
      asked(1, "c1m0", ""),
      asked(2, "c1m0", ""),
      asked(3, "c1m0 c1m1", "v2 c1m0"),
      asked(4, "c1m0 c1m1 c1m2", "v1 c1m0, v3 c1m1"),
      asked(5, "c1m0 c1m1 c1m2 c1m3", "v2 c1m0, v3 c1m1, v4 c1m2"),
    ];
    const posts = [again, post("t3: v3 c1m1"), post("t4: v4 c1m2"), post("t5: v5 c1m3")];
    expect(counts(posts, { presses: [press("t1")], asked: prompts })).toEqual({ ...clean, outdated: 1 });
    // A replica that woke up too late may have asked it: nobody sees its answer.
    const unseen = posts.filter(({ text }) => !text.includes("v4"));
    const rest = [...prompts.slice(0, 4), asked(5, "c1m0 c1m1 c1m2 c1m3", "v2 c1m0, v3 c1m1")];
    expect(counts(unseen, { presses: [press("t1")], asked: rest })).toEqual(clean);
  });

  test("a last prompt that does not hold what people see", () => {
    const prompts = [asked(1, "c1m0", ""), asked(2, "c1m0", ""), asked(3, "c1m0 c1m1", "v1 c1m0")];
    const posts = [again, post("t3: v3 c1m1")];
    expect(counts(posts, { presses: [press("t1")], asked: prompts })).toEqual({ ...clean, outdated: 1 });
  });

  test("an archived version that nobody sees any more", () => {
    const evidence = { presses: [press("t1")], archived: [archived("v1 c1m0")] };
    expect(counts([again], evidence)).toEqual({ ...clean, outdated: 1 });
  });

  test("a verdict that is missing, doubled, or older than the person's last one", () => {
    const [up, down] = [press("t1", { action: "thumbs-up" }), press("t1", { action: "thumbs-down" })];
    const lost = { ...down, isTaken: false };
    const faults = (presses: readonly Press[], ...kept: readonly string[]): number => {
      const archive = kept.map((action) => ({ turn: "t1", by: "U1", action }));
      const talk = { conversation: 1, town: "Slack", presses, corner: { seen: () => [] } };
      return judgeVerdicts(talk, archive).length;
    };
    expect(faults([up, down, down], "thumbs-down")).toBe(0);
    expect(faults([up, lost], "thumbs-up") + faults([up, lost], "thumbs-down") + faults([lost])).toBe(0);
    expect(faults([up])).toBe(1);
    expect(faults([up], "thumbs-up", "thumbs-up")).toBe(1);
    expect(faults([up, down], "thumbs-up")).toBe(1);
    expect(faults([press("t1"), press("t2")])).toBe(0);
  });
});
