import { describe, expect, test } from "vitest";

import type { Feedback } from "../../src/domain/feedback.ts";
import { batch, record, type OpenRecords } from "./turn-records-contract.ts";

const { signal } = new AbortController();
const conversation = "fake:room:1";

function feedback(turn: number, atMs: number, more: Partial<Feedback> = {}): Feedback {
  return { turn: `turn-${turn}`, author: "bob", verdict: "down", atMs, revision: atMs, ...more };
}

/** The contract of every archive of feedback, and of its reader. Each call of `open` returns an empty one. */
export function feedbackContract(open: () => Promise<OpenRecords>): void {
  const openWith = async (...records: readonly ReturnType<typeof record>[]) => {
    const opened = await open();
    const { archive, records: kept } = opened;
    await archive.sync(batch({ records }), signal);
    return {
      archive,
      kept,
      give: (...given: readonly Feedback[]) => archive.sync(batch({ feedback: given }), signal),
      /** Each as its turn, author, verdict and reason. */
      given: async () =>
        (await kept.newestFeedback({ conversation, limit: 100 }, signal)).map((each) =>
          [each.record.id, each.author, each.verdict, each.reason ?? ""].join(" ").trim(),
        ),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  };

  describe("feedback", () => {
    test("is returned with its turn's record, the newest first, of one conversation or of all", async () => {
      const there = record(3, { conversation: "fake:room:2", id: "turn-there" });
      await using opened = await openWith(record(1), record(2));
      const { archive, kept, give } = opened;
      const other = { conversation: "fake:room:2", records: [there] } as const;
      await archive.sync(batch({ ...other, feedback: [feedback(0, 6_000, { turn: "turn-there" })] }), signal);
      await give(
        feedback(1, 5_000, { reason: "too long\u0000 \ud83d\ude00" }),
        feedback(2, 7_000, { verdict: "up" }),
      );
      const all = await kept.newestFeedback({ limit: 9 }, signal);
      expect(all.map(({ record: { id } }) => id)).toEqual(["turn-2", "turn-there", "turn-1"]);
      expect(all[0]).toEqual({ author: "bob", verdict: "up", atMs: 7_000, record: record(2) });
      expect(all[2]).toMatchObject({
        reason: expect.stringMatching(/^too long.? \ud83d\ude00$/u),
        record: record(1),
      });
      expect(await kept.newestFeedback({ limit: 1 }, signal)).toHaveLength(1);
      expect(await opened.given()).toHaveLength(2);
    });

    const histories: readonly (readonly [string, readonly Feedback[], string])[] = [
      ["a second press of the same thumb", [feedback(1, 1, { reason: "x" }), feedback(1, 2)], "down x"],
      ["another thumb", [feedback(1, 1, { reason: "x" }), feedback(1, 2, { verdict: "up" })], "up"],
      ["the thumb of before", [feedback(1, 1, { verdict: "up" }), feedback(1, 2)], "down"],
      ["another reason", [feedback(1, 1, { reason: "x" }), feedback(1, 2, { reason: "y" })], "down y"],
      ["a void reason", [feedback(1, 1, { reason: "x" }), feedback(1, 2, { reason: "" })], "down"],
      ["the form of a press", [feedback(1, 1), feedback(1, 2, { reason: "y" })], "down y"],
      ["an older press", [feedback(1, 2, { reason: "y" }), feedback(1, 1, { verdict: "up" })], "down y"],
      ["the same press", [feedback(1, 1, { reason: "x" }), feedback(1, 1, { reason: "x" })], "down x"],
    ];
    test.each(histories)("is one for each person and turn after %s", async (_what, presses, left) => {
      await using opened = await openWith(record(1));
      await opened.give(feedback(1, 1, { author: "cy", verdict: "up" }));
      for (const press of presses) await opened.give(press);
      expect((await opened.given()).toSorted()).toEqual([`turn-1 bob ${left}`, "turn-1 cy up"]);
    });

    test("tells the verdicts of one person on the answers of some turns", async () => {
      await using opened = await openWith(record(1), record(2), record(3), record(4));
      await opened.give(
        feedback(1, 1, { reason: "x" }),
        feedback(2, 1),
        feedback(3, 1),
        feedback(4, 1, { author: "cy" }),
      );
      await opened.give(feedback(2, 2, { verdict: "up" }));
      const turns = ["turn-1", "turn-2", "turn-4", "turn-9"];
      expect(await opened.archive.verdictsOf("bob", turns, signal)).toEqual(
        new Map([
          ["turn-1", "down"],
          ["turn-2", "up"],
        ]),
      );
      expect(await opened.archive.verdictsOf("bob", [], signal)).toEqual(new Map());
    });

    test("is dropped without a record of its turn in this conversation, and stored with a record of the same batch", async () => {
      await using opened = await openWith(record(2, { conversation: "fake:room:2" }));
      await opened.give(feedback(1, 1), feedback(2, 1));
      expect(await opened.given()).toEqual([]);
      await opened.archive.sync(batch({ records: [record(1)], feedback: [feedback(1, 1)] }), signal);
      expect(await opened.given()).toEqual(["turn-1 bob down"]);
    });

    test.each([
      ["a message", { kind: "message", message: "q1", revision: 9 }],
      ["the asker", { kind: "author", author: "ada", beforeOrdinal: 2, revision: 9 }],
      ["the conversation", { kind: "all", beforeOrdinal: 2, revision: 9 }],
    ] as const)(
      "goes with its turn's record, by the erasure of %s, and never comes back",
      async (_what, erasure) => {
        await using opened = await openWith(record(1), record(2));
        const both = [feedback(1, 1, { reason: "x" }), feedback(2, 1, { reason: "y" })];
        await opened.give(...both);
        await opened.archive.sync(batch({ erasures: [erasure] }), signal);
        await opened.archive.sync(batch({ records: [record(1)], feedback: both }), signal);
        expect(await opened.given()).toEqual(["turn-2 bob down y"]);
      },
    );

    test("goes with its author on the whole platform, whose conversations it names before", async () => {
      await using opened = await openWith(record(1), record(2));
      const given = [feedback(1, 1_000), feedback(2, 3_000), feedback(2, 1_000, { author: "cy" })];
      await opened.give(...given);
      expect(await opened.archive.locationsOf("fake", "bob", 2_000, signal)).toMatchObject([
        { conversation },
      ]);
      await opened.archive.eraseAuthor("fake", "bob", 2_000, signal);
      await opened.give(...given);
      expect(await opened.given()).toEqual(["turn-2 bob down", "turn-2 cy down"]);
      expect(await opened.archive.locationsOf("fake", "bob", 2_000, signal)).toEqual([]);
    });

    test("expires with its turn's record", async () => {
      await using opened = await openWith(record(1), record(9));
      const both = [feedback(1, 10_000), feedback(9, 10_000)];
      await opened.give(...both);
      await opened.archive.expire(2_000, signal);
      await opened.give(...both);
      expect(await opened.given()).toEqual(["turn-9 bob down"]);
    });
  });
}
