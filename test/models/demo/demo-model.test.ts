import { describe, expect, test } from "vitest";

import { verifySummary } from "../../../src/conversation/summary/verify-summary.ts";
import { summaryPrompt, readLines } from "../../../src/conversation/summary/summary-prompt.ts";
import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import type { Prompt, PromptMessage, PromptPurpose } from "../../../src/domain/prompt.ts";
import { createDemoModel } from "../../../src/models/demo/demo-model.ts";
import type { Model, ModelOutput } from "../../../src/ports/model.ts";
import { modelContract } from "../../contracts/model-contract.ts";
import type { MessageToSummarize } from "../../../src/conversation/summary/summary-input.ts";
import { payerIn } from "../../support/core/payer-in.ts";

const bot = (text: string): PromptMessage => ({ role: "bot", content: text });
const person = (text: string): PromptMessage => ({ role: "person", content: text });

describe("the demo model", () => {
  modelContract(() =>
    Promise.resolve({
      model: createDemoModel({ pieceDelayMs: 1 }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  );

  test("says in each answer and each summary that it is the demo model", async () => {
    expect(createDemoModel().isDemo).toBe(true);
    expect(await ask([person("Ada: hello")])).toMatch(/^\*\*Demo model:\*\* /u);
    expect(await ask([person("Ada: hello")], "command")).toMatch(/^\*\*Demo model:\*\* /u);
  });

  test("repeats the question, in short", async () => {
    const answer = await ask([person(`Ada: hello ${"very ".repeat(1_000)}long`)]);
    expect(answer).toContain("Ada said “hello very very");
    expect(answer.length).toBeLessThan(600);
  });

  test("states how many messages it got, by whom, and quotes the first and the latest", async () => {
    const answer = await ask([
      person("Ada: the launch is on Friday"),
      bot("Noted."),
      person("Grace: the venue is booked"),
      bot("Good."),
      person("Linus: anything else"),
    ]);
    expect(answer).toContain("4 earlier messages");
    expect(answer).toContain("Ada and Grace");
    expect(answer).toContain("“the launch is on Friday”");
    expect(answer).toContain("“the venue is booked”");
  });

  test("calls the reader of the web chat You", async () => {
    const messages = [person("User: the launch is on Friday"), bot("Noted."), person("User: when is it?")];
    const answer = await ask(messages);
    expect(answer).toContain("You said “when is it?”");
    expect(answer).toContain("You: “the launch is on Friday”");
    expect(answer).toContain("with you. You began with");
    expect(answer).not.toContain("User");
  });

  test("says so when it got no earlier messages", async () => {
    expect(await ask([person("Ada: hello")])).toContain("It gave me no earlier messages");
  });

  test.each([
    ["what is my name?", "“My name is Ada and the dog is Rex”"],
    ["Who booked the venue", "“I booked the big venue”"],
    ["do you remember the budget", "“the budget is 4,200 euros”"],
    ["what did I say?", "“My name is Ada and the dog is Rex”"],
    ["was ist mit dem Geschäft in Köln?", "“das Geschäft öffnet erst im Mai”"],
  ])("finds the line that answers “%s”", async (question, line) => {
    const answer = await ask([
      person("Ada: My name is Ada and the dog is Rex"),
      bot("Demo model: name, venue, budget"),
      person("Grace: I booked the big venue"),
      person("Grace: the budget is 4,200 euros"),
      person("Grace: das Geschäft öffnet erst im Mai"),
      person(`Ada: ${question}`),
    ]);
    expect(answer.split("I remember")[0]).toContain(line);
  });

  test("prefers lines that share more words with the question, in their order", async () => {
    const answer = await ask([
      person("Ada: the blue boat sails on Monday"),
      ...["one", "two", "three", "four"].map((word) => person(`Grace: boat ${word}`)),
      person("Ada: when sails the blue boat?"),
    ]);
    expect(answer.split("I remember")[0]).toContain(
      "- Ada: “the blue boat sails on Monday”\n- Grace: “boat three”\n- Grace: “boat four”\n",
    );
  });

  test("uses only the prompt: another prompt's words don't appear", async () => {
    const model = createDemoModel({ pieceDelayMs: 0 });
    await ask([person("Ada: the password is xyzzy"), person("Ada: ok?")], "answer", model);
    expect(await ask([person("Grace: what is the password?")], "answer", model)).not.toContain("xyzzy");
  });

  test("lists messages with their speakers in a summary", async () => {
    const messages = [
      person("[2 earlier messages are left out here for length.]"),
      person("Ada: the launch is on Friday"),
      bot("Noted."),
      person("Grace: the venue\nis booked"),
      person("Summarise this conversation now."),
    ];
    const summary = await ask(messages, "command");
    expect(summary).toContain("- Ada: “the launch is on Friday”\n- Grace: “the venue is booked”");
    expect(summary).not.toContain("Summarise");
    expect(summary).not.toContain("left out here");
  });

  test("summarises a long conversation by its end, and says what it leaves out", async () => {
    const said = Array.from({ length: 50 }, (_, index) => person(`Ada: line ${index + 1}.`));
    const summary = await ask([...said, person("Summarise now.")], "command");
    expect(summary).toContain("leave out the first 20 messages");
    expect(summary).not.toContain("“line 20.”");
    expect(summary).toContain("“line 21.”");
    expect(summary).toContain("“line 50.”");
  });

  test("accepts messages of any shape", async () => {
    for (const text of ["", "Ada: ", ": ", "no speaker", "Ada: ```\ncode", "🧵".repeat(100_000)]) {
      expect(await ask([person(text), bot(""), person(text)])).toContain("Demo model:");
    }
  });

  test.each([
    ["what did Ada say about the Köln venue?", "köln venue"],
    ["Do you still remember the budget?", "budget"],
    ["do you remember what Ada said about the budget", "budget"],
    ["recall OPS-4711 please", "ops-4711"],
    ["please recall what was decided about the venue", "decided venue"],
  ])("calls recall when clearly asked to: %s", async (question, words) => {
    const outputs = await collect({
      ...promptOf([person(`Grace: ${question}`)], "answer"),
      tools: [recallTool.definition],
    });
    expect(outputs).toEqual([
      {
        kind: "called",
        calls: [{ id: "recall-1", name: "recall", argument: JSON.stringify({ words }) }],
        provider: [],
      },
    ]);
  });

  test.each([
    ["what is on the menu?", [recallTool.definition]],
    ["do you remember me?", [recallTool.definition]],
    ["They said about fifty people came.", [recallTool.definition]],
    ["what did Ada say about the venue?", []],
    ["what did Ada say about the venue?", [{ ...recallTool.definition, name: "launch_rocket" }]],
  ])("makes no call for “%s”", async (question, tools) => {
    const outputs = await collect({ ...promptOf([person(`Grace: ${question}`)], "answer"), tools });
    expect(outputs.at(-1)?.kind).toBe("finished");
  });

  test.each([
    [
      "[1] Ada, 2026-11-20: the venue: a hall\n[2] Linus, 2026-11-21: no, the old venue",
      "I looked it up:\n\n- Ada, 2026-11-20: “the venue: a hall” [1]\n- Linus, 2026-11-21: “no, the old venue” [2]\n",
    ],
    [
      "[1] Threadkeeper, 2026-11-20: **Demo model:** the venue\n[3] Ada, 2026-11-20: the venue",
      "I looked it up:\n\n- Ada, 2026-11-20: “the venue” [3]\n\nI",
    ],
    ["[1] Threadkeeper, 2026-11-20: the venue", "I looked it up, but found nothing.\n"],
    ["Nothing was found. Say so instead of guessing.", "I looked it up, but found nothing.\n"],
    ["Error: the archive can't be reached now.", "I tried to look it up, but couldn't.\n"],
  ])("calls once, and answers from the result: %s", async (result, words) => {
    const asked = promptOf([person("Grace: what did Ada say about the venue?")], "answer");
    const call = { id: "recall-1", name: "recall", argument: '{"words":"venue"}' };
    const outputs = await collect({
      ...asked,
      tools: [recallTool.definition],
      calls: [{ call, result, provider: [] }],
    });
    expect(outputs.at(-1)).toEqual({ kind: "finished", isCut: false });
    expect(textOf(outputs)).toContain(words);
  });

  test("adds a line to the summary for each message of a person", async () => {
    const messagesToSummarize = [
      leavingOf(7, "Ada", "The launch is on 2026-12-01.\n- at 14:30"),
      leavingOf(8, "", "**Demo model:** Ada said that and much more, and here is a long answer to it."),
      leavingOf(9, "Grace", `We decided: ${"🧵 yes ".repeat(50)}`),
    ];
    const cites = [{ message: "m2", ordinal: 2, saidAtMs: 0 }];
    const input = {
      payer: payerIn("web:user:1"),
      previous: [{ text: "Ada is [sic] here", cites, tokens: 9 }],
      messagesToSummarize,
      timeZone: "UTC",
    };
    const answer = textOf(await collect(await summaryPrompt(input, 1_000, [])));
    expect(answer.split("\n")).toEqual([
      "- Ada is [sic] here [2]",
      "- Ada: The launch is on 2026-12-01. - at 14:30 [7]",
      expect.stringMatching(/^- Grace: We decided: (?:🧵 yes )+.*… \[9\]$/u),
    ]);
    const lines = readLines(answer, input);
    expect(lines.map(({ cites: [cite] }) => cite?.ordinal)).toEqual([2, 7, 9]);
    for (const { text } of lines) expect(text.length).toBeLessThanOrEqual(120);
    expect(await verifySummary(lines, input, createDemoModel().countTokens)).toMatchObject({
      forModel: [],
      lost: [],
    });
  });

  test("summarises a conversation with only its own messages, and an empty one", async () => {
    const payer = payerIn("web:user:1");
    const timeZone = "UTC";
    const own = {
      payer,
      previous: [],
      messagesToSummarize: [leavingOf(8, "", "Hello there.")],
      timeZone,
    } as const;
    expect(textOf(await collect(await summaryPrompt(own, 1_000, [])))).toBe(
      "- Threadkeeper: Hello there. [8]",
    );
    const nothing = { payer, previous: [], messagesToSummarize: [], timeZone } as const;
    expect(textOf(await collect(await summaryPrompt(nothing, 1_000, [])))).toBe("Nothing was said.");
  });

  test("divides a long answer into larger pieces", async () => {
    const said = Array.from({ length: 30 }, () => person(`Ada: ${"word ".repeat(40)}`));
    const outputs = await collect(promptOf(said, "command"));
    const pieces = outputs.filter(({ kind }) => kind === "piece").length;
    expect(pieces).toBeGreaterThan(60);
    expect(pieces).toBeLessThanOrEqual(120);
  });
});

function promptOf(messages: readonly PromptMessage[], purpose: PromptPurpose): Prompt {
  return { purpose, payer: payerIn("web:user:1"), instructions: "Be kind.", messages };
}

async function ask(
  messages: readonly PromptMessage[],
  purpose: PromptPurpose = "answer",
  model: Model = createDemoModel({ pieceDelayMs: 0 }),
): Promise<string> {
  return textOf(await collect(promptOf(messages, purpose), model));
}

async function collect(
  prompt: Prompt,
  model: Model = createDemoModel({ pieceDelayMs: 0 }),
): Promise<readonly ModelOutput[]> {
  const outputs: ModelOutput[] = [];
  for await (const output of model.answer(prompt, AbortSignal.timeout(600_000))) outputs.push(output);
  return outputs;
}

function textOf(outputs: readonly ModelOutput[]): string {
  return outputs.map((output) => (output.kind === "piece" ? output.text : "")).join("");
}

function leavingOf(ordinal: number, speaker: string, text: string): MessageToSummarize {
  const role = speaker === "" ? "bot" : "person";
  return { id: `m${ordinal}`, ordinal, role, speaker, text, attachments: [], saidAtMs: 0 };
}
