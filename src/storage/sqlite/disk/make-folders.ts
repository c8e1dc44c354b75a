import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those that it lies in, for their owner alone. Node's own way goes round for ever where a folder takes
 * none (/proc).
 * @throws what the system says
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
    // It is there, or another process has just made it.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
