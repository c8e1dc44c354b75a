import { rmSync, writeFileSync } from "node:fs";

import { diskFaultIn, type DiskFault } from "./disk-fault.ts";
import { removeIfPossible } from "./reserve.ts";

/** What the system says of a write beside a file: SQLite does not tell. Undefined: it can be written. */
export function folderFault(file: string): DiskFault | undefined {
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
