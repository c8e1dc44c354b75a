import { createHash } from "node:crypto";

import type { OpenAI } from "openai";
import type {
  ResponseCreateParamsStreaming,
  ResponseStreamEvent,
  ResponseUsage,
} from "openai/resources/responses/responses";
import type { ReasoningEffort } from "openai/resources/shared";

import { ModelError, type Usage } from "../../ports/model.ts";
import { failureByCode } from "./failure.ts";
import { reasoningTokens, type ModelCall, type StreamingApi, type StreamStep } from "./model-call.ts";

const longestCacheKeyChars = 64;

/** OpenAI's Responses API; nothing is stored there. */
export function responsesApi(client: OpenAI, reasoning: string): StreamingApi<ResponseStreamEvent> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- which efforts exist is the provider's to say
  const effort = reasoning as ReasoningEffort;
  return {
    open: (call, signal) => client.responses.create(bodyOf(call, effort), { signal }),
    interpret,
  };
}

function bodyOf(
  { model, prompt, replyTokens }: ModelCall,
  effort: ReasoningEffort,
): ResponseCreateParamsStreaming {
  return {
    model,
    instructions: prompt.instructions,
    input: prompt.messages.map(({ role, text }) => ({
      role: role === "bot" ? "assistant" : "user",
      content: text,
    })),
    reasoning: { effort },
    max_output_tokens: replyTokens + reasoningTokens,
    prompt_cache_key: cacheKeyOf(prompt.conversation),
    store: false,
    stream: true,
  };
}

function cacheKeyOf(conversation: string): string {
  if (conversation.length <= longestCacheKeyChars) return conversation;
  return createHash("sha256").update(conversation).digest("hex");
}

function interpret(event: ResponseStreamEvent): StreamStep {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the other fifty kinds are about what we don't use
  switch (event.type) {
    case "response.output_text.delta":
      return { text: event.delta };
    case "response.refusal.delta":
      throw new ModelError("refused", "The model declined to answer");
    case "response.completed":
      return { end: "whole", ...usageOf(event.response.usage) };
    case "response.incomplete":
      if (event.response.incomplete_details?.reason === "content_filter") {
        throw new ModelError("refused", "The provider's content filter stopped the answer");
      }
      return { end: "cut", ...usageOf(event.response.usage) };
    case "response.failed":
      throw failureByCode(event.response.error?.code);
    case "error":
      throw failureByCode(event.code);
    default:
      return {};
  }
}

function usageOf(usage: ResponseUsage | null | undefined): { readonly usage?: Usage } {
  if (usage === null || usage === undefined) return {};
  return {
    usage: {
      promptTokens: usage.input_tokens,
      // Servers that only resemble OpenAI's leave the details out, whatever the types say.
      cachedTokens:
        (usage.input_tokens_details as Partial<typeof usage.input_tokens_details> | undefined)
          ?.cached_tokens ?? 0,
      replyTokens: usage.output_tokens,
    },
  };
}
