import type { OpenAI } from "openai";
import type {
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseStreamEvent,
  ResponseUsage,
} from "openai/resources/responses/responses";
import type { ReasoningEffort } from "openai/resources/shared";

import type { Prompt, Tool } from "../../domain/prompt.ts";
import { ModelError, type Usage } from "../../ports/model.ts";
import { groupsOf, type CallGroup } from "./call-groups.ts";
import { failureByCode } from "./failure.ts";
import {
  reasoningTokens,
  type Called,
  type Interpreter,
  type ModelCall,
  type StreamingApi,
} from "./model-call.ts";

/** OpenAI's Responses API; nothing is stored there. */
export function responsesApi(client: OpenAI, reasoning: string): StreamingApi<ResponseStreamEvent> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- which efforts exist is the provider's to say
  const effort = reasoning as ReasoningEffort;
  return {
    open: (call, signal) => client.responses.create(bodyOf(call, effort), { signal }),
    interpreter,
  };
}

function bodyOf(
  { model, prompt, replyTokens, cacheKey, wantsThoughts }: ModelCall,
  effort: ReasoningEffort,
): ResponseCreateParamsStreaming {
  return {
    model,
    instructions: prompt.instructions,
    ...toolsOf(prompt, wantsThoughts && effort !== "none"),
    input: [...messagesOf(prompt), ...groupsOf(prompt.calls).flatMap(itemsOf)],
    reasoning: { effort },
    max_output_tokens: replyTokens + reasoningTokens,
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
  const made = calls.map(({ call }): ResponseInputItem => ({
    type: "function_call",
    call_id: call.id,
    name: call.name,
    arguments: call.argument,
  }));
  const results = calls.map(({ call, result }): ResponseInputItem => ({
    type: "function_call_output",
    call_id: call.id,
    output: result,
  }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given back as `calledIn` took it from the stream
  return [...((provider as readonly ResponseInputItem[] | undefined) ?? made), ...results];
}

function interpreter(): Interpreter<ResponseStreamEvent> {
  const items: ResponseOutputItem[] = [];
  return (event) => {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the other fifty kinds are about what we don't use
    switch (event.type) {
      case "response.output_text.delta":
        return { text: event.delta };
      case "response.refusal.delta":
        throw new ModelError("refused", "The model declined to answer");
      case "response.output_item.done":
        items.push(event.item);
        return {};
      case "response.completed":
        return { end: "whole", ...calledIn(items), ...usageOf(event.response.usage) };
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
  };
}

function calledIn(output: readonly ResponseOutputItem[]): { readonly called?: Called } {
  const calls = output.flatMap((item) =>
    item.type === "function_call" ? [{ id: item.call_id, name: item.name, argument: item.arguments }] : [],
  );
  return calls.length === 0 ? {} : { called: { calls, provider: output.filter(canBeGivenBack) } };
}

/** Thoughts that are not encrypted would be looked for there, where nothing is stored. */
function canBeGivenBack(item: ResponseOutputItem): boolean {
  return item.type !== "reasoning" || typeof item.encrypted_content === "string";
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
