import type { Tool, ToolCall } from "../../domain/prompt.ts";
import { writtenCalls } from "./written-calls.ts";

const mostChars = 50_000;
const mostCalls = 20;

/** Gathers the calls that a model writes as text. */
export class CallText {
  /** The tag that ends the call; undefined: a message does, or the answer. */
  closing: string | undefined;
  readonly #tools: readonly Tool[];
  readonly #calls: ToolCall[] = [];
  #text = "";

  constructor(tools: readonly Tool[]) {
    this.#tools = tools;
  }

  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** @param text Its marker, or its name, which may stand outside. */
  begin(text: string, closing?: string): void {
    this.closing = closing;
    this.#text = text;
  }

  add(text: string): void {
    if (this.#text.length < mostChars) this.#text += text;
  }

  /** False when it calls nothing that there is. */
  end(): boolean {
    const calls = writtenCalls(this.#text, this.#tools);
    this.#text = "";
    this.#calls.push(...calls.slice(0, mostCalls - this.#calls.length));
    return calls.length > 0;
  }
}
