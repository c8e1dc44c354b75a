import type { Tool } from "../../../domain/prompt.ts";
import type { Habits } from "../server/habits.ts";
import type { Called, StreamingApi, StreamStep } from "../api/model-call.ts";
import { AnswerText } from "../../spoken/answer-text.ts";

interface SpeechOptions {
  readonly api: Pick<StreamingApi, "asCalled">;
  readonly habits: Habits;
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
    const { habits, tools } = this.#options;
    const startsThinking = this.#hasOtherThoughts ? false : habits.startsThinking;
    this.#text ??= new AnswerText({ startsThinking, tools });
    const grown = more(this.#text);
    this.#said = grown.isWithdrawn ? grown.text : this.#said + grown.text;
    // Learned at once: the next answer may begin before this one ends.
    if (!this.#hasOtherThoughts)
      habits.startsThinking = this.#text.hasStartedThinking ?? habits.startsThinking;
    return grown;
  }

  #called(called: StreamStep["called"]): { readonly called?: Called } {
    if (called !== undefined) return { called: called(this.#said) };
    const calls = this.#text?.calls ?? [];
    return calls.length === 0 ? {} : { called: this.#options.api.asCalled(this.#said, calls) };
  }
}
