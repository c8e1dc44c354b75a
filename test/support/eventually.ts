import { vi } from "vitest";

/** Waits until a check throws no more, also on a busy machine: `vi.waitFor` alone waits for one second. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 5 });
}
