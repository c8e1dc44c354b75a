import type { ModelRequest } from "./model-request.ts";
import type { CallStep, StreamScript } from "./script.ts";
import { inParts, sse, type Dialect } from "./stream-writer.ts";

type Usage = NonNullable<StreamScript["usage"]>;

/** Chunks of `POST /v1/chat/completions`: role, content or calls, finish_reason, usage, [DONE]. */
export class ChatDialect implements Dialect {
  readonly #frame: object;
  readonly #id: number;
  readonly #usage: () => Usage;
  #calls = 0;

  constructor(request: ModelRequest, id: number, usage: () => Usage) {
    this.#id = id;
    this.#usage = usage;
    this.#frame = {
      id: `chatcmpl-${id}`,
      object: "chat.completion.chunk",
      created: Math.floor(request.atMs / 1_000),
      model: request.body.model,
    };
  }

  readonly opening = (): string => this.#chunk({ role: "assistant", content: "", refusal: null });
  readonly say = (content: string): string => this.#chunk({ content });
  readonly refuse = (refusal: string): string => this.#chunk({ refusal });

  readonly call = (step: CallStep): string => this.#callFrames(step).join("");
  readonly beginCall = (step: CallStep): string => this.#callFrames(step).slice(0, 2).join("");

  readonly complete = (): string => this.#close(this.#calls > 0 ? "tool_calls" : "stop");
  readonly maxOutputTokens = (): string => this.#close("length");
  readonly contentFilter = (): string => this.#close("content_filter");

  readonly failed = (code: string): string =>
    sse({ error: { message: "The stand-in was told to fail.", type: "server_error", code, param: null } });

  readonly error = (code: string): string => this.failed(code);

  #callFrames({ name, argument }: CallStep): readonly string[] {
    const index = this.#calls;
    this.#calls += 1;
    const id = `call_${this.#id}_${index}`;
    return [
      this.#chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
      ...inParts(argument).map((part) =>
        this.#chunk({ tool_calls: [{ index, function: { arguments: part } }] }),
      ),
    ];
  }

  #chunk(delta: object, finishReason: string | null = null): string {
    return sse({
      ...this.#frame,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      usage: null,
    });
  }

  #close(finishReason: string): string {
    const usage = sse({ ...this.#frame, choices: [], usage: wireUsage(this.#usage()) });
    return this.#chunk({}, finishReason) + usage + sse("[DONE]");
  }
}

function wireUsage(usage: Usage): object {
  const { promptTokens, cachedTokens, cacheWriteTokens, replyTokens, reasoningTokens = 0 } = usage;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: replyTokens,
    total_tokens: promptTokens + replyTokens,
    prompt_tokens_details: {
      cached_tokens: cachedTokens,
      cache_write_tokens: cacheWriteTokens,
      audio_tokens: 0,
    },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}
