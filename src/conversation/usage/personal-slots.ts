import type { Slot } from "../../ports/usage.ts";
import { counterKey, type SpendingPorts } from "./counted-model.ts";
import { TooManyAtOnceError } from "./limits.ts";

/** Longer than any turn runs; a slot of a process that died ends after it. */
const slotMs = 600_000;

/** Takes one of the person's places among what runs at once, until it is disposed. @throws {TooManyAtOnceError}, {StoreError} */
export async function takePersonSlot(
  { usage, limits, clock }: Pick<SpendingPorts, "usage" | "limits" | "clock">,
  { platform, person, turn }: { readonly platform: string; readonly person: string; readonly turn: string },
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const slot: Slot = { holder: counterKey(platform, person), turn };
  const most = limits.personAtOnce;
  if (most > 0 && !(await usage.enter(slot, { most, heldMs: slotMs }, clock.nowMs(), signal))) {
    throw new TooManyAtOnceError("The person has as many answers under way as they may have at once");
  }
  return {
    // What can't be left now ends by itself.
    [Symbol.asyncDispose]: () => usage.leave(slot, AbortSignal.timeout(5_000)).catch(() => undefined),
  };
}
