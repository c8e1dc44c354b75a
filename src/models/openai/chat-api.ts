import type { OpenAI } from "openai";
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions/completions";

import type { Prompt, Tool } from "../../domain/prompt.ts";
import { groupsOf } from "./call-groups.ts";
import { asCalled, messagesOfCalls } from "./chat-calls.ts";
import type { ModelCall, StreamingApi } from "./model-call.ts";
import { readChat } from "./read-chat.ts";

/** Chat Completions, which most servers that resemble OpenAI's speak; what those may not know is left out for them. */
export function chatApi(client: OpenAI): StreamingApi {
  return {
    open: (call, signal) => client.chat.completions.create(bodyOf(call), { signal }).asResponse(),
    interpreter: readChat,
    mayOnlyClose: true,
    asCalled,
  };
}

function bodyOf({ model, prompt, maxTokens, cacheKey }: ModelCall): ChatCompletionCreateParamsStreaming {
  const { tools = [] } = prompt;
  return {
    model,
    ...(tools.length === 0 ? {} : { tools: tools.map(functionTool) }),
    messages: [
      { role: "system", content: prompt.instructions },
      ...messagesOf(prompt),
      ...groupsOf(prompt.calls).flatMap(messagesOfCalls),
    ],
    max_completion_tokens: maxTokens,
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
