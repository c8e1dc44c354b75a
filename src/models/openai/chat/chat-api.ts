import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions/completions";

import { textOf, type Content } from "../../../domain/content.ts";
import type { Prompt, ToolDefinition } from "../../../domain/prompt.ts";
import { callGroups } from "./call-groups.ts";
import { asCalled, messagesOfCalls } from "./chat-calls.ts";
import { sentSchema } from "../api/function-schema.ts";
import { ImageSlots, imageDetail } from "../api/image-slots.ts";
import { textsAndImages } from "../request/shown-images.ts";
import type { ModelCall, StreamingApi } from "../api/model-call.ts";
import type { EffortForm } from "../presets/preset.ts";
import type { StreamingClient } from "../server/streaming-client.ts";
import { readChat } from "./read-chat.ts";

type Body = ChatCompletionCreateParamsStreaming;

/** Chat Completions, which most OpenAI-compatible servers have. */
export function chatApi(client: StreamingClient, form: EffortForm = "effort"): StreamingApi {
  return {
    open: (call, signal) => {
      const images = new ImageSlots();
      return client.open("/chat/completions", { body: bodyOf(call, form, images), images }, signal);
    },
    interpreter: readChat,
    mayOnlyClose: true,
    asCalled,
  };
}

function bodyOf(call: ModelCall, form: EffortForm, images: ImageSlots): Body {
  const { model, prompt, cacheKey, omitted } = call;
  const { tools = [], instructions } = prompt;
  const isStrict = !omitted.has("strictTools");
  return {
    model,
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => functionTool(tool, isStrict)) }),
    messages: [
      ...(instructions === "" ? [] : [{ role: "system" as const, content: instructions }]),
      ...messagesOf(prompt, images),
      ...callGroups(prompt.calls).flatMap(messagesOfCalls),
    ],
    ...limitOf(call),
    ...effortIn(call, form),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    stream: true,
    ...(omitted.has("usage") ? {} : { stream_options: { include_usage: true } }),
  };
}

function limitOf({ maxTokens, omitted }: ModelCall): Pick<Body, "max_completion_tokens" | "max_tokens"> {
  if (!omitted.has("maxCompletionTokens")) return { max_completion_tokens: maxTokens };
  return omitted.has("maxTokens") ? {} : { max_tokens: maxTokens };
}

function effortIn({ effort }: ModelCall, form: EffortForm): object {
  if (effort === undefined) return {};
  const isOff = effort === "none";
  switch (form) {
    case "effort":
      return { reasoning_effort: effort };
    case "object":
      return { reasoning: { effort } };
    case "switch":
      return { thinking: { type: isOff ? "disabled" : "enabled" } };
    case "template":
      return isOff ? { chat_template_kwargs: { enable_thinking: false } } : { reasoning_effort: effort };
  }
}

function messagesOf({ messages }: Prompt, images: ImageSlots): readonly ChatCompletionMessageParam[] {
  return messages.map(({ role, content }) =>
    role === "bot"
      ? ({ role: "assistant", content: textOf(content) } as const)
      : ({ role: "user", content: contentOf(content, images) } as const),
  );
}

/** A text where there is no image: many servers take nothing else. */
function contentOf(content: Content, images: ImageSlots): string | ChatCompletionContentPart[] {
  if (typeof content === "string") return content;
  const parts = textsAndImages(content);
  if (parts.every((part) => typeof part === "string")) return textOf(content);
  return parts.map((part) =>
    typeof part === "string"
      ? { type: "text", text: part }
      : { type: "image_url", image_url: { url: images.urlOf(part), detail: imageDetail } },
  );
}

function functionTool(tool: ToolDefinition, isStrict: boolean): ChatCompletionTool {
  const { name, description } = tool;
  const strict = isStrict ? { strict: true } : {};
  return {
    type: "function",
    function: { name, description, parameters: sentSchema(tool, isStrict), ...strict },
  };
}
