import type { PromptContents } from "../../domain/prompt.ts";
import { addUsage, type Usage } from "../../domain/token-usage.ts";
import type { ToolRound } from "../../domain/tool-round.ts";
import type { AnswerAccount, ModelWork, TurnOutcome, TurnStep } from "../../domain/turn-record.ts";
import type { Clock } from "../../ports/clock.ts";
import { ModelError, type Model, type ModelOutput } from "../../ports/model.ts";

/** Observes how one answer comes about: every call of a model that is made through `model`. Reads no texts. */
export class AnswerObserver {
  /** The observed model. */
  readonly model: Model;
  readonly #clock: Clock;
  #work: ModelWork | undefined;
  #usage: Usage | undefined;
  #outcome: TurnOutcome = "answered";
  #failure: string | undefined;
  #rounds: readonly ToolRound[] = [];

  constructor({ model, clock }: { readonly model: Model; readonly clock: Clock }) {
    this.#clock = clock;
    const answer: Model["answer"] = (prompt, signal) =>
      this.#observed(model.name, prompt.contents, model.answer(prompt, signal));
    this.model = { ...model, answer };
  }

  /** Call it when the answer becomes something else than an answer. */
  end(outcome: TurnOutcome, failure?: string): void {
    this.#outcome = outcome;
    this.#failure = failure;
  }

  /** All rounds of tool calls so far. */
  noteRounds(rounds: readonly ToolRound[]): void {
    this.#rounds = rounds;
  }

  /** What is known by now. */
  account(): AnswerAccount {
    const usage = this.#usage === undefined ? {} : { usage: this.#usage };
    return {
      outcome: this.#outcome,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      ...(this.#work === undefined ? {} : { work: { ...this.#work, ...usage } }),
      steps: stepsOf(this.#rounds),
    };
  }

  async *#observed(
    model: string,
    contents: PromptContents | undefined,
    outputs: AsyncIterable<ModelOutput>,
  ): AsyncGenerator<ModelOutput> {
    const nowMs = this.#clock.nowMs();
    const { calls = 0, startedAtMs = nowMs, firstTextAtMs } = this.#work ?? {};
    const firstText = firstTextAtMs === undefined ? {} : { firstTextAtMs };
    const prompt = contents === undefined ? {} : { prompt: contents };
    this.#work = { model, calls: calls + 1, ...prompt, startedAtMs, ...firstText, endedAtMs: nowMs };
    try {
      for await (const output of outputs) {
        if (output.kind === "piece") this.#noteText();
        if ("usage" in output) this.#usage = addUsage(this.#usage, output.usage);
        yield output;
      }
    } catch (error) {
      if (error instanceof ModelError) this.#usage = addUsage(this.#usage, error.usage);
      throw error;
    } finally {
      this.#work = { ...this.#work, endedAtMs: this.#clock.nowMs() };
    }
  }

  #noteText(): void {
    if (this.#work?.firstTextAtMs === undefined && this.#work !== undefined)
      this.#work = { ...this.#work, firstTextAtMs: this.#clock.nowMs() };
  }
}

/** The finished calls of some rounds, without their texts. */
function stepsOf(rounds: readonly ToolRound[]): readonly TurnStep[] {
  return rounds.flatMap(({ calls }) =>
    calls.flatMap(({ call, result }) =>
      result === undefined
        ? []
        : [
            {
              tool: call.name,
              outcome: result.outcome,
              durationMs: result.durationMs,
              resultChars: result.text.length,
            },
          ],
    ),
  );
}
