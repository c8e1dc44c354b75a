import { describe, expect, test } from "vitest";

import type { SyncBatch } from "../../src/domain/archive.ts";
import type { Erasure, RememberedMessage } from "../../src/domain/conversation-memory.ts";
import type { TurnRecord } from "../../src/domain/turn-record.ts";
import type { Archive } from "../../src/ports/archive.ts";
import type { TurnRecords } from "../../src/ports/turn-records.ts";

const { signal } = new AbortController();
const conversation = "fake:room:1";
const location = { conversation, platform: "fake", place: "room" } as const;

/** A record of a turn that Ada caused. */
export function record(ordinal: number, more: Partial<TurnRecord> = {}): TurnRecord {
  return {
    ...location,
    id: `turn-${ordinal}`,
    author: "ada",
    purpose: "answer",
    trigger: `q${ordinal}`,
    covers: [`q${ordinal}`],
    replyId: `a${ordinal}`,
    ordinal,
    revision: ordinal,
    settingsVersion: "v1",
    attempt: 0,
    askedAtMs: 1_000 * ordinal,
    finishedAtMs: 1_000 * ordinal + 500,
    outcome: "answered",
    steps: [],
    ...more,
  };
}

/** A batch with nothing else. */
export const batch = (more: Partial<SyncBatch>): SyncBatch => ({
  ...location,
  erasures: [],
  messages: [],
  ...more,
});
const idsIn = async (kept: TurnRecords, limit = 1_000): Promise<readonly string[]> =>
  (await kept.newest(conversation, limit, signal)).map(({ id }) => id);

function answer(ordinal: number): RememberedMessage {
  return {
    id: `a${ordinal}`,
    text: "yes",
    author: { id: "bot", name: "Threadkeeper" },
    saidAtMs: 1_000 * ordinal,
    attachments: [],
    role: "bot",
    speaker: "Threadkeeper",
    tokens: 3,
    chapter: 1,
    answers: [`q${ordinal}`],
    ordinal,
    revision: 1,
    turnId: `turn-${ordinal}`,
  };
}

/** An archive, and the reader of its records. */
export interface OpenRecords extends AsyncDisposable {
  readonly archive: Archive;
  readonly records: TurnRecords;
}

/** The contract of every archive of turn records, and of their reader. Each call of `open` returns an empty one. */
export function turnRecordsContract(open: () => Promise<OpenRecords>): void {
  describe("turn records", () => {
    test("are returned complete, the newest first, with the turn named at its reply", async () => {
      await using opened = await open();
      const { archive, records: kept } = opened;
      const whole = record(1, {
        command: "summary",
        replaces: "turn-0",
        failure: "empty",
        steps: [{ tool: "recall", outcome: "done", durationMs: 12, resultChars: 900 }],
        work: {
          model: "gpt",
          calls: 2,
          prompt: { from: 1, to: 9, messages: 8, revision: 4, summary: { madeAtMs: 3, lines: 2 } },
          usage: {
            promptTokens: 9,
            cachedTokens: 8,
            cacheWriteTokens: 1,
            replyTokens: 4,
            reasoningTokens: 2,
          },
          startedAtMs: 5,
          firstTextAtMs: 6,
          endedAtMs: 7,
        },
      });
      const records = [whole, ...Array.from({ length: 120 }, (_, at) => record(at + 2))];
      await archive.sync(batch({ records, messages: [answer(1)] }), signal);
      await archive.sync(batch({ records }), signal);
      expect(await kept.newest(conversation, 1_000, signal)).toEqual(records.toReversed());
      expect(await idsIn(kept, 2)).toEqual(["turn-121", "turn-120"]);
      expect(await kept.newest("fake:room:2", 9, signal)).toEqual([]);
      expect(await kept.find("turn-1", signal)).toEqual(whole);
      expect(await kept.find("turn-0", signal)).toBeUndefined();
      expect((await archive.find(conversation, "a1", signal))?.turnId).toBe("turn-1");
    });

    const gone: readonly (readonly [string, readonly Erasure[], readonly string[]])[] = [
      ["its trigger", [{ kind: "message", message: "q1", revision: 9 }], ["turn-3", "turn-2"]],
      ["a message that it covers", [{ kind: "message", message: "c2", revision: 9 }], ["turn-3", "turn-1"]],
      ["its reply", [{ kind: "message", message: "a3", revision: 9 }], ["turn-2", "turn-1"]],
      [
        "its author",
        [{ kind: "author", author: "ada", beforeOrdinal: 3, revision: 9 }],
        ["turn-3", "turn-2"],
      ],
      ["its conversation", [{ kind: "all", beforeOrdinal: 3, revision: 9 }], ["turn-3"]],
    ];
    test.each(gone)("are removed with %s, and never come back", async (_what, erasures, left) => {
      await using opened = await open();
      const { archive, records: kept } = opened;
      const records = [record(1), record(2, { author: "bob", covers: ["c2", "q2"] }), record(3)];
      await archive.sync(batch({ records, messages: [1, 2, 3].map(answer) }), signal);
      await archive.sync(batch({ erasures }), signal);
      expect(await idsIn(kept)).toEqual(left);
      await archive.sync(batch({ records }), signal);
      expect(await idsIn(kept)).toEqual(left);
    });

    test("of an erased person are removed on the whole platform, and name their conversations before", async () => {
      await using opened = await open();
      const { archive, records: kept } = opened;
      const records = [record(1), record(2, { author: "bob" }), record(3)];
      await archive.sync(batch({ records }), signal);
      const locations = await archive.locationsOf("fake", "ada", 2_000, signal);
      expect(locations).toEqual([location]);
      await archive.eraseAuthor("fake", "ada", 2_000, signal);
      expect(await idsIn(kept)).toEqual(["turn-3", "turn-2"]);
      await archive.sync(batch({ records }), signal);
      expect(await idsIn(kept)).toEqual(["turn-3", "turn-2"]);
      expect(await archive.locationsOf("fake", "ada", 2_000, signal)).toEqual([]);
    });

    test("expire with the messages of their time", async () => {
      await using opened = await open();
      const { archive, records: kept } = opened;
      const records = [record(1), record(2), record(3)];
      await archive.sync(batch({ records }), signal);
      await archive.expire(2_500, signal);
      expect(await idsIn(kept)).toEqual(["turn-3"]);
      await archive.sync(batch({ records }), signal);
      expect(await idsIn(kept)).toEqual(["turn-3"]);
    });
  });
}
