import { describe, expect, test } from "vitest";

import { PlatformError, type ClosedWhy, type PlatformErrorKind } from "../../../src/ports/platform-error.ts";
import type { Unanswered } from "../../../src/ports/platform-private-replies.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Takes no posts, and tells people alone. */
class ClosedPlatform extends FakePlatform {
  readonly unanswered: Unanswered[] = [];
  beforeTelling: (signal: AbortSignal) => Promise<void> | void = () => undefined;

  constructor(kind: PlatformErrorKind, closed?: ClosedWhy) {
    super({ placeholder: "_Thinking…_" });
    this.before = (what) => {
      if (what === "create") throw new PlatformError(kind, "no", { closed });
    };
  }

  readonly notifyUnanswered = async (_to: unknown, told: Unanswered, signal: AbortSignal): Promise<void> => {
    this.unanswered.push(told);
    await this.beforeTelling(signal);
  };
}

describe("the author of a message in a place that accepts no answer", () => {
  const cases: readonly (readonly [PlatformErrorKind, ClosedWhy | undefined, string])[] = [
    ["gone", "archived", "the channel is archived"],
    ["forbidden", "restricted", "only certain people may post there"],
    ["forbidden", "outside", "Invite me"],
    ["forbidden", "locked", "the thread is locked"],
    ["forbidden", undefined, "I'm not allowed to post there"],
    ["rejected", undefined, "what I wrote was rejected there"],
  ];
  test.each(cases)("is told why, once: %s, %s", async (kind, closed, why) => {
    using folder = temporaryFolder();
    const platform = new ClosedPlatform(kind, closed);
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    const question = said("a", "hello");
    await core.accept(question);
    await core.whenIdle();
    await core.accept(question);
    await core.whenIdle();
    expect(platform.unanswered).toEqual([{ message: "a", text: expect.stringContaining(why) }]);
    const [reference] = /(?<=Reference: )\w+/u.exec(platform.unanswered[0]?.text ?? "") ?? [];
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", facts: expect.objectContaining({ reference }) }),
    );
  });

  test("is told nothing when the place is deleted", async () => {
    using folder = temporaryFolder();
    const platform = new ClosedPlatform("gone");
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(platform.unanswered).toEqual([]);
  });

  test("never reads the answer in private, even if the place closed while it grew", async () => {
    using folder = temporaryFolder();
    const platform = new ClosedPlatform("forbidden", "restricted");
    platform.before = (what, post) => {
      if (what === "edit" && post?.text.includes("secret") === true)
        throw new PlatformError("forbidden", "no", { closed: "restricted" });
    };
    const model = new ScriptedModel(async function* () {
      yield "the secret is quince";
    });
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(platform.unanswered).toHaveLength(1);
    expect(JSON.stringify(platform.unanswered)).not.toContain("quince");
  });

  test("is not told again by the next process, whenever the first one crashed", async () => {
    using folder = temporaryFolder();
    const platform = new ClosedPlatform("forbidden", "restricted");
    {
      const told = Promise.withResolvers<void>();
      platform.beforeTelling = async (signal) => {
        told.resolve();
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      };
      await using core = await openCoreBench({ dataDir: folder.path, platform });
      await core.accept(said("a", "hello"));
      await told.promise;
    }
    platform.beforeTelling = () => undefined;
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.whenIdle();
    expect(platform.unanswered).toHaveLength(1);
  });

  test("is told after the pause that the platform asks for, and not again after a lost response", async () => {
    using folder = temporaryFolder();
    const platform = new ClosedPlatform("forbidden", "restricted");
    const faults = [new PlatformError("rate-limited", "slow down"), new PlatformError("unreachable", "cut")];
    platform.beforeTelling = () => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
    };
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(platform.unanswered).toHaveLength(2);
  });

  test.each([
    ["a private answer", "memory", ""],
    ["an answer for everyone", "summary", "share"],
  ])("is told that %s can't be shown, if they wrote it as a text command", async (_, name, argument) => {
    using folder = temporaryFolder();
    const platform = new ClosedPlatform("forbidden", "permission");
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    platform.before = () => {
      throw new PlatformError("forbidden", "no", { closed: "direct" });
    };
    await core.accept({ ...command(name, argument), message: "b" });
    await core.whenIdle();
    expect(platform.unanswered.at(-1)).toEqual({
      message: "b",
      text: expect.stringContaining("I can't send direct messages there"),
    });
    expect(platform.unanswered).toHaveLength(2);
  });
});
