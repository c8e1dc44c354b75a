import { createHash } from "node:crypto";

import type { Prompt } from "../../../domain/prompt.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { ModelError } from "../../../ports/model.ts";
import { efforts, type Effort, type RequestFeature } from "../api/request-feature.ts";
import { RefusedRequestError } from "../failure/failure.ts";
import type { ModelCall } from "../api/model-call.ts";
import type { Api } from "../presets/preset.ts";
import { hasAdjacentRoles, shapePrompt } from "./shape-prompt.ts";
import type { Suspicion } from "../failure/suspicion.ts";

interface Ports {
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
}

/** What is known beforehand. */
interface Known {
  /** What the servers of this kind don't take. */
  readonly omitted: readonly RequestFeature[];
  /** Missing: none is sent over Chat Completions, and the usual one over Responses. */
  readonly effort?: Effort | undefined;
}

/** The server may be another one by then, or may have learnt it. */
const keptMs = 3_600_000;
/** Where it said no word of what it refused. */
const guessKeptMs = 600_000;
const usualEffort = "low";
/** What a refusal without a word of it leaves to suspect. */
const unnamed = { steps: [], isGuess: true, isPassing: true } as const;
/** So many others are tried in place of an effort that is refused. */
const mostEfforts = 2;

/** What a model's server takes of the extras. Learnt while it is asked, and kept for a time. */
export class FeatureSupport {
  readonly #ports: Ports;
  readonly #known: Known;
  readonly #untilMs = new Map<RequestFeature, number>();
  #effort: { readonly effort: Effort; readonly untilMs: number } | undefined;

  constructor(ports: Ports, known: Known) {
    this.#ports = ports;
    this.#known = known;
  }

  /** The extras of one answer. */
  forAnswer(prompt: Prompt): AnswerFeatures {
    const nowMs = this.#ports.clock.nowMs();
    for (const [feature, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(feature);
    if ((this.#effort?.untilMs ?? 0) <= nowMs) this.#effort = undefined;
    const omitted = new Set([...this.#known.omitted, ...this.#untilMs.keys()]);
    return new AnswerFeatures(
      prompt,
      { omitted, effort: this.#effort?.effort ?? this.#known.effort },
      this.#learn,
    );
  }

  readonly #learn = ({ omitted_, effort, isGuess }: Learnt): void => {
    const forMs = isGuess ? guessKeptMs : keptMs;
    const untilMs = this.#ports.clock.nowMs() + forMs;
    for (const feature of omitted_) this.#untilMs.set(feature, untilMs);
    if (effort !== undefined) this.#effort = { effort, untilMs };
    const facts = {
      extras: [...omitted_],
      ...(effort === undefined ? {} : { effort }),
      minutes: forMs / 60_000,
    };
    this.#ports.log.warn(
      facts,
      "the model's server refuses a part of our requests; it is left out for a time",
    );
  };
}

/** What the server takes after all. */
interface Learnt {
  readonly omitted_: ReadonlySet<RequestFeature>;
  readonly effort: Effort | undefined;
  readonly isGuess: boolean;
}

/** Leaves out of one answer's requests what the server refuses. */
class AnswerFeatures {
  readonly #prompt: Prompt;
  readonly #omitted: Set<RequestFeature>;
  readonly #learn: (learnt: Learnt) => void;
  readonly #omittedNow = new Set<RequestFeature>();
  readonly #refusedEfforts = new Set<Effort>();
  #effort: Effort | undefined;
  #newEffort: Effort | undefined;
  #isGuess = false;
  #first: unknown;

  constructor(
    prompt: Prompt,
    { omitted, effort }: { readonly omitted: Set<RequestFeature>; readonly effort: Effort | undefined },
    learn: (learnt: Learnt) => void,
  ) {
    this.#prompt = prompt;
    this.#omitted = omitted;
    this.#effort = effort;
    this.#learn = learn;
  }

  /** What is sent now. */
  requestFor(api: Api): Pick<ModelCall, "prompt" | "cacheKey" | "effort" | "omitted"> {
    const effort = this.#effortOver(api);
    const isEffortSent = effort !== undefined && !this.#omitted.has("effort");
    return {
      prompt: shapePrompt(this.#prompt, this.#omitted),
      ...(this.#omitted.has("cacheKey") ? {} : { cacheKey: cacheKeyOf(this.#prompt) }),
      ...(isEffortSent ? { effort } : {}),
      omitted: this.#omitted,
    };
  }

  /** Leaves out what the failure may be about. False when that changes nothing. */
  omitAfter(error: unknown, api: Api): boolean {
    const suspicion = this.#suspicionOf(error);
    if (suspicion === undefined) return false;
    for (const step of suspicion.steps) {
      const sent = step.filter((feature) => this.#isSent(feature, api));
      if (sent.length === 0) continue;
      this.#first ??= error;
      this.#leaveOut(sent, suspicion, api);
      return true;
    }
    return false;
  }

  /** What the server said to the request as it was meant: it is what is told when nothing else helps. */
  firstErrorFor(error: unknown): unknown {
    return error instanceof RefusedRequestError ? (this.#first ?? error) : error;
  }

  /** The server answers: what was left out is what it did not like. */
  saveOmitted(): void {
    if (this.#omittedNow.size === 0 && this.#newEffort === undefined) return;
    this.#learn({ omitted_: new Set(this.#omittedNow), effort: this.#newEffort, isGuess: this.#isGuess });
    this.#omittedNow.clear();
    this.#newEffort = undefined;
  }

  #leaveOut(
    sent: readonly RequestFeature[],
    { isGuess, isPassing, efforts: known }: Suspicion,
    api: Api,
  ): void {
    const nearest = sent.includes("effort") ? this.#effortAfter(this.#effortOver(api), known) : undefined;
    if (nearest !== undefined) {
      this.#effort = nearest;
      this.#newEffort = nearest;
      return;
    }
    // With calls, all else that is left out may have been in vain. Without its tools nothing is known of the messages.
    const isOfCalls = sent.length === 1 && sent[0] === "toolMessages";
    for (const feature of sent) {
      this.#omitted.add(feature);
      if (feature === "effort") this.#newEffort = undefined;
      if (!isPassing && (this.#prompt.calls === undefined || isOfCalls)) this.#omittedNow.add(feature);
    }
    this.#isGuess ||= isGuess;
  }

  /** Some servers name efforts that they refuse too. */
  #effortAfter(refused: Effort | undefined, known: readonly Effort[]): Effort | undefined {
    if (refused === undefined || this.#refusedEfforts.size === mostEfforts) return undefined;
    this.#refusedEfforts.add(refused);
    return nearestTo(
      refused,
      known.filter((each) => !this.#refusedEfforts.has(each)),
    );
  }

  #suspicionOf(error: unknown): Suspicion | undefined {
    const isSpoken = error instanceof RefusedRequestError;
    const isRefusal = error instanceof ModelError && ["rejected", "unknown-model"].includes(error.kind);
    // A server that has called something knows tools: it refuses what came back, this once.
    if (this.#prompt.calls !== undefined && (isSpoken || isRefusal)) {
      const { steps, isGuess, isPassing } = isSpoken ? error.suspicion : unnamed;
      const inWords: readonly RequestFeature[] = ["tools", "toolMessages"];
      const inTurn = isGuess ? [inWords, ...steps] : [...steps, inWords];
      return { steps: inTurn, isGuess: false, isPassing: isGuess || isPassing, efforts: [] };
    }
    return isSpoken ? error.suspicion : undefined;
  }

  #isSent(feature: RequestFeature, api: Api): boolean {
    if (this.#omitted.has(feature)) return false;
    const hasTools = this.#prompt.tools !== undefined && !this.#omitted.has("tools");
    switch (feature) {
      case "tools":
      case "strictTools":
        return hasTools;
      case "toolMessages":
        return this.#prompt.calls !== undefined;
      case "thoughts":
        return api === "responses" && hasTools;
      case "effort":
        return this.#effortOver(api) !== undefined;
      case "store":
        return api === "responses";
      case "usage":
      case "maxCompletionTokens":
        return api === "chat";
      case "maxTokens":
        return api === "responses" || this.#omitted.has("maxCompletionTokens");
      case "neighbours":
        return hasAdjacentRoles(shapePrompt(this.#prompt, this.#omitted));
      case "cacheKey":
      case "systemRole":
        return true;
    }
  }

  #effortOver(api: Api): Effort | undefined {
    return this.#effort ?? (api === "responses" ? usualEffort : undefined);
  }
}

/** The one that thinks about as much, rather more. */
function nearestTo(effort: Effort, known: readonly Effort[]): Effort | undefined {
  const at = efforts.indexOf(effort);
  return known.find((each) => efforts.indexOf(each) > at) ?? known.at(-1);
}

/** One way, and always as long: providers take 64 characters, and a conversation's key holds people's ids. */
function cacheKeyOf({ conversation }: Prompt): string {
  return createHash("sha256").update(conversation).digest("hex");
}
