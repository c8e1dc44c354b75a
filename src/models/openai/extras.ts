import { createHash } from "node:crypto";

import { withCallsInWords } from "../../domain/calls-in-words.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { Log } from "../../ports/log.ts";
import { ModelError } from "../../ports/model.ts";
import { RefusedRequestError } from "./failure.ts";
import type { ModelCall } from "./model-call.ts";
import type { Extra } from "./suspects.ts";

/** Which extras a server takes. Learned while it is asked, for as long as the program runs. */
export class Extras {
  readonly #log: Log;
  readonly #refused = new Set<Extra>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The extras of one answer. */
  for(prompt: Prompt): ExtrasOfAnswer {
    return new ExtrasOfAnswer(prompt, new Set(this.#refused), this.#learn);
  }

  readonly #learn = (leftOut: ReadonlySet<Extra>): void => {
    for (const extra of leftOut) {
      if (this.#refused.has(extra)) continue;
      this.#refused.add(extra);
      this.#log.warn(
        { extra },
        "the model's server refuses a part of our requests; it is left out from now on",
      );
    }
  };
}

/** Leaves out of one answer's requests what the server refuses. */
class ExtrasOfAnswer {
  readonly #prompt: Prompt;
  readonly #leftOut: Set<Extra>;
  readonly #learn: (leftOut: ReadonlySet<Extra>) => void;

  constructor(prompt: Prompt, leftOut: Set<Extra>, learn: (leftOut: ReadonlySet<Extra>) => void) {
    this.#prompt = prompt;
    this.#leftOut = leftOut;
    this.#learn = learn;
  }

  /** What is sent now. */
  get request(): Pick<ModelCall, "prompt" | "cacheKey" | "wantsThoughts"> {
    const prompt = this.#leftOut.has("tools") ? withCallsInWords(this.#prompt) : this.#prompt;
    const cacheKey = this.#leftOut.has("cacheKey") ? {} : { cacheKey: cacheKeyOf(prompt) };
    return { prompt, ...cacheKey, wantsThoughts: !this.#leftOut.has("thoughts") };
  }

  /** Leaves out what the failure may be about. False when that changes nothing. */
  leaveOutAfter(error: unknown): boolean {
    const news = this.#suspectsOf(error).filter((extra) => this.#isSent(extra));
    for (const extra of news) this.#leftOut.add(extra);
    return news.length > 0;
  }

  /** The server answers: what was left out is what it did not like. */
  isAnswered(): void {
    // A server that has called something knows tools: it refused what came back, this once.
    if (this.#prompt.calls === undefined) this.#learn(this.#leftOut);
  }

  #suspectsOf(error: unknown): readonly Extra[] {
    if (error instanceof RefusedRequestError) return error.suspects;
    const isRefusal = error instanceof ModelError && ["rejected", "unknown-model"].includes(error.kind);
    return isRefusal && this.#prompt.calls !== undefined ? ["tools"] : [];
  }

  #isSent(extra: Extra): boolean {
    if (this.#leftOut.has(extra)) return false;
    return extra === "cacheKey" || this.#prompt.tools !== undefined || this.#prompt.calls !== undefined;
  }
}

/** One way, and always as long: providers take 64 characters, and a conversation's key holds people's ids. */
function cacheKeyOf({ conversation }: Prompt): string {
  return createHash("sha256").update(conversation).digest("hex");
}
