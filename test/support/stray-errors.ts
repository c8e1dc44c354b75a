import { setImmediate } from "node:timers/promises";

import { onTestFinished } from "vitest";

/** Whatever nobody caught while the test runs. A library's stray rejection would end the bot. */
export function strayErrors(): readonly unknown[] {
  const stray: unknown[] = [];
  const keep = (error: unknown): void => void stray.push(error);
  for (const event of ["unhandledRejection", "uncaughtException"] as const) {
    process.on(event, keep);
    onTestFinished(() => void process.off(event, keep));
  }
  return stray;
}

/** Stray rejections are announced once the microtasks are done. */
export async function untilStraysAreAnnounced(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
