import { describe, expect, test } from "vitest";

import { textOf as asText, type Content } from "../../src/domain/content.ts";
import { verifySummary } from "../../src/conversation/summary/verify-summary.ts";
import { extractFacts } from "../../src/conversation/summary/extract-facts.ts";
import { summaryPrompt } from "../../src/conversation/summary/summary-prompt.ts";
import { buildPrompt } from "../../src/conversation/prompt/build-prompt.ts";

import { nextMemory } from "../../src/conversation/remembering/next-memory.ts";

import type { Message } from "../../src/domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../src/domain/conversation-memory.ts";
import { countTokens } from "../../src/models/count-tokens.ts";
import { families } from "../support/texts/hostile-texts.ts";
import { usualCpuMs, usualStopMs } from "../support/machine-speed.ts";
import type { SummaryInput } from "../../src/conversation/summary/summary-input.ts";
import { advanceRevision, emptyMemory } from "../../src/conversation/memory/new-memory.ts";
import { budgetOf } from "../../src/conversation/memory/budget.ts";
import { verbatimLines } from "../../src/conversation/summary/verbatim-lines.ts";
import { payerIn } from "../support/core/payer-in.ts";

/** The promise is 50 ms; the rest is for code that runs for the first time. */
const mostMs = 150;
const conversation = "fake:room:1";
const payer = payerIn(conversation);
const location = { platform: "fake", place: "room" };
const nothing = advanceRevision(emptyMemory(conversation, location), location, 0);
const quick = (content: Content): number => Math.ceil(asText(content).length / 4);

const remembered = (id: number, text: string): RememberedMessage => ({
  id: `m${id}`,
  author: { id: `u${id}`, name: `Ada ${id}` },
  speaker: `Ada ${id}`,
  role: "person",
  text,
  tokens: quick(text),
  saidAtMs: id,
  attachments: [],
  answers: [],
  chapter: 1,
  ordinal: id,
  revision: 1,
});

/** As many messages of 4,000 characters as fill a window of 128,000 tokens. */
function windowOf(text: string): ConversationMemory {
  const messages = Array.from({ length: 125 }, (_, index) => remembered(index + 1, text));
  const speakers = messages.map(({ author, speaker: label }) => ({ id: author.id, label }));
  return { ...nothing, messages, speakers, nextOrdinal: messages.length + 1 };
}

const longestOf = (run: () => Promise<unknown>): Promise<number> => usualStopMs(run, mostMs);

describe("each step over a window of 128,000 tokens is short,", () => {
  const hard = new Set([
    "heads of letters of all scripts",
    "lines of one letter of any script",
    '"Ada:\\n"',
    "ideographs",
  ]);
  test.each(families.filter(({ name }) => hard.has(name)))("for any text: $name", async ({ textOf }) => {
    const window = windowOf(textOf(4_000));
    const when = { nowMs: 0, timeZone: "UTC" };
    const parts = { instructions: "", budget: budgetOf(128_000), countTokens: quick, when, person: "ada" };
    expect(await longestOf(() => buildPrompt(window, parts))).toBeLessThan(mostMs);
    const input: SummaryInput = {
      payer,
      previous: [],
      messagesToSummarize: window.messages,
      timeZone: "UTC",
    };
    expect(await longestOf(() => summaryPrompt(input, 25_000, []))).toBeLessThan(mostMs);
    const said = window.messages.map((message): Message => message);
    const plan = { kind: "listen", covers: [], changes: [], said } as const;
    const clock = { nowMs: () => 0, sleep: async () => undefined };
    const model = {
      name: "",
      isDemo: false,
      countTokens,
      answer: () => {
        throw new Error("Not asked");
      },
    };
    const ports = { model, budget: budgetOf(128_000), clock, platforms: new Map(), retentionDays: 0 };
    const start = { before: nothing, location, plan, backfill: undefined, syncedRevision: 0 };
    expect(await longestOf(() => nextMemory(ports, start))).toBeLessThan(mostMs);
  });
});

describe("each step of verifying a summary is short", () => {
  const run = "a".repeat(60_000);

  test("even if the facts resemble the rest of the text", async () => {
    const facts = Array.from({ length: 80 }, (_, each) => `${"a".repeat(250)}${each}${"a".repeat(250)}`);
    const [from] = windowOf(`${run} ${facts.join(" ")}`).messages;
    if (from === undefined) throw new Error("No message");
    const input: SummaryInput = { payer, previous: [], messagesToSummarize: [from], timeZone: "UTC" };
    const lines = [{ text: run, cites: [{ message: "m1", ordinal: 1, saidAtMs: 0 }] }];
    const verify = () => verifySummary(lines, input, quick);
    expect(await longestOf(verify)).toBeLessThan(mostMs);
    expect(await usualCpuMs(verify, 2)).toBeLessThan(1_000);
    const lost = [{ from, facts: extractFacts(from.text).exact }];
    expect(await longestOf(() => verbatimLines(lost, input))).toBeLessThan(mostMs);
  });

  test("even with thousands of speakers and one endless line of the model", async () => {
    const messagesToSummarize = Array.from({ length: 3_000 }, (_, index) =>
      remembered(index + 1, "We pay 12,500."),
    );
    const cites = messagesToSummarize.map(({ id: message, ordinal, saidAtMs }) => ({
      message,
      ordinal,
      saidAtMs,
    }));
    const input: SummaryInput = { payer, previous: [], messagesToSummarize, timeZone: "UTC" };
    for (const unit of ["Ada 1x ", "\u0315\u0300"]) {
      const lines = [{ text: unit.repeat(98_000 / unit.length), cites }];
      expect(await longestOf(() => verifySummary(lines, input, quick))).toBeLessThan(mostMs);
    }
  });
});
