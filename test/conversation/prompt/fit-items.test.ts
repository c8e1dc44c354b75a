import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { newestThatFit, takeThatFits } from "../../../src/conversation/prompt/fit-items.ts";
import { countTokens } from "../../../src/models/count-tokens.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { retryWithLessRoom } from "../../../src/conversation/prompt/retry-with-less-room.ts";

interface Item {
  readonly id: number;
  readonly text: string;
}

const tokensOf = ({ id, text }: Item): number => countTokens(`[${id}] ${text}`);
const unit = fc.constantFrom("a", " ", "\n", "日", "🧵", "-", "word ", "\uD83E");
const items = fc
  .array(fc.string({ unit, maxLength: 400 }), { minLength: 1, maxLength: 12 })
  .map((texts) => texts.map((text, id): Item => ({ id, text })));

describe("a prompt in parts", () => {
  test("contains every character of every item, in order, for any room", async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 200 }), async (all, room) => {
        const parts = await allParts(all, room);
        const joined = new Map<number, string>();
        for (const { id, text } of parts.flat()) joined.set(id, (joined.get(id) ?? "") + text);
        expect([...joined].map(([id, text]) => ({ id, text }))).toEqual(all);
      }),
    );
  });

  test("keeps every part within the room, except a single piece of 40 characters", async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 60, max: 200 }), async (all, room) => {
        for (const part of await allParts(all, room)) {
          const tokens = part.reduce((sum, item) => sum + tokensOf(item), 0);
          const isOnePiece = part.length === 1 && (part[0]?.text.length ?? 0) <= 41;
          expect(tokens <= room || isOnePiece).toBe(true);
        }
      }),
    );
  });

  test("divides a text of 100,000 characters without counting it repeatedly", async () => {
    const text = "日本".repeat(50_000);
    let counted = 0;
    let rest: readonly Item[] = [{ id: 0, text }];
    while (rest.length > 0) {
      ({ rest } = await takeThatFits(rest, 2_000, (item) => {
        counted += item.text.length;
        return tokensOf(item);
      }));
    }
    expect(counted).toBeLessThan(text.length * 20);
  });
});

test("the newest items fit the room, and the newest one is always among them", () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 0, max: 200 }), (all, room) => {
      const kept = newestThatFit(all, room, tokensOf);
      expect(kept).toEqual(all.slice(all.length - kept.length));
      expect(kept.length).toBeGreaterThan(0);
      const tokens = kept.reduce((sum, item) => sum + tokensOf(item), 0);
      expect(tokens <= room || kept.length === 1).toBe(true);
    }),
  );
});

describe("a model that accepts fewer tokens than expected", () => {
  const tooLong = new ModelError("context-too-long", "too long");

  test("is asked with half the tokens until it accepts", async () => {
    const asked: number[] = [];
    const answer = await retryWithLessRoom({ highTokens: 16_000 }, async (room) => {
      asked.push(room);
      if (room > 3_000) throw tooLong;
      return "answered";
    });
    expect(answer).toBe("answered");
    expect(asked).toEqual([16_000, 8_000, 4_000, 2_000]);
  });

  test("is not asked forever", async () => {
    const asked: number[] = [];
    const asking = retryWithLessRoom({ highTokens: 1_000 }, async (room) => {
      asked.push(room);
      throw tooLong;
    });
    await expect(asking).rejects.toBe(tooLong);
    expect(asked).toEqual([1_000, 500, 250]);
  });

  test("is not asked again after another fault", async () => {
    let count = 0;
    const fault = new ModelError("rejected", "no");
    const asking = retryWithLessRoom({ highTokens: 1_000 }, async () => {
      count += 1;
      throw fault;
    });
    await expect(asking).rejects.toBe(fault);
    expect(count).toBe(1);
  });
});

async function allParts(all: readonly Item[], room: number): Promise<readonly (readonly Item[])[]> {
  const parts: (readonly Item[])[] = [];
  let rest = all;
  while (rest.length > 0) {
    const taken = await takeThatFits(rest, room, tokensOf);
    expect(taken.part.length).toBeGreaterThan(0);
    parts.push(taken.part);
    ({ rest } = taken);
  }
  return parts;
}
