import type { Prompt } from "../../../domain/prompt.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Effort, RequestFeature } from "../api/request-feature.ts";
import { AnswerFeatures, type Learned } from "./answer-features.ts";

interface Ports {
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
}

/** What is known in advance. */
interface Known {
  /** Features that servers of this kind reject. */
  readonly omitted: readonly RequestFeature[];
  /** Missing: none over Chat Completions, `low` over Responses. */
  readonly effort?: Effort | undefined;
}

/** After an hour the server may have been replaced or updated. */
const learnedForMs = 3_600_000;
/** Guesses are tried again sooner. */
const guessForMs = 600_000;

/** The request features that a model's server supports. Learned from its refusals, and remembered for a while. */
export class FeatureSupport {
  readonly #ports: Ports;
  readonly #known: Known;
  readonly #untilMs = new Map<RequestFeature, number>();
  #effort: { readonly effort: Effort; readonly untilMs: number } | undefined;

  constructor(ports: Ports, known: Known) {
    this.#ports = ports;
    this.#known = known;
  }

  /** Whether a feature is sent. */
  isSent(feature: RequestFeature): boolean {
    const untilMs = this.#untilMs.get(feature) ?? 0;
    return !this.#known.omitted.includes(feature) && untilMs <= this.#ports.clock.nowMs();
  }

  /** The features for the requests of one answer. */
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

  readonly #learn = ({ omitted, effort, isGuess }: Learned): void => {
    const forMs = isGuess ? guessForMs : learnedForMs;
    const untilMs = this.#ports.clock.nowMs() + forMs;
    for (const feature of omitted) this.#untilMs.set(feature, untilMs);
    if (effort !== undefined) this.#effort = { effort, untilMs };
    const facts = {
      features: [...omitted],
      ...(effort === undefined ? {} : { effort }),
      minutes: forMs / 60_000,
    };
    this.#ports.log.warn(
      facts,
      "the model's server rejects optional parts of our requests; they are left out for a while",
    );
  };
}
