import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { lastPrompt, openAgainBench, turnShown } from "../../support/core/again-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { againPress, command, deleted, reworded, said, stopped } from "../../support/core/inbounds.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { sayInVain } from "../../support/core/real-bench.ts";

const refused = new ModelError("refused", "No");

describe("Regenerate", () => {
  test("replaces the answer in its posts, in memory and in the archive, byte for byte", async () => {
    await using bench = await openAgainBench(["the swordfish answer", "a better answer", "later"]);
    await bench.say("a", "first question");
    const old = turnShown(bench);
    await bench.rest();
    await bench.take(againPress("regenerate", old));
    expect(bench.platform.shown).toEqual(["a better answer"]);
    expect(lastPrompt(bench)).toEqual(["Ada: first question"]);
    expect(turnShown(bench)).not.toBe(old);
    await bench.say("b", "and now?");
    expect(lastPrompt(bench)).toEqual(["Ada: first question", "a better answer", "Ada: and now?"]);
    await bench.rest();
    expect((await bench.archived()).map(({ text }) => text)).toEqual([
      "first question",
      "a better answer",
      "and now?",
      "later",
    ]);
    expect(await bench.find("swordfish")).toEqual([]);
    expect(bench.kept()).not.toContain("swordfish");
    expect((await bench.records()).map(({ replaces }) => replaces)).toEqual([undefined, old, undefined]);
  });

  test("runs once for a double click, two people, and a press that comes after it", async () => {
    await using bench = await openAgainBench(["one", "two", "three"]);
    await bench.say("a", "question");
    const old = turnShown(bench);
    const press = againPress("regenerate", old);
    await bench.accept(press);
    await bench.accept(press);
    await bench.accept(againPress("regenerate", old));
    await bench.accept(againPress("regenerate", old, { by: "bob", rights: ["write", "moderate"] }));
    await bench.settle();
    await bench.take(againPress("regenerate", old));
    expect(bench.platform.shown).toEqual(["two"]);
    expect(bench.model.prompts).toHaveLength(2);
    expect(bench.platform.told).toEqual([]);
  });

  test("is for the asker, and for people who may delete messages there", async () => {
    await using bench = await openAgainBench(["one", "two", "three"]);
    await bench.say("a", "question");
    await bench.take(againPress("regenerate", turnShown(bench), { by: "bob" }));
    await bench.take(againPress("regenerate", turnShown(bench), { by: "bob", rights: ["write"] }));
    await bench.take(againPress("regenerate", turnShown(bench), { rights: ["read"] }));
    expect(bench.platform.told).toEqual([
      expect.stringContaining("Only the person who asked"),
      expect.stringContaining("Only the person who asked"),
      expect.stringContaining("You can't post here"),
    ]);
    expect(bench.platform.shown).toEqual(["one"]);
    await bench.take(
      againPress("regenerate", turnShown(bench), { by: "bob", rights: ["write", "moderate"] }),
    );
    expect(bench.platform.shown).toEqual(["two"]);
    expect(bench.platform.told).toHaveLength(3);
  });

  test("lets pages read memory again once a refused press is gone", async () => {
    let revisions = 0;
    const memoryChanged = () => void (revisions += 1);
    const platform = Object.assign(new FakePlatform(), { memoryChanged });
    await using bench = await openAgainBench(["one"], { platform });
    await bench.say("a", "question");
    const before = revisions;
    await bench.take(againPress("regenerate", turnShown(bench), { by: "bob" }));
    await bench.take(againPress("regenerate", "a turn of long ago"));
    expect(revisions).toBe(before + 2);
  });

  test("writes more posts or fewer, and shows its buttons under the last one only", async () => {
    const long = "one two three four. ".repeat(12).trim();
    await using bench = await openAgainBench(["short", long, "short again"], {
      platform: new FakePlatform({ postChars: 100 }),
    });
    const buttons = () =>
      bench.platform.posts
        .filter(({ isDeleted }) => !isDeleted)
        .map(({ post }) => post.actions?.filter(({ id }) => id === "regenerate").length ?? 0);
    await bench.say("a", "question");
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown.join(" ")).toBe(long);
    expect(buttons()).toEqual([...bench.platform.shown.slice(1).map(() => 0), 1]);
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown).toEqual(["short again"]);
    expect(buttons()).toEqual([1]);
  });

  test("shows the new buttons when the model says the same again", async () => {
    await using bench = await openAgainBench(["same", "same", "other"]);
    await bench.say("a", "question");
    const old = turnShown(bench);
    await bench.take(againPress("regenerate", old));
    expect(turnShown(bench)).not.toBe(old);
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown).toEqual(["other"]);
  });

  test("can't reach an answer before a reset, and says so", async () => {
    await using bench = await openAgainBench(["one", "two"]);
    await bench.say("a", "question");
    const old = turnShown(bench);
    await bench.take(command("reset"));
    await bench.take(againPress("regenerate", old));
    expect(bench.platform.told.at(-1)).toContain("too far back");
    expect(bench.model.prompts).toHaveLength(1);
  });

  test("keeps its place before later messages", async () => {
    await using bench = await openAgainBench(["one", "two", "three", "four"]);
    await bench.say("a", "first");
    const first = turnShown(bench);
    await bench.say("b", "second");
    await bench.take(againPress("regenerate", first));
    expect(bench.platform.shown).toEqual(["three", "two"]);
    expect(lastPrompt(bench)).toEqual(["Ada: first"]);
    await bench.say("c", "third");
    expect(lastPrompt(bench)).toEqual(["Ada: first", "three", "Ada: second", "two", "Ada: third"]);
  });

  test("answers a question that was given up", async () => {
    await using bench = await openAgainBench(["lost", "lost", "lost", "lost", "lost", "lost", "found"]);
    await sayInVain(bench, "poison", "hello");
    const shown = bench.model.prompts.length;
    bench.model.script = async function* () {
      yield "found";
    };
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.model.prompts).toHaveLength(shown + 1);
    expect(lastPrompt(bench)).toEqual(["Ada: hello"]);
    expect(bench.platform.shown).toEqual(["found"]);
    await bench.say("b", "and?");
    expect(lastPrompt(bench)).toEqual(["Ada: hello", "found", "Ada: and?"]);
  });
});

describe("a Regenerate that fails", () => {
  test.each([
    ["the model refuses", [refused], {}],
    ["a daily limit is reached", ["two"], { limits: { ...noLimits, personTurns: 1 } }],
  ])("leaves the old answer and tells the person when %s", async (_, answers, options) => {
    await using bench = await openAgainBench(["one", ...answers, "three"], options);
    await bench.say("a", "question");
    const old = turnShown(bench);
    const press = againPress("regenerate", old);
    await bench.accept(press);
    await bench.accept(againPress("regenerate", old));
    await bench.settle();
    expect(bench.platform.shown).toEqual(["one"]);
    expect(bench.platform.told).toEqual([expect.stringContaining("The earlier answer stays as it was.")]);
    expect(turnShown(bench)).toBe(old);
    const reply = (await bench.remembered())?.messages.at(-1);
    expect([reply?.role, reply?.text, reply?.turnId]).toEqual(["bot", "one", old]);
    await bench.rest();
    const [record] = await bench.records();
    expect(record?.outcome).toMatch(/failed|limited/u);
    expect(record?.replaces).toBeUndefined();
  });

  test("restores what was overwritten, and works when it is pressed again", async () => {
    await using bench = await openAgainBench(["one"]);
    await bench.say("a", "question");
    bench.model.script = async function* () {
      yield "half a new";
      await expect.poll(() => bench.platform.shown, { timeout: 60_000, interval: 1 }).toEqual(["half a new"]);
      throw refused;
    };
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown).toEqual(["one"]);
    bench.model.script = async function* () {
      yield "two";
    };
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown).toEqual(["two"]);
  });

  test("leaves the old answer when its content is rejected by the platform", async () => {
    await using bench = await openAgainBench(["one", "spam", "three"]);
    await bench.say("a", "question");
    bench.platform.before = (_what, post) => {
      if (post?.text === "spam") throw new PlatformError("rejected", "No");
    };
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown).toEqual(["one"]);
    expect(bench.platform.told).toEqual([expect.stringContaining("it was rejected here")]);
    expect((await bench.remembered())?.messages.at(-1)?.text).toBe("one");
  });

  test("leaves the old answer while the model is away, and answers afterwards", async () => {
    const away = new ModelError("unreachable", "away");
    await using bench = await openAgainBench(["one", away, "two"]);
    await bench.say("a", "question");
    await bench.take(againPress("regenerate", turnShown(bench)));
    expect(bench.platform.shown).toEqual(["one"]);
    bench.clock.pass(600_000);
    await bench.schedule("fake:room:1");
    expect(bench.platform.shown).toEqual(["two"]);
    expect(bench.platform.told).toEqual([]);
  });

  test("leaves the old answer when it is given up", async () => {
    await using bench = await openAgainBench(["one", "poison"]);
    await bench.say("a", "question");
    bench.model.calls = () => {
      throw new Error("boom");
    };
    await bench.accept(againPress("regenerate", turnShown(bench)));
    const letters = async (): Promise<number> => {
      await bench.take(deleted("never said"));
      return (await bench.letters()).length;
    };
    await expect.poll(letters, { timeout: 60_000, interval: 1 }).toBe(1);
    expect(bench.platform.shown).toEqual(["one"]);
    expect(bench.platform.told).toEqual([expect.stringContaining("The earlier answer stays as it was.")]);
    expect((await bench.remembered())?.messages.at(-1)?.text).toBe("one");
  });
});

describe("while a Regenerate waits or runs,", () => {
  /** Presses while the model is about to begin. */
  async function openPressed(
    during: (bench: Awaited<ReturnType<typeof openAgainBench>>) => Promise<unknown>,
  ) {
    const bench = await openAgainBench(["one", "two"]);
    await bench.say("a", "question");
    let isFirst = true;
    bench.model.script = async function* ({ messages }) {
      if (isFirst) {
        isFirst = false;
        await during(bench);
      }
      yield `Answer to ${messages.at(-1)?.text}`;
    };
    await bench.take(againPress("regenerate", turnShown(bench)));
    await bench.settle();
    return bench;
  }

  test("an edit of the question asks the new question once", async () => {
    await using bench = await openPressed((at) => at.accept(reworded("a", "better question")));
    expect(bench.platform.shown).toEqual(["Answer to Ada: better question"]);
    expect(lastPrompt(bench)).toEqual(["Ada: better question"]);
    expect((await bench.remembered())?.messages.map(({ text }) => text)).toEqual([
      "better question",
      "Answer to Ada: better question",
    ]);
  });

  test("a deletion of the question removes the answer", async () => {
    await using bench = await openPressed((at) => at.accept(deleted("a")));
    expect(bench.platform.shown).toEqual([]);
    expect((await bench.remembered())?.messages).toEqual([]);
  });

  test("Stop before the first word leaves the old answer", async () => {
    await using bench = await openPressed((at) => at.accept(stopped()));
    expect(bench.platform.shown).toEqual(["one"]);
    expect((await bench.remembered())?.messages.at(-1)?.text).toBe("one");
    expect(bench.platform.told).toEqual([]);
  });

  test("a new question waits for it, and a reset comes after it", async () => {
    await using bench = await openPressed(async (at) => {
      await at.accept(said("b", "second"));
      await at.accept(command("reset"));
    });
    expect(bench.platform.shown[0]).toBe("Answer to Ada: question");
    expect(bench.model.prompts.length).toBeGreaterThan(1);
  });
});
