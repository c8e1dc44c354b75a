import { expect, test } from "vitest";

import { answerChunks, keyOf, questionText } from "../../bench/compare/stand-in/marks.ts";
import { summaryOf } from "../../bench/compare/stand-in/summary.ts";
import { textOf } from "../../src/domain/content.ts";
import type { MessageToSummarize, SummaryInput } from "../../src/conversation/summary/summary-input.ts";
import { readLines, summaryPrompt } from "../../src/conversation/summary/summary-prompt.ts";
import { verifySummary } from "../../src/conversation/summary/verify-summary.ts";
import { countTokens } from "../../src/models/count-tokens.ts";

function thread(chars: number): readonly MessageToSummarize[] {
  return [0, 1, 2].flatMap((number) => {
    const question = { conversation: 0, number };
    const shared = { attachments: [], saidAtMs: number };
    const [asked, answered] = [2 * number + 1, 2 * number + 2];
    return [
      {
        ...shared,
        id: `m${asked}`,
        ordinal: asked,
        role: "person",
        speaker: "Person U0",
        text: questionText(question, chars),
      },
      {
        ...shared,
        id: `m${answered}`,
        ordinal: answered,
        role: "bot",
        speaker: "Threadkeeper",
        text: answerChunks(keyOf(question), chars).join(""),
      },
    ];
  });
}

test.each([0, 1_200])("the bot accepts the summary of questions with %i characters", async (chars) => {
  const input: SummaryInput = {
    payer: { conversation: "slack:C0:1", platform: "slack", place: "C0" },
    previous: [],
    messagesToSummarize: thread(chars),
    timeZone: "UTC",
  };
  const { messages } = await summaryPrompt(input, 20_000, []);
  const lines = readLines(summaryOf(textOf(messages.at(-1)?.content ?? "")), input);
  expect(lines).toHaveLength(1);
  expect((await verifySummary(lines, input, countTokens)).forLog).toEqual([]);
});
