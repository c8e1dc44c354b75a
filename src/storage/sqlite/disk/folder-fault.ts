import { rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { diskFaultIn, type DiskFault } from "./disk-fault.ts";
import { rightsFault } from "./folder-rights.ts";
import { removeIfPossible } from "./reserve.ts";

/** What the system says of the rights in a file's folder, and of a write beside it: SQLite does not tell. Undefined: all is well. */
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

/** What an error says of the disk under a file, as exactly as can be known. Undefined: nothing. */
export function faultUnder(file: string, error: unknown): DiskFault | undefined {
  const fault = diskFaultIn(error);
  return fault && (folderFault(file) ?? fault);
}
