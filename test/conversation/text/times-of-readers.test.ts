import { expect, test } from "vitest";

import { citeAnswer } from "../../../src/conversation/recall/cite-answer.ts";
import type { TextFile } from "../../../src/ports/platform-private-replies.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

/** The next day has begun in Tokyo. */
const lateMs = Date.UTC(2026, 10, 25, 22, 5);

test("an export has the times of the person who asked for it, also in the names of its files", async () => {
  const files: TextFile[] = [];
  const platform = Object.assign(new FakePlatform(), {
    sendFilesPrivately: async (_to: unknown, given: { readonly files: readonly TextFile[] }) =>
      void files.push(...given.files),
  });
  await using bench = await openRealBench({ platform });
  bench.clock.pass(lateMs - bench.clock.nowMs());
  await bench.say("a", "hello");
  const order = command("export", "", { saidAtMs: lateMs });
  await bench.take({ ...order, by: { ...order.by, timeZone: "Asia/Tokyo" } });
  expect(files.map(({ name }) => name)).toEqual([
    "conversation-2026-11-26.md",
    "conversation-2026-11-26.json",
  ]);
  expect(files[0]?.text).toContain("**Ada**, 2026-11-26 07:05 Asia/Tokyo\n");
  // Programs read UTC.
  expect(files[1]?.text).toContain('"saidAt": "2026-11-25T22:05:00.');
  await bench.take(command("export", "", { saidAtMs: lateMs }));
  expect(files[2]?.text).toContain("**Ada**, 2026-11-25 22:05 UTC\n");
});

test("the days in a list of sources are those of the conversation's time zone", () => {
  const conversation = "fake:room:1" as const;
  const found = [{ conversation, message: "m1", speaker: "Ada", saidAtMs: lateMs, text: "yes" }];
  expect(citeAnswer("Yes [1].", found, "Asia/Tokyo").text).toContain("Ada, 2026-11-26");
  expect(citeAnswer("Yes [1].", found, "America/New_York").text).toContain("Ada, 2026-11-25");
});
