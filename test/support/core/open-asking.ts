import type { ToolCall } from "../../../src/domain/prompt.ts";
import type { SpendingLimits } from "../../../src/domain/spending-limits.ts";
import { noLimits } from "./no-limits.ts";
import { openRealBench, type RealBench } from "./real-bench.ts";
import { ScriptedModel } from "./scripted-model.ts";
import { writingToy } from "./toy-tools.ts";

/** A call of the tool "list". */
export const add = (of: string): ToolCall => ({ id: of, name: "list", argument: JSON.stringify({ of }) });

/**
 * A bench with one writing tool, "list", of which each call needs approval. Its model makes these calls for a question that
 * says "write down", and answers with the results.
 */
export async function openAsking(
  calls: readonly ToolCall[] = [add("milk")],
  limits: SpendingLimits = noLimits,
  more: { readonly retentionDays?: number } = {},
) {
  const model = new ScriptedModel(async function* ({ calls: made = [], messages }) {
    if (made.length > 0) yield made.map(({ result }) => result).join(" ");
    else yield `Answer to ${messages.at(-1)?.text}`;
  });
  model.calls = ({ calls: made = [], messages }) =>
    made.length === 0 && messages.at(-1)?.text.includes("write down") === true ? calls : [];
  const list = writingToy("list", ({ of }) => `${String(of)} is on it.`, { needsApproval: () => true });
  const bench = await openRealBench({ model, tools: [list], limits, ...more });
  return { bench, list, model, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

/** The buttons of requests that people see now, by the request that they are for. */
export function buttons({ platform }: RealBench): readonly (readonly [string, string | undefined])[] {
  return platform.posts.flatMap(({ isDeleted, post }) =>
    isDeleted
      ? []
      : (post.actions ?? []).flatMap(({ id, on }) =>
          id === "approve" || id === "decline" ? [[id, on] as const] : [],
        ),
  );
}

/** The request whose buttons people see now. "none": they see none. */
export function requestIn(bench: RealBench): string {
  return buttons(bench)[0]?.[1] ?? "none";
}
