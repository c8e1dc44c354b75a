import { ModelError } from "../../ports/model.ts";

/** Below this a model that refuses is not asked again with less. */
const minRoomTokens = 200;

/**
 * Runs with the budget's tokens, and with fewer while the model says that its prompt is too long: with what the budget has
 * become, where the server has said how much it takes, else with half as many.
 * @throws {ModelError} when almost nothing is too long as well.
 */
export async function retryWithLessRoom<R>(
  budget: { readonly highTokens: number },
  run: (room: number) => Promise<R>,
): Promise<R> {
  for (let left = budget.highTokens; ;) {
    try {
      return await run(left);
    } catch (error) {
      const less = budget.highTokens < left ? budget.highTokens : Math.floor(left / 2);
      const isTooLong = error instanceof ModelError && error.kind === "context-too-long";
      if (!isTooLong || less < minRoomTokens) throw error;
      left = less;
    }
  }
}
