import type { FileLink } from "../../ports/file-store.ts";

/** Later than any end in ms, and with room for a time above it. */
const never = 2 ** 52;

/**
 * The end of a link as stores keep it. A link without an end has `never` plus the time at which its message was said, so that
 * erasures with a limit find it by one column, and older versions keep it.
 */
export function linkEnd({ untilMs, saidAtMs = 0 }: Pick<FileLink, "untilMs" | "saidAtMs">): number {
  return untilMs ?? never + saidAtMs;
}

/** Links with an end lie below it, and others whose message was said before `saidBeforeMs`. Missing: all do. */
export function endsBelow(saidBeforeMs: number | undefined): number {
  return saidBeforeMs === undefined ? Number.MAX_SAFE_INTEGER : never + saidBeforeMs;
}

/** The lowest end of a link that stays until it is erased. */
export const lowestKept = never;
