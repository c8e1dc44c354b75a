import type { ToolDefinition, ToolCall } from "../../domain/prompt.ts";
import { writtenCalls } from "./written-calls.ts";

const maxChars = 50_000;
const maxCalls = 20;

/** Collects calls that a model writes as text. */
export class CallText {
  /** The tag that ends the call. Undefined: the end of the message or answer. */
  closing: string | undefined;
  readonly #tools: readonly ToolDefinition[];
  readonly #calls: ToolCall[] = [];
  #text = "";

  constructor(tools: readonly ToolDefinition[]) {
    this.#tools = tools;
  }

  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** @param text - the marker or the tool's name, which may precede the call */
  begin(text: string, closing?: string): void {
    this.closing = closing;
    this.#text = text;
  }

  add(text: string): void {
    if (this.#text.length < maxChars) this.#text += text;
  }

  /** False without a call of an existing tool. */
  end(): boolean {
    const calls = writtenCalls(this.#text, this.#tools);
    this.#text = "";
    this.#calls.push(...calls.slice(0, maxCalls - this.#calls.length));
    return calls.length > 0;
  }
}
