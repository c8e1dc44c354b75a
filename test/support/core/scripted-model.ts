import type { Prompt, PromptMessage, ToolCall } from "../../../src/domain/prompt.ts";
import type { Usage } from "../../../src/domain/token-usage.ts";
import type { Model, ModelOutput } from "../../../src/ports/model.ts";
import { withoutTimes } from "../texts/without-times.ts";

/** A model that answers by script and records every prompt. */
export class ScriptedModel implements Model {
  readonly name = "scripted";
  readonly isDemo = false;
  /** Prompts without time marks, as the script gets them. */
  readonly prompts: Prompt[] = [];
  /** Unchanged prompts. */
  readonly timedPrompts: Prompt[] = [];
  /** Yields pieces; may wait for the test, and throw. */
  script: (prompt: Prompt, signal: AbortSignal) => AsyncIterable<string>;
  isCut = false;
  /** Usage to report for a call. Undefined: none. */
  usage: Usage | undefined = { promptTokens: 1, cachedTokens: 0, replyTokens: 1 };
  /** Tool calls to make instead of answering. */
  calls: (prompt: Prompt) => readonly ToolCall[] = () => [];

  constructor(script?: (prompt: Prompt, signal: AbortSignal) => AsyncIterable<string>) {
    this.script = script ?? echo;
  }

  /** One token per four characters, so that tests can calculate. */
  readonly countTokens = (text: string): number => Math.ceil(text.length / 4);

  readonly answer = async function* (
    this: ScriptedModel,
    prompt: Prompt,
    signal: AbortSignal,
  ): AsyncGenerator<ModelOutput> {
    this.timedPrompts.push(prompt);
    const untimed = { ...prompt, messages: prompt.messages.flatMap(withoutTimesIn) };
    this.prompts.push(untimed);
    const calls = this.calls(untimed);
    if (calls.length > 0) {
      yield { kind: "called", calls, provider: [] };
      return;
    }
    for await (const text of this.script(untimed, signal)) {
      signal.throwIfAborted();
      yield { kind: "piece", text };
    }
    const { usage } = this;
    yield { kind: "finished", isCut: this.isCut, ...(usage === undefined ? {} : { usage }) };
  }.bind(this);
}

/** Empty for a message that is nothing but a time. */
function withoutTimesIn({ role, text }: PromptMessage): readonly PromptMessage[] {
  const untimed = withoutTimes(text);
  return untimed === "" && text !== "" ? [] : [{ role, text: untimed }];
}

async function* echo(prompt: Prompt): AsyncGenerator<string> {
  yield "Answer to ";
  yield prompt.messages.at(-1)?.text ?? "nothing";
}
