import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { BackgroundWorker } from "../../src/engine/background-worker.ts";
import { RecordingLog } from "../support/core/recording-log.ts";

const keys = ["fake:room:1", "fake:room:2", "fake:room:3"] as const;

test("work for two conversations is done at once, each conversation waits once, and failed work is not retried", async () => {
  const begun: ConversationKey[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const log = new RecordingLog();
  await using worker = new BackgroundWorker({
    deadlineMs: 60_000,
    failure: "it failed",
    log,
    run: async (conversation) => {
      begun.push(conversation);
      const end = Promise.withResolvers<void>();
      ends.push(end);
      await end.promise;
    },
  });
  for (const each of keys) worker.request(each);
  worker.request(keys[2]);
  expect(begun).toEqual([keys[0], keys[1]]);
  ends[0]?.reject(new Error("the store is away"));
  await expect.poll(() => begun).toEqual(keys);
  ends[1]?.resolve();
  ends[2]?.resolve();
  await expect.poll(() => log.lines.length).toBe(1);
  worker.request(keys[0]);
  expect(begun).toEqual([...keys, keys[0]]);
  ends[3]?.resolve();
});

test("running work is aborted when the bot stops, and none begins after that", async () => {
  const log = new RecordingLog();
  let count = 0;
  const worker = new BackgroundWorker({
    deadlineMs: 60_000,
    failure: "it failed",
    log,
    run: async (_conversation, signal) => {
      count += 1;
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      });
    },
  });
  for (const each of keys) worker.request(each);
  await worker[Symbol.asyncDispose]();
  worker.request(keys[0]);
  expect(count).toBe(2);
  expect(log.lines).toEqual([]);
});
