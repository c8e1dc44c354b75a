import { describe, expect, test } from "vitest";

import { PlatformError } from "../../../src/ports/platform-error.ts";
import { answerPress, deleted, reworded } from "../../support/core/inbounds.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { add, buttons, openAsking, requestIn } from "../../support/core/open-asking.ts";

const here = "fake:room:1";
const minuteMs = 60_000;

describe("the time of a request", () => {
  test("begins when it is shown, even after a longer outage of the platform", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    bench.platform.before = (_what, post) => {
      if (post?.actions !== undefined) throw new PlatformError("unreachable", "away");
    };
    await bench.say("one", "write down milk");
    for (let minute = 0; minute < 30; minute += 5) {
      bench.clock.pass(5 * minuteMs);
      await bench.schedule(here);
    }
    expect(buttons(bench)).toEqual([]);
    bench.platform.before = () => undefined;
    bench.clock.pass(5 * minuteMs);
    await bench.schedule(here);
    expect(bench.platform.shown).toEqual(["**May I write down milk?**"]);
    bench.clock.pass(14 * minuteMs);
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(list.keys).toHaveLength(1);
  });

  test("runs on where the request has to be shown again, since its process was replaced", async () => {
    await using asking = await openAsking();
    const { bench, list, model } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    const edits = () => bench.platform.posts.at(-1)?.edits ?? 0;
    const before = edits();
    bench.platform.showsReply = () => edits() > before;
    bench.clock.pass(10 * minuteMs);
    await bench.schedule(here);
    await bench.schedule(here);
    expect(edits()).toBe(before + 1);
    expect(requestIn(bench)).toBe(request);
    expect(model.prompts).toHaveLength(1);
    bench.clock.pass(6 * minuteMs);
    await bench.schedule(here);
    expect(bench.platform.shown).toEqual([expect.stringContaining("Nobody approved this in time")]);
    expect(list.keys).toEqual([]);
  });

  test("is not granted twice", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    bench.clock.pass(16 * minuteMs);
    let fails = 2;
    bench.platform.before = () => {
      if ((fails -= 1) >= 0) throw new PlatformError("unreachable", "away");
    };
    await bench.schedule(here);
    bench.clock.pass(minuteMs);
    await bench.schedule(here);
    expect(bench.platform.shown).toEqual([expect.stringContaining("Nobody approved this in time")]);
    await bench.take(answerPress("approve", request));
    expect(list.keys).toEqual([]);
  });
});

describe("the text of a request", () => {
  test("shows the model's arguments literally: no link, no hidden part, no invisible character", async () => {
    await using asking = await openAsking([
      add("[milk](https://bad.example/a_b)\u202E ||and|| <!-- **eggs**"),
    ]);
    await asking.bench.say("one", "write down milk");
    expect(asking.bench.platform.shown).toEqual([
      String.raw`**May I write down \[milk\](https://bad.example/a_b) \|\|and\|\| \<!-- \*\*eggs\*\*?**`,
    ]);
  });

  test("states how much of a long call is not shown", async () => {
    await using asking = await openAsking([add("milk ".repeat(200))]);
    await asking.bench.say("one", "write down milk");
    expect(asking.bench.platform.shown).toEqual([
      expect.stringMatching(/ milk … \(and 510 more characters that are not shown here\)\?\*\*$/u),
    ]);
  });
});

test("an answer that waited for an approval counts as one", async () => {
  await using asking = await openAsking([add("milk"), add("eggs")], { ...noLimits, personTurns: 1 });
  const { bench } = asking;
  await bench.say("one", "write down milk and eggs");
  await bench.take(answerPress("approve", requestIn(bench)));
  await bench.take(answerPress("approve", requestIn(bench)));
  expect(bench.platform.shown).toEqual(["milk is on it. eggs is on it."]);
});

describe("behind an approving press", () => {
  test("a deletion of the question takes effect after its answer", async () => {
    await using asking = await openAsking();
    const { bench, list, model } = asking;
    await bench.say("one", "write down milk");
    await bench.accept(answerPress("approve", requestIn(bench)));
    await bench.take(deleted("one"));
    expect(list.keys).toHaveLength(1);
    expect(model.prompts.at(-1)?.messages.at(-1)?.text).toBe("Ada: write down milk");
    expect(bench.platform.shown).toEqual([]);
    expect((await bench.remembered())?.messages).toEqual([]);
  });

  test("an edit of the question is answered on its own", async () => {
    await using asking = await openAsking();
    const { bench, list, model } = asking;
    await bench.say("one", "write down milk");
    await bench.accept(answerPress("approve", requestIn(bench)));
    await bench.take(reworded("one", "hello"));
    expect(list.keys).toHaveLength(1);
    expect(model.prompts.map(({ messages }) => messages.at(-1)?.text)).toEqual([
      "Ada: write down milk",
      "Ada: write down milk",
      "Ada: hello",
    ]);
    expect(bench.platform.shown).toEqual(["Answer to Ada: hello"]);
  });
});
