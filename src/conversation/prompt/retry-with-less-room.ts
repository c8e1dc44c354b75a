import { ModelError } from "../../ports/model.ts";

/** Below this, the prompt is not reduced further. */
const minRoomTokens = 200;

/**
 * Runs with the budget's tokens, and again with fewer while the model rejects the prompt as too long: with the lowered
 * budget if the server named its limit, else with half. @throws {ModelError} if even a tiny prompt is too long.
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
