import { expect, test } from "vitest";

import { summaryPrompt, readLines } from "../../../src/conversation/summary/summary-prompt.ts";
import { badSummariser } from "../../support/openai/bad-summariser.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { hear, openModel } from "./open-model.ts";
import type { SummaryInput } from "../../../src/conversation/summary/summary-input.ts";
import { payerIn } from "../../support/core/payer-in.ts";

const input: SummaryInput = {
  payer: payerIn("fake:room:1"),
  previous: Array.from({ length: 30 }, (_, index) => ({
    text: `old [sic] line ${index + 1}`,
    cites: [{ message: `p${index}`, ordinal: index + 1, saidAtMs: 0 }],
    tokens: 5,
  })),
  messagesToSummarize: Array.from({ length: 90 }, (_, index) => ({
    id: `m${index}`,
    ordinal: index + 31,
    role: "person",
    speaker: index % 2 === 0 ? "Ada" : "Grace",
    text: `fact ${index + 31}\n- second line`,
    attachments: [],
    saidAtMs: 0,
  })),
  timeZone: "UTC",
};

async function summarizedBy(options: Parameters<typeof badSummariser>[0]): Promise<string> {
  await using standIn = await startOpenAiStandIn({ respond: badSummariser(options) });
  const { model } = openModel(standIn, { api: "responses" });
  const prompt = await summaryPrompt(input, 2_000, ["too long"]);
  return (await hear(model, AbortSignal.timeout(600_000), prompt)).text;
}

test("the bad summariser loses about a third of the messages, the same with the same seed", async () => {
  const answer = await summarizedBy({ seed: 7 });
  const lines = readLines(answer, input);
  const cited = new Set(lines.flatMap(({ cites }) => cites.map(({ ordinal }) => ordinal)));
  const messagesToSummarize = input.messagesToSummarize.filter(({ ordinal }) => cited.has(ordinal));
  expect(messagesToSummarize.length).toBeGreaterThan(45);
  expect(messagesToSummarize.length).toBeLessThan(75);
  for (const { ordinal, text } of messagesToSummarize) {
    const line = lines.find(({ cites }) => cites.some((cite) => cite.ordinal === ordinal));
    expect(line?.text).toContain(text.replaceAll("\n", " "));
  }
  expect(input.previous.every(({ text }) => lines.some((line) => line.text === text))).toBe(true);
  expect(lines.filter(({ cites }) => cites.length === 2).length).toBeGreaterThan(3);
  expect(lines.every(({ cites }) => cites.length > 0)).toBe(true);
  expect(await summarizedBy({ seed: 7 })).toBe(answer);
  expect(await summarizedBy({ seed: 8 })).not.toBe(answer);
});

test("the bad summariser also loses a third of the lines if configured to", async () => {
  const lines = readLines(await summarizedBy({ seed: 7, forgetsLines: true }), input);
  const kept = input.previous.filter(({ text }) => lines.some((line) => line.text === text));
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.length).toBeLessThan(28);
});

test("the bad summariser answers all other prompts like the echo model", async () => {
  await using standIn = await startOpenAiStandIn({ respond: badSummariser({ seed: 1 }) });
  const heard = await hear(openModel(standIn, { api: "chat" }).model);
  expect(heard.text).toBe(
    "I remember 2 earlier messages. The first was “Ada: the launch is on Friday”. You said “Grace: when is the launch?”.",
  );
});
