import { expect } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { FakePlatform } from "./fake-platform.ts";
import { HandClock } from "./hand-clock.ts";
import type { HotStore } from "./hot-store.ts";
import { InMemoryArchive } from "./in-memory-archive.ts";
import { stopped } from "./inbounds.ts";
import { openKillableCore } from "./killable-core.ts";
import { ScriptedModel } from "./scripted-model.ts";

const patiently = { timeout: 60_000, interval: 5 };
const conversation: ConversationKey = "fake:room:1";
const { signal } = new AbortController();

type Pieces = Iterable<string> | AsyncIterable<string>;

/** A message that gets a whole answer. */
export const greeting = "hello";

/** Processes over the same stores, whose model writes a little to each question and then no more. */
export async function openHaltingWorld(openHot: () => Promise<HotStore>, pieces: Pieces) {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openHot());
  opened.defer(async () => void (await hot.lose()));
  const platform = new FakePlatform({ carriesStop: true });
  const model = new ScriptedModel(async function* (prompt, given) {
    if (prompt.messages.at(-1)?.text.endsWith(greeting) === true) return yield "Hi.";
    yield* pieces;
    await aborted(given);
  });
  const ports = {
    stores: hot.stores,
    archive: new InMemoryArchive(),
    platform,
    model,
    clock: new HandClock(),
  };
  return {
    platform,
    model,
    stores: hot.stores,
    /** The text is shown, and the journal has the post. */
    isRead: async (calls: readonly string[], text: string): Promise<void> => {
      await expect.poll(() => platform.shown.at(-1), patiently).toEqual(text);
      const written = Math.max(
        calls.lastIndexOf("platform.createPost"),
        calls.lastIndexOf("platform.editPost"),
      );
      await expect.poll(() => calls.slice(written).includes("journal.save"), patiently).toBe(true);
    },
    start: () => openKillableCore(ports),
    /** As the button under the newest post says it. */
    stop: () => stopped({ turn: platform.posts.at(-1)?.post.turn ?? "none" }),
    remembered: async () =>
      (await hot.stores.memories.read(conversation, signal)).memory?.messages.map(({ text }) => text),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Waits for the end of a call. */
export function aborted(given: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  given.addEventListener("abort", () => reject(given.reason), { once: true });
  return promise;
}
