import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { makeFolder } from "../../../src/storage/sqlite/disk/data-folder.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { openThreadlessArchive } from "./threadless-archive.ts";

const names = ["threadkeeper.sqlite", "ledger.sqlite"] as const;
let made: Promise<ReadonlyMap<string, Buffer>> | undefined;

/**
 * Puts databases without content into a data folder that has none, copies of the first ones: their migrations take longer
 * than most tests.
 */
export async function putEmptyDatabases(dataDir: string): Promise<void> {
  made ??= makeDatabases();
  makeFolder(dataDir);
  for (const [name, bytes] of await made) {
    const file = join(dataDir, name);
    if (!existsSync(file)) writeFileSync(file, bytes, { mode: 0o600 });
  }
}

async function makeDatabases(): Promise<ReadonlyMap<string, Buffer>> {
  using folder = temporaryFolder();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const ports = { ids, inbounds, log: new RecordingLog(), listeners };
  {
    await using opened = new AsyncDisposableStack();
    opened.use(await openSqliteStores(folder.path, ports));
    opened.use(await openThreadlessArchive(folder.path, ports.log));
  }
  return new Map(names.map((name) => [name, readFileSync(join(folder.path, name))]));
}
