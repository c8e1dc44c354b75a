import { describe, expect, test } from "vitest";

import type { Prompt, PromptMessage } from "../../src/domain/prompt.ts";
import { createDemoModel } from "../../src/models/demo-model.ts";
import type { Model } from "../../src/ports/model.ts";
import { modelContract } from "../contracts/model-contract.ts";

const bot = (text: string): PromptMessage => ({ role: "bot", text });
const person = (text: string): PromptMessage => ({ role: "person", text });

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
    expect(await ask([person("Ada: hello")], "Summarise this.")).toMatch(/^\*\*Demo model:\*\* /u);
  });

  test("repeats the question, in short", async () => {
    const answer = await ask([person(`Ada: hello ${"very ".repeat(1_000)}long`)]);
    expect(answer).toContain("Ada said “hello very very");
    expect(answer.length).toBeLessThan(600);
  });

  test("tells how many messages it was given, by whom, and quotes the first and the latest", async () => {
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

  test("says so when it was given nothing before", async () => {
    expect(await ask([person("Ada: hello")])).toContain("I was given nothing");
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

  test("prefers the lines that share more words with the question, and shows them in their order", async () => {
    const answer = await ask([
      person("Ada: the blue boat sails on Monday"),
      ...["one", "two", "three", "four"].map((word) => person(`Grace: boat ${word}`)),
      person("Ada: when sails the blue boat?"),
    ]);
    expect(answer.split("I remember")[0]).toContain(
      "- Ada: “the blue boat sails on Monday”\n- Grace: “boat three”\n- Grace: “boat four”\n",
    );
  });

  test("knows nothing but the prompt: another one's words are not in it", async () => {
    const model = createDemoModel({ pieceDelayMs: 0 });
    await ask([person("Ada: the password is xyzzy"), person("Ada: ok?")], "", model);
    expect(await ask([person("Grace: what is the password?")], "", model)).not.toContain("xyzzy");
  });

  test("lists what was said when it is to summarise, with the speakers", async () => {
    const messages = [
      person("[2 earlier messages are left out here for length.]"),
      person("Ada: the launch is on Friday"),
      bot("Noted."),
      person("Grace: the venue\nis booked"),
      person("Summarise this conversation now."),
    ];
    const summary = await ask(messages, "Summarise the conversation below.");
    expect(summary).toContain("- Ada: “the launch is on Friday”\n- Grace: “the venue is booked”");
    expect(summary).not.toContain("Summarise");
    expect(summary).not.toContain("left out here");
  });

  test("summarises a long talk by its end, and says what it leaves out", async () => {
    const said = Array.from({ length: 50 }, (_, index) => person(`Ada: line ${index + 1}.`));
    const summary = await ask([...said, person("Summarise now.")], "Summarise this.");
    expect(summary).toContain("leave out the first 20 messages");
    expect(summary).not.toContain("“line 20.”");
    expect(summary).toContain("“line 21.”");
    expect(summary).toContain("“line 50.”");
  });

  test("gets along with messages of any shape", async () => {
    for (const text of ["", "Ada: ", ": ", "no speaker", "Ada: ```\ncode", "🧵".repeat(100_000)]) {
      expect(await ask([person(text), bot(""), person(text)])).toContain("Demo model:");
    }
  });

  test("takes a long answer in larger pieces", async () => {
    let pieces = 0;
    const said = Array.from({ length: 30 }, () => person(`Ada: ${"word ".repeat(40)}`));
    const model = createDemoModel({ pieceDelayMs: 0 });
    for await (const output of model.answer(promptOf(said, "Summarise this."), AbortSignal.timeout(5_000))) {
      if (output.kind === "piece") pieces += 1;
    }
    expect(pieces).toBeGreaterThan(60);
    expect(pieces).toBeLessThanOrEqual(120);
  });
});

function promptOf(messages: readonly PromptMessage[], instructions: string): Prompt {
  return { conversation: "web:user:1", instructions, messages };
}

async function ask(
  messages: readonly PromptMessage[],
  instructions = "Be kind.",
  model: Model = createDemoModel({ pieceDelayMs: 0 }),
): Promise<string> {
  let text = "";
  for await (const output of model.answer(promptOf(messages, instructions), AbortSignal.timeout(5_000))) {
    if (output.kind === "piece") text += output.text;
  }
  return text;
}
