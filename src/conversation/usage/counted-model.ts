import { textOf } from "../../domain/content.ts";
import type { Prompt } from "../../domain/prompt.ts";
import { ModelError, type Model } from "../../ports/model.ts";
import { Bill, charsPerToken, isFree, type BillingPorts } from "./bill.ts";

/** What asking a model within the limits needs. */
export interface SpendingPorts extends BillingPorts {
  readonly model: Model;
}

/** A model for one answer, whose calls are counted. */
interface CountedModel extends Pick<Model, "answer"> {
  /** Call it when the answer is given up and asked for again, which counts the turn. What the calls cost stays charged. */
  readonly refundTurn: () => void;
}

/**
 * Wraps a model so that each call is checked against the limits and counted. One answer counts as one turn, however many
 * calls and attempts it takes. `isCounted`: an earlier attempt at the same answer was counted.
 */
export function countedModel(ports: SpendingPorts, isCounted = false): CountedModel {
  let turns = isCounted ? 0 : 1;
  /** The bill with the turn. */
  let counting: Bill | undefined;
  return {
    answer: async function* (prompt, signal) {
      const bill = await Bill.open(
        ports,
        prompt.payer,
        { tokens: estimateOf(ports.model, prompt), turns },
        signal,
      );
      if (turns > 0) counting = bill;
      turns = 0;
      let chars = 0;
      try {
        for await (const output of ports.model.answer(prompt, signal)) {
          if (output.kind === "piece") chars += output.text.length;
          if (output.kind === "called" || output.kind === "finished") bill.settle(output.usage, chars);
          yield output;
        }
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        if (isFree(error)) turns = bill.refund();
        else bill.settle(error.usage, chars);
        if (turns > 0) counting = undefined;
        throw error;
      }
    },
    refundTurn: () => {
      turns += counting?.refundTurns() ?? 0;
      counting = undefined;
    },
  };
}

function estimateOf(
  { countTokens }: Pick<Model, "countTokens">,
  { instructions, messages, tools, calls }: Prompt,
): number {
  const images = messages.flatMap(({ content }) =>
    typeof content === "string" ? [] : content.filter(({ kind }) => kind === "image"),
  );
  const chars = messages.reduce((sum, { content }) => sum + textOf(content).length, instructions.length);
  const more = JSON.stringify([tools ?? [], calls ?? []]).length;
  const imageTokens = images.length === 0 ? 0 : countTokens(images);
  return Math.ceil((chars + more) / charsPerToken) + imageTokens;
}
