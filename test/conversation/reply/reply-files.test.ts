import { describe, expect, test } from "vitest";

import { PlatformError } from "../../../src/ports/platform-error.ts";
import { restComesInFile } from "../../../src/conversation/reply/lay-out.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform, type FakeLimits } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const long = Array.from({ length: 60 }, (_, at) => `Paragraph ${at} says a little more.`).join("\n\n");
const patiently = { timeout: 60_000, interval: 5 };
const away = (): never => {
  throw new PlatformError("unreachable", "cut off");
};
const refusal = (): never => {
  throw new PlatformError("forbidden", "no files", { refusesFiles: true });
};

async function openBench(limits: FakeLimits, model: ScriptedModel) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const platform = new FakePlatform({ postChars: 200, maxPosts: 3, ...limits });
  const core = opened.use(await openCoreBench({ dataDir: folder.path, platform, model }));
  return { platform, core, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe("a long answer", () => {
  test("grows up to its last post, says that the rest comes in a file, and ends so", async () => {
    const gate = Promise.withResolvers<void>();
    const model = new ScriptedModel(async function* () {
      yield long;
      await gate.promise;
      yield "\n\nThe end.";
    });
    await using bench = await openBench({}, model);
    const { platform, core } = bench;
    await core.accept(said("a", "tell"));
    await expect.poll(() => platform.shown.at(-1) ?? "", patiently).toContain(restComesInFile);
    expect(platform.shown).toHaveLength(3);
    gate.resolve();
    await core.whenIdle();
    expect(platform.posts).toHaveLength(3);
    expect(platform.shown.at(-1)).toContain("The whole answer is in the file.");
    expect(platform.shownFiles).toMatchObject([{ content: `${long}\n\nThe end.\n` }]);
    expect(platform.posts.at(-1)?.post.actions?.map(({ id }) => id)).toContain("regenerate");
  });

  test.each<readonly [string, FakeLimits, (platform: FakePlatform) => void]>([
    [
      "with its posts",
      {},
      (platform) => (platform.before = (_, post) => (post?.files === undefined ? undefined : refusal())),
    ],
    ["before it is shown", { sharesFiles: true }, (platform) => (platform.beforeFiles = refusal)],
    [
      "when it is shown",
      { sharesFiles: true },
      (platform) => (platform.beforeFiles = (what) => (what === "show" ? refusal() : undefined)),
    ],
    [
      "with no answer, with its posts",
      {},
      (platform) => (platform.before = (_, post) => (post?.files === undefined ? undefined : away())),
    ],
    [
      "with no answer, in one post",
      { maxPosts: 1, postChars: 1_000 },
      (platform) => (platform.before = (_, post) => (post?.files === undefined ? undefined : away())),
    ],
    [
      "with no answer, before it is shown",
      { sharesFiles: true },
      (platform) => (platform.beforeFiles = (what) => (what === "reserve" ? away() : undefined)),
    ],
    [
      "with no answer, when it is shown or removed",
      { sharesFiles: true },
      (platform) => (platform.beforeFiles = (what) => (what === "reserve" ? undefined : away())),
    ],
  ])("comes in posts where the platform refuses the file %s", async (_, limits, prepare) => {
    const model = new ScriptedModel(async function* () {
      yield long;
    });
    await using bench = await openBench(limits, model);
    prepare(bench.platform);
    await bench.core.accept(said("a", "tell"));
    await bench.core.whenIdle();
    expect(bench.platform.shown.join("\n\n")).toBe(long);
    expect(bench.platform.shownFiles).toEqual([]);
  });

  test.each<FakeLimits>([{}, { sharesFiles: true }])(
    "keeps its file through an outage: %j",
    async (limits) => {
      const model = new ScriptedModel(async function* () {
        yield long;
      });
      await using bench = await openBench(limits, model);
      const { platform, core } = bench;
      let calls = 0;
      const meet = (isBegun: boolean) => {
        if ((isBegun || calls > 0) && (calls += 1) <= 14) away();
      };
      platform.before = (_, post) => meet(post?.files !== undefined);
      platform.beforeFiles = () => meet(true);
      await core.accept(said("a", "tell"));
      await core.whenIdle();
      expect(calls).toBeGreaterThan(14);
      expect(platform.shownFiles).toMatchObject([{ content: `${long}\n` }]);
      expect(platform.shown).toHaveLength(3);
    },
  );

  test("is sought by what its posts show", async () => {
    const model = new ScriptedModel(async function* () {
      yield long;
    });
    await using bench = await openBench({}, model);
    const { platform, core } = bench;
    const sought: string[] = [];
    const { findPost } = platform;
    Object.assign(platform, {
      findPost: async (...given: Parameters<typeof findPost>) => {
        sought.push(given[1].text);
        return findPost(...given);
      },
    });
    let isLost = false;
    platform.afterCreate = ({ part }) => {
      if (part < 2 || isLost) return;
      isLost = true;
      throw new PlatformError("unreachable", "cut off");
    };
    await core.accept(said("a", "tell"));
    await core.whenIdle();
    expect(sought.at(-1)).toContain(platform.shown.at(-1));
    expect(platform.posts).toHaveLength(3);
  });

  test("whose file was shared without an answer has it once", async () => {
    const model = new ScriptedModel(async function* () {
      yield long;
    });
    await using bench = await openBench({ sharesFiles: true }, model);
    const { platform, core } = bench;
    let shows = 0;
    const shared = platform.sharedFiles;
    if (shared === undefined) throw new Error("No files beside the posts");
    const { show } = shared;
    Object.assign(shared, {
      show: async (...given: Parameters<typeof show>) => {
        shows += 1;
        await show(...given);
        if (shows === 1) throw new PlatformError("unreachable", "cut off");
      },
    });
    await core.accept(said("a", "tell"));
    await core.whenIdle();
    expect(platform.shownFiles).toHaveLength(1);
    expect(shows).toBe(1);
  });
});
