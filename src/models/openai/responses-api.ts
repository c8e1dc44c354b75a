import type { OpenAI } from "openai";
import type {
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseInputItem,
} from "openai/resources/responses/responses";
import type { ReasoningEffort } from "openai/resources/shared";

import type { Prompt, Tool, ToolCall } from "../../domain/prompt.ts";
import { groupsOf, type CallGroup } from "./call-groups.ts";
import type { ModelCall, StreamingApi } from "./model-call.ts";
import { readResponses } from "./read-responses.ts";

/** OpenAI's Responses API; nothing is stored there. */
export function responsesApi(client: OpenAI, reasoning: string): StreamingApi {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- which efforts exist is the provider's to say
  const effort = reasoning as ReasoningEffort;
  return {
    open: (call, signal) => client.responses.create(bodyOf(call, effort), { signal }).asResponse(),
    interpreter: readResponses,
    asCalled: (_said, calls) => ({ calls, provider: calls.map(itemOf) }),
  };
}

function bodyOf(
  { model, prompt, maxTokens, cacheKey, wantsThoughts }: ModelCall,
  effort: ReasoningEffort,
): ResponseCreateParamsStreaming {
  return {
    model,
    instructions: prompt.instructions,
    ...toolsOf(prompt, wantsThoughts && effort !== "none"),
    input: [...messagesOf(prompt), ...groupsOf(prompt.calls).flatMap(itemsOf)],
    reasoning: { effort },
    max_output_tokens: maxTokens,
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    store: false,
    stream: true,
  };
}

function messagesOf({ messages }: Prompt): readonly ResponseInputItem[] {
  return messages.map(({ role, text }) => ({ role: role === "bot" ? "assistant" : "user", content: text }));
}

function toolsOf(
  { tools = [] }: Prompt,
  wantsThoughts: boolean,
): Pick<ResponseCreateParamsStreaming, "tools" | "include"> {
  if (tools.length === 0) return {};
  // Nothing is stored there: what the model thought before a call is lost to it unless we give it back.
  const thoughts = wantsThoughts ? { include: ["reasoning.encrypted_content" as const] } : {};
  return { tools: tools.map(functionTool), ...thoughts };
}

function functionTool({ name, description, parameters }: Tool): FunctionTool {
  return { type: "function", name, description, parameters: { ...parameters }, strict: true };
}

function itemsOf({ provider, calls }: CallGroup): readonly ResponseInputItem[] {
  const made = calls.map(({ call }) => itemOf(call));
  const results = calls.map(({ call, result }): ResponseInputItem => ({
    type: "function_call_output",
    call_id: call.id,
    output: result,
  }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given back as it was taken from the stream
  return [...((provider as readonly ResponseInputItem[] | undefined) ?? made), ...results];
}

function itemOf({ id, name, argument }: ToolCall): ResponseInputItem {
  return { type: "function_call", call_id: id, name, arguments: argument };
}
