import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { RunNextTurn, TurnScheduler } from "../../src/ports/turn-scheduler.ts";

/** A scheduler with room for two turns at once. On closing, it gives running turns 100 ms. */
export interface OpenedScheduler extends AsyncDisposable {
  readonly scheduler: TurnScheduler;
  readonly start: (runNextTurn: RunNextTurn) => void;
  /** Like disposing, but does not end the test. */
  readonly close: () => Promise<void>;
}

const { signal } = new AbortController();
const patiently = { timeout: 60_000, interval: 5 };
const key = (name: string): ConversationKey => `fake:${name}`;

/** Turns that the test ends. */
class HeldTurns {
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  mostAtOnce = 0;
  readonly #gates = new Map<string, PromiseWithResolvers<"more" | "rest">>();

  readonly runNextTurn: RunNextTurn = async (conversation, aborted) => {
    this.begun.push(conversation);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.begun.length - this.ended.length);
    const gate = Promise.withResolvers<"more" | "rest">();
    this.#gates.set(conversation, gate);
    aborted.addEventListener("abort", () => gate.resolve("rest"), { once: true });
    try {
      return await gate.promise;
    } finally {
      this.ended.push(conversation);
    }
  };

  end(conversation: ConversationKey, outcome: "more" | "rest" = "rest"): void {
    this.#gates.get(conversation)?.resolve(outcome);
  }

  fail(conversation: ConversationKey): void {
    this.#gates.get(conversation)?.reject(new Error("The turn failed"));
  }
}

/** The contract of every turn scheduler. */
export function schedulerContract(open: () => Promise<OpenedScheduler>): void {
  test("runs what was scheduled before the start, and after it", async () => {
    await using opened = await open();
    const held = new HeldTurns();
    await opened.scheduler.schedule(key("a"), signal);
    opened.start(held.runNextTurn);
    await expect.poll(() => held.begun, patiently).toEqual([key("a")]);
    await opened.scheduler.schedule(key("b"), signal);
    await expect.poll(() => held.begun, patiently).toEqual([key("a"), key("b")]);
    for (const each of held.begun) held.end(key(each.slice(5)));
    await expect.poll(() => held.ended.length, patiently).toBe(2);
  });

  test("runs a conversation once more if it was scheduled during its turn, however often", async () => {
    await using opened = await open();
    const held = new HeldTurns();
    opened.start(held.runNextTurn);
    await opened.scheduler.schedule(key("a"), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(1);
    for (let times = 0; times < 5; times += 1) await opened.scheduler.schedule(key("a"), signal);
    await opened.scheduler.schedule(key("b"), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(2);
    held.end(key("a"));
    await expect.poll(() => held.begun.length, patiently).toBe(3);
    expect(held.begun).toEqual([key("a"), key("b"), key("a")]);
    held.end(key("a"));
    held.end(key("b"));
    await expect.poll(() => held.ended.length, patiently).toBe(3);
    await opened.scheduler.schedule(key("c"), signal);
    await expect.poll(() => held.begun.at(-1), patiently).toBe(key("c"));
    expect(held.begun).toHaveLength(4);
    held.end(key("c"));
  });

  test("runs no more turns at once than allowed", async () => {
    await using opened = await open();
    const held = new HeldTurns();
    opened.start(held.runNextTurn);
    for (const name of ["a", "b", "c"]) await opened.scheduler.schedule(key(name), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(2);
    held.end(key("a"));
    await expect.poll(() => held.begun, patiently).toEqual([key("a"), key("b"), key("c")]);
    expect(held.mostAtOnce).toBe(2);
    held.end(key("b"));
    held.end(key("c"));
  });

  test("lets a busy conversation delay no other", async () => {
    await using opened = await open();
    const held = new HeldTurns();
    opened.start(held.runNextTurn);
    await opened.scheduler.schedule(key("a"), signal);
    await opened.scheduler.schedule(key("b"), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(2);
    await opened.scheduler.schedule(key("c"), signal);
    held.end(key("a"), "more");
    await expect.poll(() => held.begun[2], patiently).toBe(key("c"));
    held.end(key("b"));
    await expect.poll(() => held.begun[3], patiently).toBe(key("a"));
    held.end(key("c"));
    held.end(key("a"));
  });

  test("continues after a failed turn, also for the same conversation", async () => {
    await using opened = await open();
    const held = new HeldTurns();
    opened.start(held.runNextTurn);
    await opened.scheduler.schedule(key("a"), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(1);
    held.fail(key("a"));
    await expect.poll(() => held.ended.length, patiently).toBe(1);
    await opened.scheduler.schedule(key("a"), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(2);
    held.end(key("a"));
  });

  test("starts no turn when it closes, and aborts turns that still run after its time limit", async () => {
    await using opened = await open();
    const held = new HeldTurns();
    opened.start(held.runNextTurn);
    await opened.scheduler.schedule(key("a"), signal);
    await expect.poll(() => held.begun.length, patiently).toBe(1);
    await opened.close();
    expect(held.ended).toEqual([key("a")]);
    await opened.scheduler.schedule(key("b"), signal).catch(() => undefined);
    expect(held.begun).toEqual([key("a")]);
  });
}
