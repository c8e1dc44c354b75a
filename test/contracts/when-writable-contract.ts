import { expect, test } from "vitest";

import type { ReplyAddress } from "../../src/domain/reply-address.ts";
import type { Platform } from "../../src/ports/platform.ts";
import { createPlanned, editPlanned } from "../support/core/planned-writes.ts";

export interface OpenedForWriting extends AsyncDisposable {
  readonly platform: Platform;
  /** Where a question was asked. */
  readonly to: ReplyAddress;
}

const never = new AbortController().signal;

interface Expected {
  /** Its rate limits come to a halt while this many answers grow. */
  readonly isLimited: boolean;
  readonly answers: number;
}

/** A platform's plan for the writes of replies. */
export function whenWritableContract(
  open: () => Promise<OpenedForWriting>,
  { isLimited, answers: count }: Expected,
): void {
  const postOf = (turn: string, text: string, state: "writing" | "done") => ({
    turn,
    part: 0,
    covers: ["1"],
    text,
    state,
  });

  /** Begins an answer and lets it grow until the signal aborts. */
  async function beginAnswer({ platform, to }: OpenedForWriting, turn: string, until: AbortSignal) {
    const post = postOf(turn, "One", "writing");
    const id = await createPlanned(platform, { to, post, kind: "first" }, never);
    const grown = { words: 1 };
    const grow = async (): Promise<never> => {
      for (;;) {
        const more = postOf(turn, "One ".repeat(grown.words + 1), "writing");
        await editPlanned(
          platform,
          { to, id, post: more, kind: grown.words === 1 ? "first" : "growth" },
          until,
        );
        grown.words += 1;
      }
    };
    return { id, grown, growing: grow().catch((error: unknown) => error) };
  }

  test("the end of an answer is written while growth has to wait, and a wait ends with its signal", async () => {
    await using opened = await open();
    const { platform, to } = opened;
    const complete = new AbortController();
    const turns = Array.from({ length: count }, (_, index) => `t${index}`);
    const answers = await Promise.all(turns.map((turn) => beginAnswer(opened, turn, complete.signal)));
    const words = (): number => answers.reduce((sum, { grown }) => sum + grown.words, 0);
    await expect.poll(words).toBeGreaterThan(turns.length);
    let before = -1;
    const hasHalted = (): boolean => before === (before = words());
    await expect.poll(() => !isLimited || hasHalted(), { interval: 300 }).toBe(true);
    const ends = answers.map(({ id }, index) => {
      const post = postOf(turns[index] ?? "", "One and all", "done");
      return editPlanned(platform, { to, id, post, kind: "final" }, never);
    });
    const tooLong = new Promise((_, reject) => setTimeout(reject, 5_000, new Error("An end had to wait")));
    await Promise.race([Promise.all(ends), tooLong]);
    const reason = new Error("The answer is complete");
    complete.abort(reason);
    expect(await Promise.all(answers.map(({ growing }) => growing))).toEqual(turns.map(() => reason));
  });
}
