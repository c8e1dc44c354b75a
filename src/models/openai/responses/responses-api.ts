import type {
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseInputItem,
} from "openai/resources/responses/responses";

import { textOf } from "../../../domain/content.ts";
import type { Prompt, ToolDefinition, ToolCall } from "../../../domain/prompt.ts";
import { callGroups, type CallGroup } from "../chat/call-groups.ts";
import { sentSchema } from "../api/function-schema.ts";
import type { ModelCall, StreamingApi } from "../api/model-call.ts";
import type { StreamingClient } from "../server/streaming-client.ts";
import { readResponses } from "./read-responses.ts";

/** OpenAI's Responses API, with `store: false`. */
export function responsesApi(client: StreamingClient): StreamingApi {
  return {
    open: (call, signal) => client.open("/responses", bodyOf(call), signal),
    interpreter: readResponses,
    asCalled: (_said, calls) => ({ calls, provider: calls.map(itemOf) }),
  };
}

function bodyOf(call: ModelCall): ResponseCreateParamsStreaming {
  const { model, prompt, maxTokens, cacheKey, effort, omitted } = call;
  return {
    model,
    ...(prompt.instructions === "" ? {} : { instructions: prompt.instructions }),
    ...toolsOf(call),
    input: [...messagesOf(prompt), ...callGroups(prompt.calls).flatMap(itemsOf)],
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(omitted.has("maxTokens") ? {} : { max_output_tokens: maxTokens }),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    ...(omitted.has("store") ? {} : { store: false }),
    stream: true,
  };
}

/** Each has a type: OpenAI does not need it, other servers do. */
function messagesOf({ messages }: Prompt): readonly ResponseInputItem[] {
  return messages.map(({ role, content }) => ({
    type: "message",
    role: role === "bot" ? "assistant" : "user",
    content: textOf(content),
  }));
}

function toolsOf({
  prompt: { tools = [] },
  effort,
  omitted,
}: ModelCall): Pick<ResponseCreateParamsStreaming, "tools" | "include"> {
  if (tools.length === 0) return {};
  // Nothing is stored on the server, so the model loses its reasoning before a call unless we send it back.
  const wantsThoughts = effort !== "none" && !omitted.has("thoughts");
  const thoughts = wantsThoughts ? { include: ["reasoning.encrypted_content" as const] } : {};
  return { tools: tools.map((tool) => functionTool(tool, !omitted.has("strictTools"))), ...thoughts };
}

function functionTool(tool: ToolDefinition, strict: boolean): FunctionTool {
  const { name, description } = tool;
  return { type: "function", name, description, parameters: sentSchema(tool, strict), strict };
}

function itemsOf({ provider, calls }: CallGroup): readonly ResponseInputItem[] {
  const made = calls.map(({ call }) => itemOf(call));
  const results = calls.map(({ call, result }): ResponseInputItem => ({
    type: "function_call_output",
    call_id: call.id,
    output: result,
  }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sent back as it came from the stream
  return [...((provider as readonly ResponseInputItem[] | undefined) ?? made), ...results];
}

function itemOf({ id, name, argument }: ToolCall): ResponseInputItem {
  return { type: "function_call", call_id: id, name, arguments: argument };
}
