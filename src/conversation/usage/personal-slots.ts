import type { Slot } from "../../ports/usage.ts";
import { counterKey, type BillingPorts } from "./bill.ts";
import { TooManyAtOnceError } from "./limits.ts";

/** Longer than any turn runs. A slot held by a crashed process expires after this. */
const slotMs = 600_000;

/** Takes one of the person's concurrency slots until disposed. @throws {TooManyAtOnceError}, {StoreError} */
export async function takePersonSlot(
  { usage, limits, clock }: Pick<BillingPorts, "usage" | "limits" | "clock">,
  { platform, person, turn }: { readonly platform: string; readonly person: string; readonly turn: string },
  signal: AbortSignal,
): Promise<Disposable> {
  const slot: Slot = { holder: counterKey(platform, person), turn };
  const most = limits.personAtOnce;
  if (most === 0) return { [Symbol.dispose]: () => undefined };
  if (!(await usage.enter(slot, { most, heldMs: slotMs }, clock.nowMs(), signal))) {
    throw new TooManyAtOnceError("The person has reached the limit of concurrent answers");
  }
  return { [Symbol.dispose]: () => usage.leave(slot) };
}
