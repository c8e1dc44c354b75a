import type { OpenAI } from "openai";
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions/completions";

import type { Prompt, Tool } from "../../domain/prompt.ts";
import { ModelError, type Usage } from "../../ports/model.ts";
import { groupsOf } from "./call-groups.ts";
import { ChatCalls, messagesOfCalls } from "./chat-calls.ts";
import { failureByCode } from "./failure.ts";
import { reasoningTokens, type Interpreter, type ModelCall, type StreamingApi } from "./model-call.ts";

type FinishReason = ChatCompletionChunk.Choice["finish_reason"];

/** Chat Completions, which most servers that resemble OpenAI's speak; what those may not know is left out for them. */
export function chatApi(client: OpenAI): StreamingApi<ChatCompletionChunk> {
  return {
    open: (call, signal) => client.chat.completions.create(bodyOf(call), { signal }),
    interpreter,
  };
}

function bodyOf({ model, prompt, replyTokens, cacheKey }: ModelCall): ChatCompletionCreateParamsStreaming {
  const { tools = [] } = prompt;
  return {
    model,
    ...(tools.length === 0 ? {} : { tools: tools.map(functionTool) }),
    messages: [
      { role: "system", content: prompt.instructions },
      ...messagesOf(prompt),
      ...groupsOf(prompt.calls).flatMap(messagesOfCalls),
    ],
    max_completion_tokens: replyTokens + reasoningTokens,
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function messagesOf({ messages }: Prompt): readonly ChatCompletionMessageParam[] {
  return messages.map(({ role, text }) =>
    role === "bot"
      ? ({ role: "assistant", content: text } as const)
      : ({ role: "user", content: text } as const),
  );
}

function functionTool({ name, description, parameters }: Tool): ChatCompletionTool {
  return { type: "function", function: { name, description, parameters: { ...parameters }, strict: true } };
}

function interpreter(): Interpreter<ChatCompletionChunk> {
  const calls = new ChatCalls();
  let said = "";
  return (chunk) => {
    // The chunk that carries the usage has no choice; some servers leave the list out, whatever the types say.
    const choice = (chunk.choices as typeof chunk.choices | undefined)?.[0];
    const usage = usageOf(chunk.usage);
    if (choice === undefined) return usage;
    const delta = choice.delta as typeof choice.delta | undefined;
    if (typeof delta?.refusal === "string" && delta.refusal !== "") {
      throw new ModelError("refused", "The model declined to answer");
    }
    calls.add(delta?.tool_calls);
    const text = typeof delta?.content === "string" ? delta.content : "";
    said += text;
    const end = endOf(choice.finish_reason);
    return {
      text,
      ...(end === undefined ? {} : { end }),
      ...(end === "whole" ? calls.end(said) : {}),
      ...usage,
    };
  };
}

function endOf(reason: FinishReason | "error" | undefined): "whole" | "cut" | undefined {
  switch (reason) {
    case null:
    case undefined:
      return undefined;
    case "length":
      return "cut";
    case "content_filter":
      throw new ModelError("refused", "The provider's content filter stopped the answer");
    case "error":
      throw failureByCode("error");
    case "stop":
    case "tool_calls":
    case "function_call":
    default:
      // Other servers have words of their own for the same.
      return "whole";
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
