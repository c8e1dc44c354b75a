import { describe, expect, test } from "vitest";

import { PlatformError } from "../../src/ports/platform-error.ts";
import type { Post } from "../../src/domain/post.ts";
import { openCoreBench } from "../support/core/core-bench.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { deleted, said } from "../support/core/inbounds.ts";
import { openRealBench } from "../support/core/real-bench.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const down = () => new PlatformError("unreachable", "503");
const hourMs = 3_600_000;

async function openWith(platform: FakePlatform) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const core = opened.use(await openCoreBench({ dataDir: folder.path, platform }));
  return { ...core, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const letters = ({ database }: Awaited<ReturnType<typeof openWith>>) =>
  database.prepare("SELECT why FROM dead_letter").all();

describe("an answer to which its platform always replies with a 5xx", () => {
  test.each([
    ["that is created", {}],
    ["that takes the place of another", { placeholder: "_Thinking…_" }],
  ])("does not block its conversation: in a post %s", async (_name, limits) => {
    const platform = new FakePlatform(limits);
    let refused = 0;
    platform.before = (_what, post) => {
      if (post?.text.includes("cursed") !== true) return;
      refused += 1;
      throw down();
    };
    await using core = await openWith(platform);
    await core.accept(said("a", "cursed"));
    await core.whenIdle();
    await core.accept(said("b", "and now?"));
    await core.whenIdle();
    expect(platform.shown).toEqual([
      expect.stringContaining("couldn't answer"),
      expect.stringContaining("and now?"),
    ]);
    expect(letters(core)).toMatchObject([{ why: expect.stringContaining("refused") }]);
    expect(refused).toBeLessThan(50);
  });

  test("is written if only the platform was down, however often that was tried", async () => {
    const platform = new FakePlatform();
    let refused = 0;
    const isDown = (): boolean => refused < 80;
    platform.before = (what, _post?: Post) => {
      if (what === "delete" || !isDown()) return;
      refused += 1;
      throw down();
    };
    await using core = await openWith(platform);
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(letters(core)).toEqual([]);
  });

  test("is written if the platform recovers while a short line is tried in its place", async () => {
    const platform = new FakePlatform();
    let isDown = true;
    platform.before = (_what, post) => {
      if (post?.text.includes("trying again") === true) isDown = false;
      if (isDown) throw down();
    };
    await using core = await openWith(platform);
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(letters(core)).toEqual([]);
  });
});

describe("a reply whose deletion always fails", () => {
  test("is overwritten, and its conversation continues", async () => {
    const platform = new FakePlatform();
    await using core = await openWith(platform);
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    platform.before = (what) => {
      if (what === "delete") throw down();
    };
    await core.accept(deleted("a"));
    await core.accept(said("b", "and now?"));
    await core.whenIdle();
    expect(platform.shown).toEqual([
      expect.stringContaining("was removed"),
      expect.stringContaining("and now?"),
    ]);
  });
});

describe("a wait", () => {
  test("for an unavailable platform ends after a day, with a dead letter", async () => {
    await using bench = await openRealBench();
    bench.platform.before = () => {
      throw down();
    };
    await bench.say("a", "hello");
    await bench.say("x", "secret plans");
    await bench.take(deleted("x"));
    expect(await bench.letters()).toEqual([]);
    bench.clock.pass(25 * hourMs);
    await bench.take(deleted("never said"));
    expect(await bench.letters()).toMatchObject([{ why: expect.stringContaining("24 hours") }]);
    expect(await bench.known()).not.toContain("secret plans");
    bench.platform.before = () => undefined;
    await bench.say("b", "and now?");
    expect(bench.platform.shown).toEqual([expect.stringContaining("and now?")]);
  });

  test("for a platform that was switched off applies deletions, and ends after a day", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "hello");
    await bench.say("b", "secret plans");
    bench.ports.platforms.delete("fake");
    await bench.say("c", "and now?");
    await bench.take(deleted("b"));
    expect(await bench.known()).not.toContain("secret plans");
    expect(await bench.letters()).toEqual([]);
    bench.clock.pass(25 * hourMs);
    await bench.take(deleted("never said"));
    expect(await bench.letters()).toMatchObject([{ inbounds: [{ message: { id: "c" } }] }]);
    expect(await bench.stores.inbox.due(bench.clock.nowMs() + hourMs, bench.signal)).toEqual([]);
  });
});
