import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own that disappears with everything in it. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "threadkeeper-"));
  // A child of a killed server (Redis rewrites its file in one) may add a file while the folder goes.
  const again = { maxRetries: 10, retryDelay: 50 };
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, ...again }) };
}
