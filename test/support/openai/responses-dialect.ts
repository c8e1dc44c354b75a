import type { ModelRequest } from "./model-request.ts";
import type { CallStep, StreamScript } from "./script.ts";
import { inParts, sse, type Dialect } from "./stream-writer.ts";
import { encryptedThought } from "./thoughts.ts";

type Usage = NonNullable<StreamScript["usage"]>;
type PartKind = "output_text" | "refusal";

/** What has begun and is not done. */
type Open =
  | { readonly kind: PartKind; text: string }
  | { readonly kind: "call"; readonly item: object; readonly argument: string };

/** Events of `POST /v1/responses`, in the order of the real API, numbered. There is no [DONE]. */
export class ResponsesDialect implements Dialect {
  readonly #request: ModelRequest;
  readonly #id: number;
  readonly #usage: () => Usage;
  #sequence = 0;
  #open: Open | undefined;
  readonly #output: object[] = [];

  constructor(request: ModelRequest, id: number, usage: () => Usage) {
    this.#request = request;
    this.#id = id;
    this.#usage = usage;
  }

  readonly opening = (): string => {
    const response = this.#response("in_progress");
    const frames =
      this.#event("response.created", { response }) + this.#event("response.in_progress", { response });
    const { body } = this.#request;
    const thinks = "reasoning" in body && body.reasoning?.effort !== "none";
    return thinks ? frames + this.#think() : frames;
  };

  readonly say = (text: string): string => this.#delta("output_text", text);
  readonly refuse = (text: string): string => this.#delta("refusal", text);

  readonly call = (step: CallStep): string => {
    const frames = this.#openCall(step);
    return frames + inParts(step.argument).map(this.#argumentDelta).join("") + this.#close("completed");
  };

  readonly beginCall = (step: CallStep): string => {
    const [first = ""] = inParts(step.argument);
    return this.#openCall({ ...step, argument: first }) + this.#argumentDelta(first);
  };

  readonly complete = (): string =>
    this.#close("completed") +
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
      this.#close("incomplete") +
      this.#event("response.incomplete", { response: this.#response("incomplete", more) })
    );
  }

  #think(): string {
    const { body } = this.#request;
    const id = `rs_${this.#id}`;
    const begun = { id, type: "reasoning", summary: [] };
    // What is sent first is not yet the whole of it: only the item that is done can be given back.
    const isEncrypted = "include" in body && body.include?.includes("reasoning.encrypted_content") === true;
    const done = isEncrypted ? { ...begun, encrypted_content: encryptedThought(id) } : begun;
    const at = { output_index: this.#output.length };
    this.#output.push(done);
    return (
      this.#event("response.output_item.added", {
        ...at,
        item: isEncrypted ? { ...begun, encrypted_content: "gAAAAA" } : begun,
      }) + this.#event("response.output_item.done", { ...at, item: done })
    );
  }

  #delta(kind: PartKind, delta: string): string {
    const isOpen = this.#open?.kind === kind;
    const opening = isOpen ? "" : this.#close("completed") + this.#openPart(kind);
    if (this.#open?.kind === kind) this.#open.text += delta;
    return opening + this.#event(`response.${kind}.delta`, { ...this.#place(), content_index: 0, delta });
  }

  #openPart(kind: PartKind): string {
    const place = this.#place();
    this.#open = { kind, text: "" };
    const item = {
      id: place.item_id,
      type: "message",
      status: "in_progress",
      role: "assistant",
      content: [],
    };
    return (
      this.#event("response.output_item.added", { output_index: place.output_index, item }) +
      this.#event("response.content_part.added", { ...place, content_index: 0, part: wirePart(kind, "") })
    );
  }

  #openCall({ name, argument }: CallStep): string {
    const before = this.#close("completed");
    const index = this.#output.length;
    const item = {
      id: `fc_${this.#id}_${index}`,
      type: "function_call",
      status: "in_progress",
      call_id: `call_${this.#id}_${index}`,
      name,
      arguments: "",
    };
    this.#open = { kind: "call", item, argument };
    return before + this.#event("response.output_item.added", { output_index: index, item });
  }

  readonly #argumentDelta = (delta: string): string =>
    this.#event("response.function_call_arguments.delta", { ...this.#place(), delta });

  #close(status: string): string {
    const open = this.#open;
    if (open === undefined) return "";
    const frames = open.kind === "call" ? this.#closeCall(open, status) : this.#closePart(open, status);
    this.#open = undefined;
    return frames;
  }

  #closeCall({ item, argument }: Extract<Open, { kind: "call" }>, status: string): string {
    const place = this.#place();
    const done = { ...item, status, arguments: argument };
    this.#output.push(done);
    return (
      this.#event("response.function_call_arguments.done", { ...place, arguments: argument }) +
      this.#event("response.output_item.done", { output_index: place.output_index, item: done })
    );
  }

  #closePart({ kind, text }: Exclude<Open, { kind: "call" }>, status: string): string {
    const { item_id: id, output_index } = this.#place();
    const part = wirePart(kind, text);
    const place = { item_id: id, output_index, content_index: 0 };
    const item = { id, type: "message", status, role: "assistant", content: [part] };
    this.#output.push(item);
    const whole = kind === "refusal" ? { refusal: text } : { text };
    return (
      this.#event(`response.${kind}.done`, { ...place, ...whole }) +
      this.#event("response.content_part.done", { ...place, part }) +
      this.#event("response.output_item.done", { output_index, item })
    );
  }

  #event(type: string, fields: object): string {
    const data = { type, sequence_number: this.#sequence, ...fields };
    this.#sequence += 1;
    return sse(data, type);
  }

  /** Of the item that is being written. */
  #place(): { readonly item_id: string; readonly output_index: number } {
    const index = this.#output.length;
    const prefix = this.#open?.kind === "call" ? "fc" : "msg";
    return { item_id: `${prefix}_${this.#id}_${index}`, output_index: index };
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
      output: [...this.#output],
      store: false,
      usage: null,
      ...more,
    };
  }

  #wireUsage(): object {
    const { promptTokens, cachedTokens, cacheWriteTokens, replyTokens, reasoningTokens = 0 } = this.#usage();
    return {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: cacheWriteTokens },
      output_tokens: replyTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: promptTokens + replyTokens,
    };
  }
}

function wirePart(kind: PartKind, text: string): object {
  return kind === "refusal"
    ? { type: "refusal", refusal: text }
    : { type: "output_text", annotations: [], logprobs: [], text };
}
