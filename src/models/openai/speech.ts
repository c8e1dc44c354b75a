import type { Tool } from "../../domain/prompt.ts";
import type { Called, StreamingApi, StreamStep } from "./model-call.ts";
import { AnswerText } from "../spoken/answer-text.ts";

/** Whether a model's answers begin within thoughts that its template has opened. Learned from its answers. */
export interface ThinkingHabit {
  startsThinking: boolean;
}

/** Models whose names say that they think. */
const thinkers = /(?:^|[^a-z])(?:r1|qwq|qvq|think|thinking|thinker|reasoner)(?:[^a-z]|$)/iu;

/** What a model's name lets expect. */
export function habitOf(model: string): ThinkingHabit {
  return { startsThinking: thinkers.test(model) };
}

interface SpeechOptions {
  readonly api: Pick<StreamingApi, "asCalled">;
  readonly habit: ThinkingHabit;
  readonly tools: readonly Tool[];
}

/** What a step means to people. `isWithdrawn`: what was said before it was thoughts. */
export interface SpokenStep extends Omit<StreamStep, "called"> {
  readonly isWithdrawn?: boolean;
  readonly called?: Called;
}

/** Reads the steps of one stream, in order, and leaves out of their text what is not for people. */
export class Speech {
  readonly #options: SpeechOptions;
  #text: AnswerText | undefined;
  #said = "";
  /** The server tells thoughts apart itself. */
  #hasOtherThoughts = false;

  constructor(options: SpeechOptions) {
    this.#options = options;
  }

  read(step: StreamStep): SpokenStep {
    const { text = "", called, end, ...rest } = step;
    if (this.#text === undefined) this.#hasOtherThoughts ||= step.isBusy === true;
    const spoken = text === "" ? { text, isWithdrawn: false } : this.#read((each) => each.push(text));
    const isBusy = step.isBusy === true || (text !== "" && this.#text?.isBusy === true);
    if (end === undefined) return { ...rest, ...spoken, isBusy };
    const last = this.#read((each) => each.end(end === "cut"));
    const isWithdrawn = spoken.isWithdrawn || last.isWithdrawn;
    const all = { text: last.isWithdrawn ? last.text : spoken.text + last.text, isWithdrawn, isBusy };
    return { ...rest, ...all, end, ...(end === "whole" ? this.#called(called) : {}) };
  }

  #read(more: (text: AnswerText) => ReturnType<AnswerText["push"]>): ReturnType<AnswerText["push"]> {
    const { habit, tools } = this.#options;
    const startsThinking = habit.startsThinking && !this.#hasOtherThoughts;
    this.#text ??= new AnswerText({ startsThinking, tools });
    const grown = more(this.#text);
    this.#said = grown.isWithdrawn ? grown.text : this.#said + grown.text;
    // Learned at once: the next answer may begin before this one ends.
    if (!this.#hasOtherThoughts) habit.startsThinking = this.#text.hasStartedThinking ?? habit.startsThinking;
    return grown;
  }

  #called(called: StreamStep["called"]): { readonly called?: Called } {
    if (called !== undefined) return { called: called(this.#said) };
    const calls = this.#text?.calls ?? [];
    return calls.length === 0 ? {} : { called: this.#options.api.asCalled(this.#said, calls) };
  }
}
