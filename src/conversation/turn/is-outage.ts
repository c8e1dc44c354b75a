import { StaleLeaseError } from "../../ports/journal.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { MemoryError } from "../../ports/memory.ts";
import { PlatformError } from "../../ports/platform.ts";
import { StoreError } from "../../ports/store-error.ts";

/** Whether what was said before can't be read now. */
export function isMemoryUnreachable(error: unknown): boolean {
  return error instanceof MemoryError || error instanceof ArchiveError;
}

/** Whether something is away, or another process has taken over: nothing that the message could be blamed for. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof StaleLeaseError ||
    error instanceof StoreError ||
    isMemoryUnreachable(error) ||
    (error instanceof PlatformError && error.isPassing)
  );
}
