import type { ToolDefinition } from "../../../domain/prompt.ts";
import type { ServerTraits } from "../server/server-traits.ts";
import type { Called, StreamingApi, StreamStep } from "../api/model-call.ts";
import { AnswerText } from "../../visible-text/answer-text.ts";

interface VisibleStepsOptions {
  readonly api: Pick<StreamingApi, "asCalled">;
  readonly traits: ServerTraits;
  readonly tools: readonly ToolDefinition[];
}

/** A step with its visible text. `isWithdrawn`: the text before it turned out to be reasoning. */
export interface VisibleStep extends Omit<StreamStep, "called"> {
  readonly isWithdrawn?: boolean;
  readonly called?: Called;
}

/** Removes reasoning and written calls from the text of one stream's steps. Read them in order. */
export class VisibleSteps {
  readonly #options: VisibleStepsOptions;
  #text: AnswerText | undefined;
  #visible = "";
  /** The server separates reasoning itself. */
  #hasOtherThoughts = false;

  constructor(options: VisibleStepsOptions) {
    this.#options = options;
  }

  read(step: StreamStep): VisibleStep {
    const { text = "", called, end, ...rest } = step;
    if (this.#text === undefined) this.#hasOtherThoughts ||= step.isBusy === true;
    const shown = text === "" ? { text, isWithdrawn: false } : this.#read((each) => each.push(text));
    const isBusy = step.isBusy === true || (text !== "" && this.#text?.isBusy === true);
    if (end === undefined) return { ...rest, ...shown, isBusy };
    const last = this.#read((each) => each.end(end === "cut"));
    const isWithdrawn = shown.isWithdrawn || last.isWithdrawn;
    const all = { text: last.isWithdrawn ? last.text : shown.text + last.text, isWithdrawn, isBusy };
    return { ...rest, ...all, end, ...(end === "whole" ? this.#called(called) : {}) };
  }

  #read(more: (text: AnswerText) => ReturnType<AnswerText["push"]>): ReturnType<AnswerText["push"]> {
    const { traits, tools } = this.#options;
    const startsThinking = this.#hasOtherThoughts ? false : traits.startsThinking;
    this.#text ??= new AnswerText({ startsThinking, tools });
    const grown = more(this.#text);
    this.#visible = grown.isWithdrawn ? grown.text : this.#visible + grown.text;
    // Saved at once, because the next answer may begin before this one ends.
    if (!this.#hasOtherThoughts)
      traits.startsThinking = this.#text.hasStartedThinking ?? traits.startsThinking;
    return grown;
  }

  #called(called: StreamStep["called"]): { readonly called?: Called } {
    if (called !== undefined) return { called: called(this.#visible) };
    const calls = this.#text?.calls ?? [];
    return calls.length === 0 ? {} : { called: this.#options.api.asCalled(this.#visible, calls) };
  }
}
