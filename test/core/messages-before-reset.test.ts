import { describe, expect, test } from "vitest";

import { deleted } from "../support/core/inbounds.ts";
import { looker } from "../support/core/looker.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";

const patiently = { timeout: 60_000, interval: 1 };
const secret = "swordfish-4711";

const summaryOf = async (core: RealBench) => (await core.remembered())?.summary;

async function chatUntil(core: RealBench, isEnough: (summary: string) => boolean): Promise<void> {
  const more = async (): Promise<boolean> => {
    await core.chat(10);
    return isEnough(JSON.stringify((await summaryOf(core))?.lines ?? []));
  };
  await expect.poll(more, patiently).toBe(true);
}

/** A conversation whose summary line with the secret was removed. */
async function openWithLineRemoved() {
  const core = await openRealBench({ model: looker(() => ""), contextTokens: 3_000 });
  await core.say("source", `my secret is ${secret}`);
  await chatUntil(core, (summary) => summary.includes(secret));
  const lines = (await summaryOf(core))?.lines ?? [];
  const number = lines.findIndex(({ text }) => text.includes(secret)) + 1;
  await core.order("memory", `remove ${number}`);
  expect(JSON.stringify((await summaryOf(core))?.lines)).not.toContain(secret);
  return core;
}

describe("a removed summary line", () => {
  test("does not come back when the summary is rewritten", async () => {
    await using core = await openWithLineRemoved();
    await core.take(deleted("unknown"));
    expect(await summaryOf(core)).toMatchObject({ lines: [], isStale: true });
    await core.rest();
    expect((await summaryOf(core))?.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(await summaryOf(core))).not.toContain(secret);
  });

  test("does not come back when a reset is undone", async () => {
    await using core = await openWithLineRemoved();
    await core.order("reset", "yes");
    await chatUntil(core, (summary) => summary !== "[]");
    await core.order("reset", "undo");
    await core.rest();
    expect((await summaryOf(core))?.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(await summaryOf(core))).not.toContain(secret);
  });
});

describe("the recall tool, in another conversation", () => {
  const elsewhere = { conversation: "fake:room:2" } as const;
  const lookUp = async (core: RealBench): Promise<string> => {
    await core.file();
    await core.say("question", "LOOK", { by: "bob" });
    return core.platform.shown.at(-1) ?? "";
  };

  test("finds messages while there was no reset", async () => {
    await using core = await openRealBench({ model: looker((found) => found) });
    await core.say("source", `my secret is ${secret}`, elsewhere);
    expect(await lookUp(core)).toContain(secret);
  });

  test("does not find messages from before a reset", async () => {
    await using core = await openRealBench({ model: looker((found) => found) });
    await core.say("source", `my secret is ${secret}`, elsewhere);
    await core.order("reset", "yes", elsewhere);
    expect(await lookUp(core)).toBe("Nothing was found. Say so instead of guessing.");
  });
});
