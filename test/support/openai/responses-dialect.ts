import type { ModelRequest } from "./model-request.ts";
import type { StreamScript } from "./script.ts";
import { sse, type Dialect } from "./stream-writer.ts";

type Usage = NonNullable<StreamScript["usage"]>;
type PartKind = "output_text" | "refusal";

/** Events of `POST /v1/responses`, in the order of the real API, numbered. There is no [DONE]. */
export class ResponsesDialect implements Dialect {
  readonly #request: ModelRequest;
  readonly #id: number;
  readonly #usage: () => Usage;
  #sequence = 0;
  #part: { readonly kind: PartKind; text: string } | undefined;
  #output: object[] = [];

  constructor(request: ModelRequest, id: number, usage: () => Usage) {
    this.#request = request;
    this.#id = id;
    this.#usage = usage;
  }

  readonly opening = (): string => {
    const reasoning = { id: `rs_${this.#id}`, type: "reasoning", summary: [] };
    const frames =
      this.#event("response.created", { response: this.#response("in_progress") }) +
      this.#event("response.in_progress", { response: this.#response("in_progress") }) +
      this.#event("response.output_item.added", { output_index: 0, item: reasoning }) +
      this.#event("response.output_item.done", { output_index: 0, item: reasoning });
    this.#output = [reasoning];
    return frames;
  };

  readonly say = (text: string): string => this.#delta("output_text", text);
  readonly refuse = (text: string): string => this.#delta("refusal", text);

  readonly complete = (): string =>
    this.#closePart("completed") +
    this.#event("response.completed", {
      response: this.#response("completed", { usage: this.#wireUsage() }),
    });

  readonly maxOutputTokens = (): string => this.#incomplete("max_output_tokens");
  readonly contentFilter = (): string => this.#incomplete("content_filter");

  readonly failed = (code: string): string =>
    this.#event("response.failed", {
      response: this.#response("failed", { error: { code, message: "The stand-in was told to fail." } }),
    });

  readonly error = (code: string): string =>
    this.#event("error", { code, message: "The stand-in was told to fail.", param: null });

  #incomplete(reason: string): string {
    const more = { incomplete_details: { reason }, usage: this.#wireUsage() };
    return (
      this.#closePart("incomplete") +
      this.#event("response.incomplete", { response: this.#response("incomplete", more) })
    );
  }

  #delta(kind: PartKind, delta: string): string {
    const opening = this.#part === undefined ? this.#openPart(kind) : "";
    const part = (this.#part ??= { kind, text: "" });
    part.text += delta;
    return opening + this.#event(`response.${kind}.delta`, { ...this.#place(), delta });
  }

  #openPart(kind: PartKind): string {
    const item = {
      id: this.#itemId(),
      type: "message",
      status: "in_progress",
      role: "assistant",
      content: [],
    };
    return (
      this.#event("response.output_item.added", { output_index: 1, item }) +
      this.#event("response.content_part.added", { ...this.#place(), part: wirePart(kind, "") })
    );
  }

  #closePart(status: string): string {
    if (this.#part === undefined) return "";
    const { kind, text } = this.#part;
    const part = wirePart(kind, text);
    const item = { id: this.#itemId(), type: "message", status, role: "assistant", content: [part] };
    this.#output.push(item);
    const whole = kind === "refusal" ? { refusal: text } : { text };
    return (
      this.#event(`response.${kind}.done`, { ...this.#place(), ...whole }) +
      this.#event("response.content_part.done", { ...this.#place(), part }) +
      this.#event("response.output_item.done", { output_index: 1, item })
    );
  }

  #event(type: string, fields: object): string {
    const data = { type, sequence_number: this.#sequence, ...fields };
    this.#sequence += 1;
    return sse(data, type);
  }

  #itemId(): string {
    return `msg_${this.#id}`;
  }

  #place(): object {
    return { item_id: this.#itemId(), output_index: 1, content_index: 0 };
  }

  #response(status: string, more: object = {}): object {
    return {
      id: `resp_${this.#id}`,
      object: "response",
      created_at: Math.floor(this.#request.atMs / 1_000),
      status,
      error: null,
      incomplete_details: null,
      max_output_tokens: this.#request.maxTokens,
      model: this.#request.body.model,
      output: this.#output,
      store: false,
      usage: null,
      ...more,
    };
  }

  #wireUsage(): object {
    const { promptTokens, cachedTokens, replyTokens } = this.#usage();
    return {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens: replyTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + replyTokens,
    };
  }
}

function wirePart(kind: PartKind, text: string): object {
  return kind === "refusal"
    ? { type: "refusal", refusal: text }
    : { type: "output_text", annotations: [], logprobs: [], text };
}
