import { describe, expect, test } from "vitest";

import { lastPrompt, openAgainBench, turnShown } from "../../support/core/again-bench.ts";
import { againPress } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import type { Preferences } from "../../../src/domain/preferences.ts";

const { signal } = new AbortController();
const answers = ["one", "two", "three"];
const wish = "[How the person who asks has set the chat:";

async function choose(bench: RealBench, person: string, change: Partial<Preferences>): Promise<void> {
  await bench.preferences.change("fake", person, { ...change, atMs: bench.clock.nowMs() }, signal);
}

function wishIn(bench: Pick<RealBench, "model">): string | undefined {
  const lines = lastPrompt(bench).flatMap((text) => text.split("\n"));
  return lines.findLast((line) => line.startsWith(wish));
}

describe("the preferences of a person", () => {
  test("reach the prompt behind the question, above the time, and change nothing before it", async () => {
    await using plain = await openAgainBench(answers);
    await using bench = await openAgainBench(answers);
    await choose(bench, "ada", { language: "de", length: "short" });
    for (const each of [plain, bench]) {
      await each.say("a", "where do we meet?");
      await each.say("b", "and when?");
    }
    const [before, now] = [plain, bench].map(({ model }) => model.timedPrompts.at(-1));
    expect(now?.instructions).toBe(before?.instructions);
    expect(now?.tools).toEqual(before?.tools);
    expect(now?.messages.slice(0, -1)).toEqual(before?.messages.slice(0, -1));
    expect(now?.messages.at(-1)?.text).toMatch(
      /Ada: and when\?\n\n\[How the person who asks has set the chat: Answer in German,[^\n]* Keep the answer short[^\n]*\]\n\n\[It is now [^\n]*\]$/u,
    );
    expect(before?.messages.at(-1)?.text).not.toContain(wish);
  });

  test("are those of the asker, where several people write", async () => {
    await using bench = await openAgainBench(answers);
    await choose(bench, "ada", { language: "fr" });
    await choose(bench, "bob", { length: "detailed" });
    await bench.say("a", "where do we meet?");
    expect(wishIn(bench)).toContain("Answer in French");
    await bench.say("b", "and when?", { by: "bob" });
    expect(wishIn(bench)).toBe(`${wish} Answer in detail.]`);
    await bench.say("c", "who comes?", { by: "cleo" });
    expect(wishIn(bench)).toBe(undefined);
  });

  test("are the present ones when an answer is written again", async () => {
    await using bench = await openAgainBench(["at noon", "um zwölf"]);
    await bench.say("a", "when do we meet?");
    expect(wishIn(bench)).toBe(undefined);
    await choose(bench, "ada", { language: "de" });
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.model.prompts).toHaveLength(2);
    expect(wishIn(bench)).toContain("Answer in German");
  });

  test("leave an answer that is continued in its language and form", async () => {
    await using bench = await openAgainBench(["at noon or a little ", "later"]);
    bench.model.isCut = true;
    await bench.say("a", "when do we meet?");
    await choose(bench, "ada", { language: "de" });
    await bench.take(againPress("continue", turnShown(bench)));
    expect(bench.model.prompts).toHaveLength(2);
    expect(wishIn(bench)).toBe(undefined);
  });

  test("go with everything else that a person has forgotten", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "where do we meet?");
    await choose(bench, "ada", { language: "ko" });
    await choose(bench, "bob", { language: "ko" });
    await bench.order("forget", "me yes");
    await bench.rest();
    expect(await bench.stores.preferences.find("fake", "ada", signal)).toMatchObject({
      language: "question",
    });
    expect(await bench.stores.preferences.find("fake", "bob", signal)).toMatchObject({ language: "ko" });
  });
});
