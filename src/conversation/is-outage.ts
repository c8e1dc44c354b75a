import { StaleLeaseError } from "../ports/journal.ts";
import { LedgerError } from "../ports/ledger.ts";
import { MemoryError } from "../ports/memory.ts";
import { PlatformError } from "../ports/platform.ts";
import { StoreError } from "../ports/store-error.ts";

/** Whether something is away, or another process has taken over: nothing that the message could be blamed for. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof StaleLeaseError ||
    error instanceof StoreError ||
    error instanceof MemoryError ||
    error instanceof LedgerError ||
    (error instanceof PlatformError && error.isPassing)
  );
}
