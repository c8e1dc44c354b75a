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
      left = smallerRoom(budget, left, error);
    }
  }
}

/** The tokens for the next attempt after a prompt of `room` tokens. @throws the error if it is none that fewer help with. */
export function smallerRoom(budget: { readonly highTokens: number }, room: number, error: unknown): number {
  const less = budget.highTokens < room ? budget.highTokens : Math.floor(room / 2);
  const isTooLong = error instanceof ModelError && error.kind === "context-too-long";
  if (!isTooLong || less < minRoomTokens) throw error;
  return less;
}
