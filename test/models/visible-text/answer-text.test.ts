import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import { AnswerText } from "../../../src/models/visible-text/answer-text.ts";

interface Read {
  readonly text: string;
  readonly calls: readonly string[];
  readonly withdrawn: readonly string[];
}

const sizes = [1, 2, 3, 7, 1_000];

function read(
  text: string,
  size: number,
  startsThinking: boolean | undefined = false,
): Read & { readonly starts?: boolean } {
  const answer = new AnswerText({ startsThinking, tools: [recallTool.definition] });
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
  let shown = "";
  const withdrawn: string[] = [];
  for (const growth of [...pieces.map((piece) => answer.push(piece)), answer.end(false)]) {
    if (growth.isWithdrawn) withdrawn.push(shown);
    shown = growth.isWithdrawn ? growth.text : shown + growth.text;
  }
  const starts = answer.hasStartedThinking;
  const calls = answer.calls.map(({ name, argument }) => `${name} ${argument}`);
  return { text: shown, calls, withdrawn, ...(starts === undefined ? {} : { starts }) };
}

describe("thoughts are no part of an answer", () => {
  test.each([
    ["<think>\nA person asks.\n</think>\n\nOn 14 May."],
    ["\n<think>A person asks.</think>On 14 May."],
    ["<Thinking>A person asks.</Thinking>\nOn 14 May."],
    ["<thought>A person asks.</thought>On 14 May."],
    ["<reasoning>A person asks.</reasoning>On 14 May."],
    ["<seed:think>A person asks.</seed:think>On 14 May."],
    ["<think></think>\n\n<think>A person asks.</think>On 14 May."],
    ["<think>A person asks about `</think>` and “<b>”.</think>On 14 May."],
    ["<think>A person asks.</think>\n<answer>On 14 May.</answer>"],
    ["[THINK]A person asks.[/THINK]On 14 May."],
    ["◁think▷A person asks.◁/think▷On 14 May."],
    ["<|START_THINKING|>A person asks.<|END_THINKING|><|START_RESPONSE|>On 14 May.<|END_RESPONSE|>"],
    [
      "<|begin_of_thought|>A person asks.<|end_of_thought|>\n<|begin_of_solution|>On 14 May.<|end_of_solution|>",
    ],
    ["<|inner_prefix|>A person asks.<|inner_suffix|>On 14 May."],
    ["<|channel>thought\nA person asks.<channel|>On 14 May."],
    ["<unused94>thought\nA person asks.<unused95>On 14 May."],
    ["<|im_start|>assistant\n<think>A person asks.</think>On 14 May.<|im_end|>"],
    [
      "<|channel|>analysis<|message|>A person asks.<|end|><|start|>assistant<|channel|>final<|message|>On 14 May.<|return|>",
    ],
    [
      "<|channel|>analysis<|message|>A person <b>asks</b>.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>On 14 May.",
    ],
    ["analysisWe need the date.assistantfinalOn 14 May."],
    ["A person asks.\n</think>\n\nOn 14 May."],
    ["A person *asks*.</think>On 14 May."],
    ["A person asks.\n[/THINK]On 14 May."],
    ["<think></think>A person asks.\n</think>\nOn 14 May."],
    ["</think>\n\nOn 14 May."],
    ["<antThinking>A person asks.</antThinking>On 14 May."],
    ["<think>A person asks.</think><response>On 14 May.</response>"],
    ["<think>A person asks.</think>\n<final_answer>\nOn 14 May.</final_answer>"],
    ["Here are my steps:\nA person asks.\n[BEGIN FINAL RESPONSE]\nOn 14 May.[END FINAL RESPONSE]<|end|>"],
    ["analysisthe user asks.assistantfinalOn 14 May."],
    ["assistantfinalOn 14 May."],
    ["The person asks about <think> tags.\nFine.\n</think>\n\nOn 14 May."],
    ["On 14 May.</s>"],
    ["<think> okay, the person asks.\n</think>\nOn 14 May."],
    ["<think> looking at the dates. </think> On 14 May."],
    ["<think> is it today?\n</think>\nOn 14 May."],
    ["<think> is a tag that a person asks about.\n</think>\nOn 14 May."],
    ["<think> tags are what the person means. I answer.</think>\n\nOn 14 May."],
    ["<think> tags are what the person means. I answer.</think>On 14 May."],
    ["<think> so and so </think>On 14 May."],
    [
      '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n&gt; Hm. </think>\n</details>\nOn 14 May.',
    ],
  ])("%j", (text) => {
    for (const size of sizes) {
      const { text: shown, calls } = read(text, size);
      expect([shown.trimStart(), calls]).toEqual(["On 14 May.", []]);
    }
  });

  test("even in its middle, in tags on their own lines, or in marks", () => {
    for (const size of sizes) {
      expect(read("First.\n\n<think>\nHm.\n</think>\n\nLast.", size).text).toBe("First.\n\nLast.");
      expect(read("First. [THINK]Hm.[/THINK]Last.", size).text).toBe("First. Last.");
    }
  });

  test("even if they have no end", () => {
    for (const size of sizes) {
      expect(read("<think>A person asks", size).text).toBe("");
      expect(read("<|channel|>analysis<|message|>A person asks", size).text).toBe("");
    }
  });

  test("and are retracted where only their end is marked; from then on they are not shown", () => {
    const text = "A person asks.\n</think>\n\nOn 14 May.";
    expect(read(text, 3)).toMatchObject({ withdrawn: ["A person asks.\n"], starts: true });
    for (const size of sizes) {
      expect(read(text, size, true)).toMatchObject({ text: "On 14 May.", withdrawn: [], starts: true });
      expect(read("On 14 May.", size, true)).toMatchObject({ text: "On 14 May.", starts: false });
      expect(read("<think>Hm.</think>On 14 May.", size, true)).toMatchObject({
        text: "On 14 May.",
        starts: false,
      });
    }
  });

  test("nor is text that a model invents after the end of its answer", () => {
    for (const mark of [
      "<|im_end|>",
      "<|eot_id|>",
      "<end_of_turn>",
      "<|endoftext|>",
      "<｜end▁of▁sentence｜>",
    ]) {
      for (const size of sizes)
        expect(read(`On 14 May.${mark}\nuser\nThanks!`, size).text).toBe("On 14 May.");
    }
  });
});

describe("an answer is shown unchanged that", () => {
  test.each([
    [
      "tells about tags in code",
      "`<think>` opens, `</think>` closes:\n```xml\n<think>\nHm.\n</think>\n```\nAs **said**.",
    ],
    ["begins with a block of code", "```xml\n<think>\nHm.\n</think>\n```\nThat's it."],
    ["has a fence of tildes", "So:\n~~~\n</think>\n<tool_call>{}</tool_call>\n~~~\nDone."],
    ["tells about tags in prose", "The <think> tag opens thoughts, and </think> closes them."],
    ["tells about one tag", "The </think> tag closes what the template has opened."],
    ["tells about calls", "Use the <tool_call> tag, or `[TOOL_CALLS]`, or `<|python_tag|>`."],
    ["shows tags in a list", "- <think>: opens\n- </think>: closes"],
    ["shows tags in a table", "| tag | use |\n| --- | --- |\n| <think> | opens |\n| </think> | closes |"],
    ["shows tags in code by its indentation", "So:\n\n    <think>\n    Hm.\n    </think>\n\nDone."],
    ["strikes words out", "It costs <s>5</s> 4."],
    ["tells about ends of calls", "Then </tool_call> closes it, and <tool_response> holds what came of it."],
    ["holds HTML", "A <b>bold</b> word<br/> and <details><summary>more</summary></details>, 1 < 2 <= 3."],
    [
      "holds links, names and operators",
      "See [the docs](https://x.org), <https://y.org>, <@U1>, a <|> b |> c [draft] ~5 `x",
    ],
    ["is JSON", '{"name": "Ada", "age": 36}'],
    ["is code", '```json\n{"name": "Ada"}\n```\nis hers.'],
    ["begins with the word analysis", "analysis of the launch: fine."],
    ["ends in the midst of a tag", "Use <thi"],
    ["begins with a tag that it tells about", "<think> is a tag that opens thoughts."],
    [
      "begins with a tag, and tells about its end too",
      "<think> opens thoughts, and </think> closes them. That is all.",
    ],
    ["begins with both tags", "<think> and </think> are tags.\n\nOne opens, the other closes."],
    ["begins with both tags around nothing", "<think>…</think> marks thoughts."],
    ["begins with a tag behind which a list is", "<think>: opens\n</think>: closes"],
    ["begins with a tag in another language", "<think> ouvre une pensée et </think> la ferme."],
    ["tells about the tags of tools", "I write <recall>words</recall>.\n<recall> is my tool."],
    ["shows details", '<details type="more">\n<summary>More</summary>\nA reasoning.\n</details>\nDone.'],
  ])("%s", (_, text) => {
    for (const size of sizes) expect(read(text, size)).toMatchObject({ text, calls: [], withdrawn: [] });
  });

  test("contains no marks, however it is split", () => {
    const plain = fc.string({ unit: fc.constantFrom(...Array.from("abC .,\n`~*#>)]|/{}é🧵")) });
    fc.assert(
      fc.property(plain, fc.integer({ min: 1, max: 9 }), (text, size) => {
        expect(read(`The ${text}`, size)).toMatchObject({ text: `The ${text}`, withdrawn: [] });
      }),
    );
  });

  test("and only what may still become a mark waits", () => {
    const answer = new AnswerText({ startsThinking: false, tools: [recallTool.definition] });
    for (const piece of ["The ", "launch", " is *on*", " 14 <b>May</b>", " (see [1]", ", [two](x)", ").\n"]) {
      expect(answer.push(piece).text).toBe(piece);
    }
    expect([answer.push("a < b, <th").text, answer.push("e>").text]).toEqual(["a < b, ", "<the>"]);
  });
});

describe("a call that is written as text is a call", () => {
  const json = '{"words": "roof garden"}';
  test.each([
    [`<tool_call>\n{"name": "recall", "arguments": ${json}}\n</tool_call>`],
    [`<tool_call>{"name": "recall", "arguments": "{\\"words\\": \\"roof garden\\"}"}`],
    [
      `<tool_call>\n<function=recall>\n<parameter=words>\nroof garden\n</parameter>\n</function>\n</tool_call>`,
    ],
    [`<tool_call>recall\n<arg_key>words</arg_key>\n<arg_value>roof garden</arg_value>\n</tool_call>`],
    [`<tool_calls><tool_call>recall\n\`\`\`json\n${json}\n\`\`\`</tool_call></tool_calls>`],
    [`[TOOL_CALLS][{"name": "recall", "arguments": ${json}}]`],
    [`[TOOL_CALLS]recall[ARGS]${json}`],
    [`<|python_tag|>{"name": "recall", "parameters": ${json}}<|eom_id|>`],
    [`<|python_tag|>recall.call(words="roof garden")`],
    [`<function=recall>${json}</function>`],
    [
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>recall\n\`\`\`json\n${json}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    [
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>recall<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    [
      `<｜DSML｜function_calls>\n<｜DSML｜invoke name="recall">\n<｜DSML｜parameter name="words" string="true">roof garden</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>`,
    ],
    [
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.recall:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
    ],
    [
      `<function_calls>\n<invoke name="recall">\n<parameter name="words">roof garden</parameter>\n</invoke>\n</function_calls>`,
    ],
    [
      `<minimax:tool_call><invoke name="recall"><parameter name="words">roof garden</parameter></invoke></minimax:tool_call>`,
    ],
    [`<|tool_call>call:recall{words:<|"|>roof garden<|"|>}<tool_call|>`],
    [`<start_function_call>call:recall{words:<escape>roof garden<escape>}<end_function_call>`],
    [`<|tool_call_start|>[recall(words="roof garden")]<|tool_call_end|>`],
    [`<|START_ACTION|>[{"tool_name": "recall", "parameters": ${json}}]<|END_ACTION|>`],
    [`<|channel|>commentary to=functions.recall <|constrain|>json<|message|>${json}<|call|>`],
    [`<|start|>assistant to=functions.recall<|channel|>commentary json<|message|>${json}<|call|>`],
    [`<think>Hm.</think><tool_call>{"name": "recall", "arguments": ${json}}</tool_call>`],
    [`functools[{"name": "recall", "arguments": ${json}}]`],
    [`{"name": "recall", "parameters": ${json}}`],
    [`\`\`\`json\n{"name": "recall", "arguments": ${json}}\n\`\`\``],
    [`\`\`\`tool_code\nrecall(words="roof garden")\n\`\`\``],
    [`recall(words='roof garden')`],
    [`\`\`\`tool_code\nprint(recall(words="roof garden"))\n\`\`\``],
    [`call:recall{words:roof garden}`],
    [`<tools>\n{"name": "recall", "arguments": ${json}}\n</tools>`],
    [`<function_calls>\nrecall(words="roof garden")\n</function_calls>`],
    [`analysisWe look.assistantcommentary to=functions.recall json${json}`],
    [`<function=recall>\n<parameter=words>roof garden</parameter>\n</function></tool_call>`],
    [`<tool_call>{"name": "recall", "arguments": ${json}}</tool_call></s>`],
    [`<recall>\n<words>roof garden</words>\n</recall>`],
    [`<recall>${json}</recall>`],
    [`<recall>roof garden</recall>`],
    [`<recall words="roof garden"/>`],
    [`<recall words="roof garden">\n</recall>`],
    [`<think>Hm.</think>\n<recall><words>roof garden</words></recall>`],
  ])("%s", (text) => {
    for (const size of sizes) {
      const { calls, ...rest } = read(text, size);
      expect(calls).toEqual(['recall {"words":"roof garden"}']);
      expect(rest).toMatchObject({ text: "", withdrawn: [] });
    }
  });

  test("after a text, which is shown", () => {
    const call = '<tool_call>{"name":"recall","arguments":{"words":"roof"}}</tool_call>';
    for (const size of sizes) {
      expect(read(`Let me look.\n${call}\n${call}`, size)).toMatchObject({ text: "Let me look.\n\n" });
      expect(read(`Let me look. ${call}\n${call}`, size).calls).toHaveLength(2);
      const named = "<recall>roof</recall>";
      expect(read(`Let me look.\n${named}\n${named}`, size)).toMatchObject({
        text: "Let me look.\n\n",
        calls: ['recall {"words":"roof"}', 'recall {"words":"roof"}'],
      });
    }
  });

  test.each([
    `[recall(words="roof garden"), recall(words="hall")]`,
    `<minimax:tool_call><invoke name="recall"><parameter name="words">roof garden</parameter></invoke><invoke name="recall"><parameter name="words">hall</parameter></invoke></minimax:tool_call>`,
  ])("even several, as tags or as code: %s", (text) => {
    for (const size of sizes)
      expect(read(text, size).calls).toEqual(['recall {"words":"roof garden"}', 'recall {"words":"hall"}']);
  });

  test("and a result that a model invents for it is not shown", () => {
    const call = '<tool_call>{"name":"recall","arguments":{"words":"roof"}}</tool_call>';
    for (const size of sizes) {
      const { text, calls } = read(`${call}\n<tool_response>\n[1] Ada: no\n</tool_response>\nNo.`, size);
      expect([text.trim(), calls.length]).toEqual(["", 1]);
    }
  });

  test("but is not shown if the function does not exist, or the call can't be parsed", () => {
    for (const call of [
      '{"name":"launch","arguments":{}}',
      '{"name":"recall","arguments":{}}',
      "recall of",
      "{",
    ]) {
      for (const size of sizes) {
        expect(read(`<tool_call>${call}</tool_call>I could not.`, size)).toMatchObject({
          text: "I could not.",
          calls: [],
        });
      }
    }
  });
});
