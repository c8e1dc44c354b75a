import { partsOf, textOf, type Content, type ContentPart } from "../../../src/domain/content.ts";
import type { Prompt, PromptMessage, ToolCall } from "../../../src/domain/prompt.ts";
import type { Usage } from "../../../src/domain/token-usage.ts";
import type { Model, ModelOutput } from "../../../src/ports/model.ts";
import { withoutTimes } from "../texts/without-times.ts";

/** A prompt as a text: its files by their names. */
export interface SeenPrompt extends Omit<Prompt, "messages"> {
  readonly messages: readonly { readonly role: PromptMessage["role"]; readonly text: string }[];
  /** The images that it shows, in their order. */
  readonly images: readonly { readonly name: string; readonly bytes: string }[];
}

/** A model that answers by script and records every prompt. */
export class ScriptedModel implements Model {
  readonly name: string;
  readonly isDemo = false;
  /** Prompts without time marks, as the script gets them. */
  readonly prompts: SeenPrompt[] = [];
  /** With their time marks. */
  readonly timedPrompts: SeenPrompt[] = [];
  /** Yields pieces; may wait for the test, and throw. */
  script: (prompt: SeenPrompt, signal: AbortSignal) => AsyncIterable<string>;
  isCut = false;
  /** Usage to report for a call. Undefined: none. */
  usage: Usage | undefined = { promptTokens: 1, cachedTokens: 0, replyTokens: 1 };
  /** Usage to report for a response that calls tools. Undefined: none. */
  callUsage: Usage | undefined;
  /** Whether it takes images. */
  sees = true;
  readonly seesImages = (): boolean => this.sees;
  /** Images that its server rejects, by name. */
  readonly rejects = new Set<string>();
  /** Tool calls to make instead of answering. */
  calls: (prompt: SeenPrompt) => readonly ToolCall[] = () => [];

  constructor(
    script?: (prompt: SeenPrompt, signal: AbortSignal) => AsyncIterable<string>,
    name = "scripted",
  ) {
    this.name = name;
    this.script = script ?? echo;
  }

  /** One token per four characters, so that tests can calculate. */
  readonly countTokens = (content: Content): number => Math.ceil(textOf(content).length / 4);

  readonly answer = async function* (
    this: ScriptedModel,
    prompt: Prompt,
    signal: AbortSignal,
  ): AsyncGenerator<ModelOutput> {
    const seen = prompt.messages.map(({ role, content }) => ({ role, text: textOf(content) }));
    const images = prompt.messages.flatMap(({ content }) => partsOf(content).flatMap(imageIn));
    this.timedPrompts.push({ ...prompt, messages: seen, images });
    const untimed = { ...prompt, messages: seen.flatMap(withoutTimesIn), images };
    this.prompts.push(untimed);
    const rejected = prompt.messages
      .flatMap(({ content }) => partsOf(content))
      .filter((part) => part.kind === "image")
      .filter(({ name }) => this.rejects.has(name));
    if (rejected.length > 0) yield { kind: "unseen", images: rejected, why: "refused" };
    const calls = this.calls(untimed);
    if (calls.length > 0) {
      const { callUsage: usage } = this;
      yield { kind: "called", calls, provider: [], ...(usage === undefined ? {} : { usage }) };
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

function imageIn(part: ContentPart): SeenPrompt["images"] {
  return part.kind === "image"
    ? [{ name: part.name, bytes: Buffer.from(part.bytes).toString("latin1") }]
    : [];
}

/** Empty for a message that is nothing but a time. */
function withoutTimesIn({ role, text }: SeenPrompt["messages"][number]): SeenPrompt["messages"] {
  const untimed = withoutTimes(text);
  return untimed === "" && text !== "" ? [] : [{ role, text: untimed }];
}

async function* echo(prompt: SeenPrompt): AsyncGenerator<string> {
  yield "Answer to ";
  yield prompt.messages.at(-1)?.text ?? "nothing";
}
