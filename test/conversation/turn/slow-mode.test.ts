import { describe, expect, test } from "vitest";

import { PlatformError } from "../../../src/ports/platform-error.ts";
import type { Unanswered } from "../../../src/ports/platform-private-replies.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { deleted } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

/** Tells people alone. */
class SlowPlatform extends FakePlatform {
  readonly unanswered: Unanswered[] = [];

  readonly notifyUnanswered = async (_to: unknown, told: Unanswered): Promise<void> =>
    void this.unanswered.push(told);
}

describe("a person whose answer waits for a slow mode", () => {
  const hourMs = 3_600_000;

  async function openSlow(retryAfterMs: number) {
    const platform = new SlowPlatform({ growthMs: 100_000 });
    const bench = await openRealBench({ platform });
    platform.before = (what) => {
      if (what === "create")
        throw new PlatformError("rate-limited", "slow", { closed: "slow-mode", retryAfterMs });
    };
    return Object.assign(bench, { platform });
  }

  test("is told in private when it comes, once, and gets it then", async () => {
    await using bench = await openSlow(2 * hourMs);
    await bench.say("a", "hello");
    bench.clock.pass(hourMs);
    await bench.take(deleted("never said"));
    expect(bench.platform.unanswered).toEqual([
      { message: "a", text: "Slow mode is on there. I can reply to your message in about 2 hours." },
    ]);
    bench.platform.before = () => undefined;
    bench.clock.pass(hourMs);
    await bench.take(deleted("never said"));
    expect(bench.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(bench.platform.unanswered).toHaveLength(1);
    expect(bench.model.prompts).toHaveLength(1);
  });

  test("is told nothing about a minute", async () => {
    await using bench = await openSlow(60_000);
    await bench.say("a", "hello");
    expect(bench.platform.unanswered).toEqual([]);
  });

  test("is told after a day that none comes", async () => {
    await using bench = await openSlow(6 * hourMs);
    await bench.say("a", "hello");
    bench.clock.pass(25 * hourMs);
    await bench.take(deleted("never said"));
    expect(bench.platform.unanswered.map(({ text }) => text)).toEqual([
      expect.stringContaining("in about 6 hours"),
      expect.stringContaining("Sorry, I tried several times"),
    ]);
  });
});
