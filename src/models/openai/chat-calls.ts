import { randomUUID } from "node:crypto";

import type { ChatCompletionMessageParam } from "openai/resources/chat/completions/completions";

import type { ToolCall } from "../../domain/prompt.ts";
import { ModelError } from "../../ports/model.ts";
import type { CallGroup } from "./call-groups.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Called } from "./model-call.ts";

interface Growing {
  readonly index: unknown;
  id: string;
  name: string;
  argument: string;
}

/** Each part is looked for among all. */
const mostCalls = 100;

/** Puts the calls of one stream together from their parts. */
export class ChatCalls {
  readonly #calls: Growing[] = [];

  /** @param deltas `tool_calls` of a chunk or a message: null and missing on servers that only resemble OpenAI's. */
  add(deltas: unknown): void {
    for (const each of listIn(deltas)) {
      if (this.#calls.length > mostCalls) throw new ModelError("rejected", "The model calls far too much");
      const delta = objectIn(each);
      const { name, arguments: argument } = objectIn(delta["function"]);
      const call = this.#callOf(delta["index"], textIn(delta["id"]));
      call.id ||= textIn(delta["id"]);
      call.name ||= textIn(name);
      // Some servers give it as it is, and not as JSON.
      call.argument += typeof argument === "object" ? JSON.stringify(argument ?? {}) : textIn(argument);
    }
  }

  /** Empty when nothing is called. */
  end(): { readonly called?: (said: string) => Called } {
    if (this.#calls.length === 0) return {};
    const calls = this.#calls.map(({ id, name, argument }) => ({
      // Some servers leave it out, and take any.
      id: id === "" ? `call_${randomUUID()}` : id,
      name,
      argument,
    }));
    return { called: (said) => asCalled(said, calls) };
  }

  #callOf(index: unknown, id: string): Growing {
    const known = this.#calls.findLast((call) => call.index === index);
    // Some servers give every call the same index; a call's id stands in its first part, or in each.
    const isNext = id !== "" && known?.id !== "" && known?.id !== id;
    if (known !== undefined && !isNext) return known;
    const call = { index, id: "", name: "", argument: "" };
    this.#calls.push(call);
    return call;
  }
}

/** Calls with the text that stands before them. */
export function asCalled(said: string, calls: readonly ToolCall[]): Called {
  return { calls, provider: [assistantMessage(said, calls)] };
}

/** What the model called and what came of it, as messages. */
export function messagesOfCalls({ provider, calls }: CallGroup): readonly ChatCompletionMessageParam[] {
  const made = [
    assistantMessage(
      "",
      calls.map(({ call }) => call),
    ),
  ];
  const results = calls.map(({ call, result }): ChatCompletionMessageParam => ({
    role: "tool",
    tool_call_id: call.id,
    content: result,
  }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given back as `end` made it
  return [...((provider as readonly ChatCompletionMessageParam[] | undefined) ?? made), ...results];
}

function assistantMessage(text: string, calls: readonly ToolCall[]): ChatCompletionMessageParam {
  return {
    role: "assistant",
    content: text === "" ? null : text,
    tool_calls: calls.map(({ id, name, argument }) => ({
      id,
      type: "function",
      function: { name, arguments: argument },
    })),
  };
}
