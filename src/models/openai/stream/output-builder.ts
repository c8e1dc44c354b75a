import type { Usage } from "../../../domain/token-usage.ts";
import { ModelError, type ModelOutput } from "../../../ports/model.ts";
import type { Called } from "../api/model-call.ts";
import type { VisibleStep } from "./visible-steps.ts";

/** Bounds white space before the first visible text. */
const maxWaitingChars = 1_000_000;

/**
 * Turns the steps of one stream into the outputs of a model. Leading white space is held back until the first visible text, so
 * that every piece has something to read.
 */
export class OutputBuilder {
  #end: VisibleStep["end"];
  #called: Called | undefined;
  #usage: Usage | undefined;
  #waiting = "";
  #isVisible = false;

  /** The provider ended the answer. */
  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** There was visible text. */
  get isVisible(): boolean {
    return this.#isVisible;
  }

  /** @throws {ModelError} for white space without end. */
  *add({ text = "", isWithdrawn = false, end, called, usage }: VisibleStep): Generator<ModelOutput> {
    if (isWithdrawn) {
      if (this.#isVisible) yield { kind: "withdrawn" };
      this.#isVisible = false;
      this.#waiting = "";
    }
    this.#end ??= end;
    this.#called ??= called;
    this.#usage = usage ?? this.#usage;
    this.#waiting += text;
    this.#isVisible ||= text.trim() !== "";
    if (!this.#isVisible && this.#waiting.length > maxWaitingChars)
      throw new ModelError("empty", "The answer is only white space");
    if (this.#isVisible && this.#waiting !== "") {
      yield { kind: "piece", text: this.#waiting };
      this.#waiting = "";
    }
  }

  /** The last output. @throws {ModelError} without visible text and calls. */
  finish(): ModelOutput {
    const usage = this.#usage;
    const cost = usage === undefined ? {} : { usage };
    if (this.#called !== undefined) return { kind: "called", ...this.#called, ...cost };
    if (!this.#isVisible) throw new ModelError("empty", "The answer has no visible text", { usage });
    return { kind: "finished", isCut: this.#end === "cut", ...cost };
  }
}
