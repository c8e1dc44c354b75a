import type { ModelRequest } from "./model-request.ts";
import { sse, type Dialect } from "./stream-writer.ts";
import type { StreamScript } from "./script.ts";

type Usage = NonNullable<StreamScript["usage"]>;

/** Chunks of `POST /v1/chat/completions`: role, content, finish_reason, usage, [DONE]. */
export function chatDialect(request: ModelRequest, id: number, usage: () => Usage): Dialect {
  const frame = {
    id: `chatcmpl-${id}`,
    object: "chat.completion.chunk",
    created: Math.floor(request.atMs / 1_000),
    model: request.body.model,
  };
  const chunk = (delta: object, finishReason: string | null = null): string =>
    sse({
      ...frame,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      usage: null,
    });
  const close = (finishReason: string): string =>
    chunk({}, finishReason) + sse({ ...frame, choices: [], usage: wireUsage(usage()) }) + sse("[DONE]");
  const error = (code: string): string =>
    sse({ error: { message: "The stand-in was told to fail.", type: "server_error", code, param: null } });
  return {
    opening: () => chunk({ role: "assistant", content: "", refusal: null }),
    say: (content) => chunk({ content }),
    refuse: (refusal) => chunk({ refusal }),
    complete: () => close("stop"),
    maxOutputTokens: () => close("length"),
    contentFilter: () => close("content_filter"),
    failed: error,
    error,
  };
}

function wireUsage({ promptTokens, cachedTokens, replyTokens }: Usage): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: replyTokens,
    total_tokens: promptTokens + replyTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}
