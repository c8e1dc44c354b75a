import { expect, test } from "vitest";

import type { Directory } from "../../src/ports/directory.ts";
import type { Inbox } from "../../src/ports/inbox.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { command, deleted, edited, said, stopped } from "../support/core/inbounds.ts";

export interface HotStores {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly directory: Directory;
}

type Opened = HotStores & AsyncDisposable;

/** What every store of inboxes and directories must do. */
export function inboxContract(open: () => Promise<Opened>): void {
  const signal = AbortSignal.timeout(60_000);
  const key = "fake:room:1";

  test("gives back what was accepted, in the order of acceptance", async () => {
    await using stores = await open();
    const inbounds = [said("a", "one"), command("summary", "share"), said("b", "two"), stopped()];
    for (const inbound of inbounds) await stores.inbox.accept(inbound, 5, signal);
    const waiting = await stores.inbox.waiting(key, signal);
    expect(waiting.map((entry) => entry.inbound)).toEqual(inbounds);
    expect(waiting.map((entry) => entry.acceptedAtMs)).toEqual([5, 5, 5, 5]);
  });

  test("stores the same event once", async () => {
    await using stores = await open();
    const event = said("a", "one");
    expect(await stores.inbox.accept(event, 1, signal)).toBe("stored");
    expect(
      await stores.inbox.accept({ ...event, message: { ...event.message, text: "other" } }, 2, signal),
    ).toBe("duplicate");
    expect(await stores.inbox.waiting(key, signal)).toHaveLength(1);
  });

  test("forgets that it saw an event after a day, not before", async () => {
    await using stores = await open();
    const event = said("a", "one");
    await stores.inbox.accept(event, 1_000, signal);
    await stores.inbox.forgetSeen(1_000, signal);
    expect(await stores.inbox.accept(event, 2_000, signal)).toBe("duplicate");
    await stores.inbox.forgetSeen(1_001, signal);
    expect(await stores.inbox.accept(event, 3_000, signal)).toBe("stored");
  });

  test("drops what is not for the bot where it knows no conversation, and keeps nothing of it", async () => {
    await using stores = await open();
    const open1 = said("a", "hi", { addressing: "open" });
    for (const inbound of [
      open1,
      said("b", "x", { addressing: "others" }),
      edited("a", "y"),
      deleted("a"),
      stopped(),
    ]) {
      expect(await stores.inbox.accept(inbound, 1, signal)).toBe("ignored");
    }
    expect(await stores.directory.recent("fake", "room", 10, signal)).toEqual([]);
    await stores.inbox.accept(said("c", "hello bot"), 2, signal);
    expect(await stores.inbox.accept(open1, 3, signal)).toBe("stored");
  });

  test("names the conversations that wait, the longest waiting first", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "1", { conversation: "fake:room:1" }), 1, signal);
    await stores.inbox.accept(said("b", "2", { conversation: "fake:room:2" }), 2, signal);
    await stores.inbox.accept(said("c", "3", { conversation: "fake:room:1" }), 3, signal);
    expect(await stores.inbox.due(10, signal)).toEqual(["fake:room:1", "fake:room:2"]);
    await stores.inbox.postpone("fake:room:1", 50, signal);
    expect(await stores.inbox.due(49, signal)).toEqual(["fake:room:2"]);
    expect(await stores.inbox.due(50, signal)).toEqual(["fake:room:1", "fake:room:2"]);
  });

  test("lists conversations by place, newest first, titled by what was first said", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "Plan the\n party", { conversation: "fake:room:1" }), 1, signal);
    await stores.inbox.accept(said("b", "Fix the roof", { conversation: "fake:room:2" }), 2, signal);
    await stores.inbox.accept(said("c", "and the cake?", { conversation: "fake:room:1" }), 3, signal);
    expect(await stores.directory.recent("fake", "room", 10, signal)).toMatchObject([
      { conversation: "fake:room:1", title: "Plan the", lastAtMs: 3 },
      { conversation: "fake:room:2", title: "Fix the roof", lastAtMs: 2 },
    ]);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toHaveLength(1);
    expect(await stores.directory.recent("fake", "elsewhere", 9, signal)).toEqual([]);
  });

  test("keeps the name that a person gave, whatever is said or finished later", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "first words"), 1, signal);
    await stores.directory.rename(key, "Party", signal);
    await stores.inbox.accept(said("b", "more"), 2, signal);
    const { lease } = await stores.journal.take(key, signal);
    await stores.journal.finish(lease, { covers: [], posts: [], title: "derived" }, signal);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toMatchObject([{ title: "Party" }]);
  });

  test("finds the conversation of a message", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    expect(await stores.directory.locate("fake", "room", "a", signal)).toBe(key);
    expect(await stores.directory.locate("fake", "other", "a", signal)).toBeUndefined();
    expect(await stores.directory.locate("fake", "room", "b", signal)).toBeUndefined();
  });
}
