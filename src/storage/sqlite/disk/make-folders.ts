import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Creates a folder and its missing parents, for the owner alone. Node's recursive mkdir never ends where nothing can
 * be created (/proc). Throws the system's error.
 */
export function makeFolders(path: string): void {
  const missing = [resolve(path)];
  for (let parent = dirname(resolve(path)); !existsSync(parent); parent = dirname(parent))
    missing.unshift(parent);
  for (const folder of missing) makeFolder(folder);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // It exists, or another process has just created it.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
