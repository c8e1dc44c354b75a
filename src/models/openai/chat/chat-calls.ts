import type { ChatCompletionMessageParam } from "openai/resources/chat/completions/completions";

import type { ToolCall } from "../../../domain/prompt.ts";
import { ModelError } from "../../../ports/model.ts";
import { newCallId } from "../../call-id.ts";
import { argumentIn } from "../api/call-argument.ts";
import type { CallGroup } from "./call-groups.ts";
import { asList, asObject, asText } from "../../json.ts";
import type { Called } from "../api/model-call.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Growing {
  readonly index: unknown;
  id: string;
  name: string;
  argument: string;
  /** Gemini's signature of its thoughts, which it wants back. */
  extra: unknown;
}

/** Each part is looked for among all. */
const mostCalls = 100;

/** Puts the calls of one stream together from their parts. */
export class ChatCalls {
  readonly #calls: Growing[] = [];

  /** @param message A chunk's, or the whole one; its calls are null and missing on servers that only resemble OpenAI's. */
  add(message: Fields): void {
    for (const part of partsIn(message)) {
      if (this.#calls.length > mostCalls) throw new ModelError("rejected", "The model calls far too much");
      if (part.name === "" && part.argument === "" && part.id === "") continue;
      grow(this.#callOf(part), part);
    }
  }

  /** Empty when nothing is called. @param thoughts Those before it, as they go back. */
  end(thoughts: Fields = {}): { readonly called?: (said: string) => Called } {
    const calls = this.#calls
      .filter(({ name }) => name !== "")
      .map(({ id, name, argument, extra }) => ({ id: id === "" ? newCallId() : id, name, argument, extra }));
    if (calls.length === 0) return {};
    return {
      called: (said) => ({
        calls: calls.map(({ id, name, argument }) => ({ id, name, argument })),
        provider: [assistantMessage(said, calls, thoughts)],
      }),
    };
  }

  #callOf(part: MessagePart): Growing {
    const known = this.#calls.findLast((call) => call.index === part.index);
    if (known !== undefined && !isNext(known, part)) return known;
    const call = { index: part.index, id: "", name: "", argument: "", extra: undefined };
    this.#calls.push(call);
    return call;
  }
}

type MessagePart = Readonly<Growing>;

function partsIn({ tool_calls: calls, function_call: only }: Fields): readonly MessagePart[] {
  const deltas = Array.isArray(calls) ? asList(calls) : [calls];
  // OpenAI's form of 2023.
  return [...deltas, only === undefined ? undefined : { function: only }].flatMap((delta) =>
    typeof delta === "object" && delta !== null ? [partOf(asObject(delta))] : [],
  );
}

function partOf(delta: Fields): MessagePart {
  const inner = asObject(delta["function"]);
  return {
    index: delta["index"],
    id: asText(delta["id"]),
    name: asText(inner["name"]) || asText(delta["name"]),
    argument: argumentIn(inner["arguments"] ?? delta["arguments"]),
    extra: delta["extra_content"],
  };
}

/** Some servers give every call the same index: then its id tells, or that the one before is whole. */
function isNext(known: Growing, { id, name, argument }: MessagePart): boolean {
  if (name === "") return false;
  if (id !== "" && known.id !== "") return id !== known.id;
  return known.argument.endsWith("}") && argument.startsWith("{") && argument !== known.argument;
}

function grow(call: Growing, { id, name, argument, extra }: MessagePart): void {
  call.id ||= id;
  if (name !== call.name && call.argument === "") call.name += name;
  call.extra ??= extra;
  // No JSON begins with itself: some servers say all of it again, or begin with an empty object.
  const isAgain = call.argument !== "" && (argument.startsWith(call.argument) || isInPlace(call, argument));
  call.argument = isAgain ? argument : call.argument + argument;
}

function isInPlace(call: Growing, argument: string): boolean {
  return call.argument === "{}" && argument.startsWith("{");
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

function assistantMessage(
  text: string,
  calls: readonly (ToolCall & { readonly extra?: unknown })[],
  thoughts: Fields = {},
): ChatCompletionMessageParam {
  return {
    role: "assistant",
    content: text === "" ? null : text,
    ...thoughts,
    tool_calls: calls.map(({ id, name, argument, extra }) => ({
      id,
      type: "function",
      function: { name, arguments: argument },
      ...(extra === undefined ? {} : { extra_content: extra }),
    })),
  };
}
