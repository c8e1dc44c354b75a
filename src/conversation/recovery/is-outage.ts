import { StaleLeaseError } from "../../ports/journal.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { MemoryError } from "../../ports/memory.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { StoreError } from "../../ports/store-error.ts";

/** Whether an error means that memory can't be read now. */
export function isMemoryUnreachable(error: unknown): boolean {
  return error instanceof MemoryError || error instanceof ArchiveError;
}

/** Whether an error is an outage or a lost claim, and so not caused by the message. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof StaleLeaseError ||
    error instanceof StoreError ||
    isMemoryUnreachable(error) ||
    (error instanceof PlatformError && error.isPassing)
  );
}
