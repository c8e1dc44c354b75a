import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Everything that the program makes in its folder: databases with their logs, what was set aside, the key. */
const ours = /^(?:threadkeeper|ledger|lock)\.sqlite|^web-cookie\.key/u;

/**
 * Makes our files of a data folder readable for their owner alone, whatever the folder's mode and the umask; also those
 * that an earlier version made. Files of another owner stay as they are.
 */
export function keepPrivate(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!ours.test(name)) continue;
    const file = join(dataDir, name);
    try {
      const { mode } = statSync(file);
      if ((mode & 0o077) !== 0) chmodSync(file, 0o600);
    } catch {
      // It has just gone, or belongs to another.
    }
  }
}
