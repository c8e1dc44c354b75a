import { ModelError, type ModelOutput, type Usage } from "../../../ports/model.ts";
import type { Called } from "../api/model-call.ts";
import type { VisibleStep } from "./visible-steps.ts";

/** White space that stands before anything visible. */
const mostWaitingChars = 1_000_000;

/**
 * Turns the steps of one stream into what a model gives. White space at its beginning waits for the first visible text,
 * so that a piece means that there is something to read.
 */
export class OutputBuilder {
  #end: VisibleStep["end"];
  #called: Called | undefined;
  #usage: Usage | undefined;
  #waiting = "";
  #isVisible = false;

  /** The provider said that the answer is over. */
  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Something was there to read. */
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
    if (!this.#isVisible && this.#waiting.length > mostWaitingChars)
      throw new ModelError("empty", "The answer is white space without end");
    if (this.#isVisible && this.#waiting !== "") {
      yield { kind: "piece", text: this.#waiting };
      this.#waiting = "";
    }
  }

  /** The closing one. @throws {ModelError} when there was nothing to read, and nothing was called. */
  finish(): ModelOutput {
    const usage = this.#usage;
    const cost = usage === undefined ? {} : { usage };
    if (this.#called !== undefined) return { kind: "called", ...this.#called, ...cost };
    if (!this.#isVisible) throw new ModelError("empty", "The answer has no visible text", { usage });
    return { kind: "finished", isCut: this.#end === "cut", ...cost };
  }
}
