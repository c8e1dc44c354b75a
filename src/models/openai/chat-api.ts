import type { OpenAI } from "openai";
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
} from "openai/resources/chat/completions/completions";

import { ModelError, type Usage } from "../../ports/model.ts";
import { failureByCode } from "./failure.ts";
import { reasoningTokens, type ModelCall, type StreamingApi, type StreamStep } from "./model-call.ts";

type FinishReason = ChatCompletionChunk.Choice["finish_reason"];

/** Chat Completions, which most servers that resemble OpenAI's speak; so nothing is sent that they may not know. */
export function chatApi(client: OpenAI): StreamingApi<ChatCompletionChunk> {
  return {
    open: (call, signal) => client.chat.completions.create(bodyOf(call), { signal }),
    interpret,
  };
}

function bodyOf({ model, prompt, replyTokens }: ModelCall): ChatCompletionCreateParamsStreaming {
  return {
    model,
    messages: [
      { role: "system", content: prompt.instructions },
      ...prompt.messages.map(({ role, text }) =>
        role === "bot"
          ? ({ role: "assistant", content: text } as const)
          : ({ role: "user", content: text } as const),
      ),
    ],
    max_completion_tokens: replyTokens + reasoningTokens,
    stream: true,
    stream_options: { include_usage: true },
  };
}

function interpret(chunk: ChatCompletionChunk): StreamStep {
  // The chunk that carries the usage has no choice; some servers leave the list out, whatever the types say.
  const choice = (chunk.choices as typeof chunk.choices | undefined)?.[0];
  const usage = usageOf(chunk.usage);
  if (choice === undefined) return usage;
  const delta = choice.delta as typeof choice.delta | undefined;
  if (typeof delta?.refusal === "string" && delta.refusal !== "") {
    throw new ModelError("refused", "The model declined to answer");
  }
  return { ...textOf(delta?.content), ...endOf(choice.finish_reason), ...usage };
}

function textOf(content: string | null | undefined): { readonly text?: string } {
  return typeof content === "string" ? { text: content } : {};
}

function endOf(reason: FinishReason | "error" | undefined): { readonly end?: "whole" | "cut" } {
  switch (reason) {
    case null:
    case undefined:
      return {};
    case "length":
      return { end: "cut" };
    case "content_filter":
      throw new ModelError("refused", "The provider's content filter stopped the answer");
    case "error":
      throw failureByCode("error");
    case "stop":
    case "tool_calls":
    case "function_call":
    default:
      // Other servers have words of their own for the same.
      return { end: "whole" };
  }
}

function usageOf(usage: ChatCompletionChunk["usage"]): { readonly usage?: Usage } {
  if (usage === null || usage === undefined) return {};
  return {
    usage: {
      promptTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      replyTokens: usage.completion_tokens,
    },
  };
}
