import { describe, expect, test } from "vitest";

import type { Inbound } from "../../src/domain/inbound.ts";
import { command, deleted, edited, erased } from "../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";

const conversation = "fake:room:1";
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Ada and Bob have each sent a file, and the answer to Ada has one too. */
async function openWithFiles(retentionDays = 0) {
  const bench = await openRealBench({ retentionDays, contextTokens: 300 });
  const { files } = bench.ports;
  const attach = async (message: string, author?: string): Promise<void> => {
    const { hash } = await files.put(new TextEncoder().encode(`file of ${message}`), bench.signal);
    const link = { conversation, message, name: "F", saidAtMs: bench.clock.nowMs() } as const;
    await files.link({ ...link, ...(author === undefined ? {} : { author }) }, hash, bench.signal);
  };
  const send = async (id: string, by = "ada"): Promise<void> => {
    await bench.say(id, `hello from ${by}`, { by });
    await attach(id, by);
  };
  await send("a");
  const reply = (await bench.remembered())?.messages.at(-1)?.id ?? "";
  await attach(reply);
  await send("b", "bob");
  await bench.file();
  /** A command comes from another conversation. */
  const takeNow = async (inbound: Inbound): Promise<void> => {
    const now = { saidAtMs: bench.clock.nowMs() + 1, conversation: "fake:room:2" } as const;
    await bench.take(inbound.kind === "commanded" ? { ...inbound, ...now } : inbound);
    await bench.rest();
  };
  const left = async (): Promise<readonly string[]> => {
    const texts = [...files.contents.values()].map(({ bytes }) => bytes.toString());
    return texts.map((text) => (text === `file of ${reply}` ? "reply" : text.replace("file of ", "")));
  };
  return Object.assign(bench, { send, takeNow, left });
}

/** Only the archive has the conversation, and most of it never returns to memory. */
async function evict(bench: RealBench): Promise<void> {
  await bench.chat(40, { by: "bob" });
  await bench.file();
  bench.clock.pass(22 * dayMs);
  await bench.chore("rest");
  expect(await bench.remembered()).toBe(undefined);
}

describe("a file that stays", () => {
  const erasures: readonly (readonly [string, () => Inbound, readonly string[]])[] = [
    ["the deletion of its message, with that of the answer", () => deleted("a"), ["b"]],
    ["the erasure of its author, with that of the answer", () => command("forget", "me yes"), ["b"]],
    ["the erasure of another author not", () => command("forget", "me yes", { by: "bob" }), ["a", "reply"]],
    ["the removal of its conversation", () => erased(), []],
    ["an edit of its message not", () => edited("b", "hello again"), ["a", "reply", "b"]],
  ];

  test.each(erasures)("leaves with %s", async (_, erasure, left) => {
    await using bench = await openWithFiles();
    await bench.takeNow(erasure());
    expect(await bench.left()).toEqual(left);
  });

  test.each(erasures)(
    "of a conversation that only the archive has leaves with %s",
    async (_, erasure, left) => {
      await using bench = await openWithFiles();
      await evict(bench);
      await bench.takeNow(erasure());
      expect(await bench.left()).toEqual(left);
    },
  );

  test("leaves a wholly archived conversation when its message expires", async () => {
    await using bench = await openWithFiles(30);
    await evict(bench);
    await bench.expire();
    expect(await bench.left()).toEqual(["a", "reply", "b"]);
    bench.clock.pass(8 * dayMs + hourMs);
    await bench.expire();
    expect(await bench.left()).toEqual([]);
  });

  test("of a later message is spared when a delayed erasure is carried out", async () => {
    await using bench = await openWithFiles();
    await bench.order("forget", "this yes");
    bench.clock.pass(hourMs);
    await bench.send("c");
    await bench.file();
    expect(await bench.left()).toEqual(["a", "reply", "b", "c"]);
    bench.clock.pass(24 * hourMs);
    await bench.lapse();
    await bench.settle();
    await bench.file();
    await bench.lapse();
    await bench.rest();
    expect(await bench.left()).toEqual(["c"]);
  });
});
