import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "../temporary-folder.ts";

const names = ["threadkeeper.sqlite", "ledger.sqlite"] as const;
let made: Promise<ReadonlyMap<string, Buffer>> | undefined;

/**
 * Puts databases without content into a data folder. `open` makes the first ones, which the others are copies of: their
 * migrations take longer than most tests.
 */
export async function putEmptyDatabases(
  dataDir: string,
  open: (dataDir: string) => Promise<AsyncDisposable>,
): Promise<void> {
  made ??= makeDatabases(open);
  for (const [name, bytes] of await made) writeFileSync(join(dataDir, name), bytes, { mode: 0o600 });
}

async function makeDatabases(
  open: (dataDir: string) => Promise<AsyncDisposable>,
): Promise<ReadonlyMap<string, Buffer>> {
  using folder = temporaryFolder();
  const opened = await open(folder.path);
  await opened[Symbol.asyncDispose]();
  return new Map(names.map((name) => [name, readFileSync(join(folder.path, name))]));
}
