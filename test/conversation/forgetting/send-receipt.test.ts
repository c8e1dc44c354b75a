import { describe, expect, test } from "vitest";

import { PlatformError, type PlatformErrorKind } from "../../../src/ports/platform-error.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

const hourMs = 3_600_000;

/** A platform that rejects the receipt until the test allows it. */
async function openRefusing(kind: PlatformErrorKind, retryAfterMs: number) {
  const platform = new FakePlatform();
  const held: number[] = [];
  let goOn = async (): Promise<void> => undefined;
  const core = await openRealBench({
    platform,
    stores: (real) => ({
      ...real,
      erasureRequests: {
        ...real.erasureRequests,
        hold: async (id, heldMs, signal) => {
          held.push(heldMs);
          goOn = () => real.erasureRequests.hold(id, 0, signal);
          await real.erasureRequests.hold(id, heldMs, signal);
        },
      },
    }),
  });
  await core.say("source", "my secret is swordfish-4711");
  await core.file();
  let isRefusing = false;
  platform.before = (what) => {
    if (what === "tell" && isRefusing) throw new PlatformError(kind, "no", { retryAfterMs });
  };
  await core.order("forget", "me yes");
  isRefusing = true;
  /** Runs the job once the hold has ended. */
  const forget = async (): Promise<void> => {
    await goOn();
    const settling = setInterval(() => void core.settle(), 20);
    await core.forget();
    clearInterval(settling);
  };
  return {
    ...core,
    held,
    forget,
    receipts: () => platform.told.filter((text) => text.startsWith("Done.")),
    said: () => core.log.lines.map(({ message }) => message),
    takeAgain: () => {
      isRefusing = false;
    },
  };
}

describe("an erasure receipt", () => {
  test("waits as long as the platform asks, and then has the same text", async () => {
    await using core = await openRefusing("rate-limited", hourMs);
    await core.forget();
    expect(await core.known()).not.toContain("swordfish");
    expect(core.receipts()).toEqual([]);
    expect(core.held.at(-1)).toBe(hourMs);
    expect(core.said()).toContain("an erasure receipt waits for the platform");
    core.takeAgain();
    await core.forget();
    expect(core.receipts()).toEqual([expect.stringContaining("from 1 conversation.")]);
    expect(core.receipts()[0]).toContain("deleted 1 of your messages and 1 of my replies");
    await core.forget();
    expect(core.receipts()).toHaveLength(1);
  });

  test("counts messages that the conversations have already erased from the archive", async () => {
    let meanwhile = async (): Promise<void> => undefined;
    await using core = await openRealBench({
      // As with evicted conversations: only the archive knows the authors.
      stores: (real) => ({ ...real, directory: { ...real.directory, ofAuthor: async () => [] } }),
      archive: (real) => ({
        ...real,
        eraseAuthor: async (...given) => {
          await meanwhile();
          return real.eraseAuthor(...given);
        },
      }),
    });
    await core.say("one", "my secret is swordfish-4711");
    await core.say("two", "and the other one is sawfish-4712");
    await core.file();
    await core.order("forget", "me yes");
    meanwhile = async () => {
      await core.settle();
      await core.file();
      expect(await core.known()).not.toMatch(/swordfish|sawfish/u);
    };
    await core.rest();
    const receipt = core.platform.told.find((text) => text.startsWith("Done."));
    expect(receipt).toContain("deleted 2 of your messages and 2 of my replies");
  });

  test("waits up to a day while the platform is unavailable, and is then dropped with a log line", async () => {
    await using core = await openRefusing("unreachable", 0);
    await core.forget();
    expect(core.held.at(-1)).toBeLessThan(60_000);
    core.clock.pass(23 * hourMs);
    await core.forget();
    expect(core.said()).not.toContain("an erasure receipt could not be sent; the person was not told");
    core.clock.pass(2 * hourMs);
    await core.forget();
    expect(core.said()).toContain("an erasure receipt could not be sent; the person was not told");
    core.takeAgain();
    await core.forget();
    expect(core.receipts()).toEqual([]);
  });
});
