import { rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { diskFaultIn, type DiskFault } from "./disk-fault.ts";
import { rightsFault } from "./folder-rights.ts";
import { removeIfPossible } from "./reserve.ts";

/**
 * Checks the rights in a file's folder and a write next to it, because SQLite doesn't tell. Undefined if all is well.
 */
export function folderFault(file: string): DiskFault | undefined {
  const forbidden = rightsFault(dirname(file));
  if (forbidden !== undefined) return forbidden;
  const probe = `${file}-probe`;
  try {
    writeFileSync(probe, "x", { mode: 0o600 });
    rmSync(probe);
    return undefined;
  } catch (error) {
    removeIfPossible(probe);
    return diskFaultIn(error);
  }
}

/** The disk fault behind an error on a file, as exactly as possible. Undefined if there is none. */
export function faultUnder(file: string, error: unknown): DiskFault | undefined {
  const fault = diskFaultIn(error);
  return fault && (folderFault(file) ?? fault);
}
