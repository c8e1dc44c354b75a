import { describe, expect, test } from "vitest";

import type { RateLimits } from "../../../src/ports/rate-limits.ts";
import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";
import { rateLimitsContract } from "../../contracts/rate-limits-contract.ts";

describe("the limits as one process counts them", () => {
  rateLimitsContract(() => {
    let nowMs = 1_000_000;
    return { limits: new InProcessRateLimits(() => nowMs), pass: (ms) => void (nowMs += ms) };
  });
});

const signal = new AbortController().signal;
const updates = { name: "updates", calls: 48, windowMs: 60_000, forGrowth: 20 };

interface Answer {
  readonly name: string;
  readonly fromMs: number;
  nextMs: number;
  growths: number;
  lateMs: number;
}

/** People who ask at these times get answers of 20 seconds. Simulated in steps of 100 ms. */
async function answersTo(askedAtMs: readonly number[]): Promise<readonly Answer[]> {
  let nowMs = 0;
  let taken: number[] = [];
  /** The platform takes fifty within any minute. Undefined: it does, else how long to wait. */
  const refusal = (): number | undefined => {
    taken = taken.filter((atMs) => atMs > nowMs - 60_000);
    if (taken.length >= 50) return (taken[0] ?? 0) + 60_000 - nowMs;
    taken.push(nowMs);
    return undefined;
  };
  const limits: RateLimits = new InProcessRateLimits(() => nowMs);
  const answers = askedAtMs.map((fromMs, index): Answer => {
    return { name: `a${index}`, fromMs, nextMs: fromMs + 300, growths: 0, lateMs: -1 };
  });
  for (; answers.some(({ lateMs }) => lateMs < 0); nowMs += 100) {
    for (const answer of answers) {
      if (answer.lateMs >= 0 || nowMs < answer.fromMs) continue;
      if (nowMs === answer.fromMs) await limits.open(updates, answer.name, signal);
      // Growing stops at once where the answer is whole.
      if (nowMs === answer.fromMs + 20_000) answer.nextMs = nowMs;
      if (nowMs < answer.nextMs) continue;
      if (nowMs < answer.fromMs + 20_000) {
        const waitMs = await limits.reserveForGrowth(
          updates,
          { answer: answer.name, isFirst: answer.growths === 0 },
          signal,
        );
        if (waitMs === 0) answer.growths += 1;
        if (waitMs === 0 && refusal() !== undefined) throw new Error("Growth was refused");
        answer.nextMs = nowMs + Math.max(1_200, waitMs);
      } else {
        let waitMs = await limits.reserve(updates, answer.name, signal, { closes: answer.name });
        const refusedMs = waitMs === 0 ? refusal() : undefined;
        if (refusedMs !== undefined) {
          await limits.pause(updates, refusedMs, signal);
          waitMs = refusedMs;
        }
        if (waitMs === 0) answer.lateMs = nowMs - answer.fromMs - 20_000;
        answer.nextMs = nowMs + waitMs;
      }
    }
  }
  return answers;
}

describe("of many people who ask at once", () => {
  test("eight see the answer grow, and get all of it in time", async () => {
    const answers = await answersTo(Array.from({ length: 8 }, () => 0));
    expect(Math.max(...answers.map(({ lateMs }) => lateMs))).toBeLessThan(1_500);
    expect(Math.min(...answers.map(({ growths }) => growths))).toBeGreaterThanOrEqual(2);
  });

  test("sixty within two minutes get the whole answer in time, with forty-eight updates a minute", async () => {
    const answers = await answersTo(Array.from({ length: 60 }, (_, index) => index * 2_000));
    expect(Math.max(...answers.map(({ lateMs }) => lateMs))).toBeLessThan(1_500);
    // Thirty answers a minute leave eighteen updates for first words.
    expect(answers.filter(({ growths }) => growths > 0).length).toBeGreaterThanOrEqual(30);
  });

  test("sixty at the same moment get it as fast as the limit allows", async () => {
    const answers = await answersTo(Array.from({ length: 60 }, () => 0));
    const late = answers.map(({ lateMs }) => lateMs).filter((ms) => ms >= 1_500);
    expect(late.length).toBeLessThanOrEqual(12);
    expect(Math.max(...late)).toBeLessThanOrEqual(61_500);
  });
});
