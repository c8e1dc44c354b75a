import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** All that tests keep at one time, with much to spare: what they don't take is left to other programs. */
const roomBytes = 4 * 2 ** 30;
const memoryFolder = "/dev/shm";
const parent = process.env["TMPDIR"] === undefined && hasRoom(memoryFolder) ? memoryFolder : tmpdir();

/**
 * A folder of its own that disappears with everything in it. In memory, where there is room: stores wait for the disk with
 * each write, and on a busy one for seconds. A killed process loses nothing there either.
 */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(parent, "threadkeeper-"));
  // A child of a killed server (Redis rewrites its file in one) may add a file while the folder goes.
  const again = { maxRetries: 10, retryDelay: 50 };
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, ...again }) };
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= roomBytes;
  } catch {
    return false;
  }
}
