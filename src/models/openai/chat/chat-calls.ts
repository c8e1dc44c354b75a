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
  /** Gemini's thought signature, which it expects back. */
  extra: unknown;
}

/** Bounds the search of each part among all calls. */
const maxCalls = 100;

/** Assembles the calls of one stream from their parts. */
export class ChatCalls {
  readonly #calls: Growing[] = [];

  /** @param message - of a chunk, or the whole one. Its calls may be null or missing. */
  add(message: Fields): void {
    for (const part of partsIn(message)) {
      if (this.#calls.length > maxCalls) throw new ModelError("rejected", "The model made too many calls");
      if (part.name === "" && part.argument === "" && part.id === "") continue;
      grow(this.#callOf(part), part);
    }
  }

  /** Empty without calls. @param thoughts - reasoning fields that are sent back with the calls */
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
  if (calls === undefined && only === undefined) return [];
  const deltas = Array.isArray(calls) ? asList(calls) : [calls];
  // OpenAI's form from 2023.
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

/** Some servers give all calls the same index: a new id, or a complete previous call, starts a new one. */
function isNext(known: Growing, { id, name, argument }: MessagePart): boolean {
  if (name === "") return false;
  if (id !== "" && known.id !== "") return id !== known.id;
  return known.argument.endsWith("}") && argument.startsWith("{") && argument !== known.argument;
}

function grow(call: Growing, { id, name, argument, extra }: MessagePart): void {
  call.id ||= id;
  if (name !== call.name && call.argument === "") call.name += name;
  call.extra ??= extra;
  // Some servers repeat the whole arguments, or begin with an empty object. No JSON is a prefix of itself.
  const isAgain = call.argument !== "" && (argument.startsWith(call.argument) || isInPlace(call, argument));
  call.argument = isAgain ? argument : call.argument + argument;
}

function isInPlace(call: Growing, argument: string): boolean {
  return call.argument === "{}" && argument.startsWith("{");
}

/** Calls with the text before them. */
export function asCalled(said: string, calls: readonly ToolCall[]): Called {
  return { calls, provider: [assistantMessage(said, calls)] };
}

/** Calls and their results as messages. */
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
