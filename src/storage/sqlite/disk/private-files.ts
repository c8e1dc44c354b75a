import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Every file that the program creates in its folder: databases with their logs, quarantined files, the key. */
const ownFiles = /^(?:threadkeeper|ledger|lock)\.sqlite|^web-cookie\.key/u;

/**
 * Makes our files in a data folder readable for their owner alone, whatever the umask, including files of earlier
 * versions. Files of another owner stay unchanged.
 */
export function keepPrivate(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!ownFiles.test(name)) continue;
    const file = join(dataDir, name);
    try {
      const { mode } = statSync(file);
      if ((mode & 0o077) !== 0) chmodSync(file, 0o600);
    } catch {
      // It was just removed, or belongs to another user.
    }
  }
}
