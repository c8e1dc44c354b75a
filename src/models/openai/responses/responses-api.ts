import type {
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseInputContent,
  ResponseInputItem,
} from "openai/resources/responses/responses";

import { textOf, type Content } from "../../../domain/content.ts";
import type { Prompt, ToolDefinition, ToolCall } from "../../../domain/prompt.ts";
import { callGroups, type CallGroup } from "../chat/call-groups.ts";
import { sentSchema } from "../api/function-schema.ts";
import { ImageSlots, imageDetail } from "../api/image-slots.ts";
import { textsAndImages } from "../request/shown-images.ts";
import type { ModelCall, StreamingApi } from "../api/model-call.ts";
import type { StreamingClient } from "../server/streaming-client.ts";
import { readResponses } from "./read-responses.ts";

/** OpenAI's Responses API, with `store: false`. */
export function responsesApi(client: StreamingClient): StreamingApi {
  return {
    open: (call, signal) => {
      const images = new ImageSlots();
      return client.open("/responses", { body: bodyOf(call, images), images }, signal);
    },
    interpreter: readResponses,
    asCalled: (_said, calls) => ({ calls, provider: calls.map(itemOf) }),
  };
}

function bodyOf(call: ModelCall, images: ImageSlots): ResponseCreateParamsStreaming {
  const { model, prompt, maxTokens, cacheKey, effort, omitted } = call;
  return {
    model,
    ...(prompt.instructions === "" ? {} : { instructions: prompt.instructions }),
    ...toolsOf(call),
    input: [...messagesOf(prompt, images), ...callGroups(prompt.calls).flatMap(itemsOf)],
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(omitted.has("maxTokens") ? {} : { max_output_tokens: maxTokens }),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    ...(omitted.has("store") ? {} : { store: false }),
    stream: true,
  };
}

/** Each has a type: OpenAI does not need it, other servers do. */
function messagesOf({ messages }: Prompt, images: ImageSlots): readonly ResponseInputItem[] {
  return messages.map(({ role, content }) =>
    role === "bot"
      ? { type: "message", role: "assistant", content: textOf(content) }
      : { type: "message", role: "user", content: contentOf(content, images) },
  );
}

/** A text where there is no image: many servers take nothing else. */
function contentOf(content: Content, images: ImageSlots): string | ResponseInputContent[] {
  if (typeof content === "string") return content;
  const parts = textsAndImages(content);
  if (parts.every((part) => typeof part === "string")) return textOf(content);
  return parts.map((part) =>
    typeof part === "string"
      ? { type: "input_text", text: part }
      : { type: "input_image", image_url: images.urlOf(part), detail: imageDetail },
  );
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
