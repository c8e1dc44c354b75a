import { expect, test } from "vitest";

import type { SummaryInput } from "../../../src/conversation/summary/summary-input.ts";
import { verifySummary } from "../../../src/conversation/summary/verify-summary.ts";
import { payerIn } from "../../support/core/payer-in.ts";

const said = (ordinal: number) => ({
  id: `m${ordinal}`,
  ordinal,
  role: "person" as const,
  speaker: "Ada",
  text: "four words are here",
  attachments: [],
  saidAtMs: 0,
});
const lineOf = (words: number) => ({
  text: Array.from({ length: words }, () => "word").join(" "),
  cites: [{ message: "m1", ordinal: 1, saidAtMs: 0 }],
});
const inputOf = (messages: number): SummaryInput => ({
  payer: payerIn("fake:room:1"),
  previous: [],
  messagesToSummarize: Array.from({ length: messages }, (_, index) => said(index + 1)),
  timeZone: "UTC",
});

/** A word is a token. */
function wordCounter() {
  let counted = 0;
  return {
    countTokens: (text: unknown): number => {
      counted += 1;
      return String(text).split(" ").length;
    },
    counted: () => counted,
  };
}

test.each([
  [11, []],
  [12, ["too long"]],
  [13, ["too long"]],
])("%i tokens for three messages of four: %j", async (words, faults) => {
  const { countTokens } = wordCounter();
  expect((await verifySummary([lineOf(words)], inputOf(3), countTokens)).forLog).toEqual(faults);
});

test("no more of the input is counted than it takes to tell", async () => {
  const { countTokens, counted } = wordCounter();
  expect((await verifySummary([lineOf(6)], inputOf(1_000), countTokens)).forLog).toEqual([]);
  expect(counted()).toBe(3);
});
