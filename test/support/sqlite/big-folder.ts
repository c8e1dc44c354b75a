import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { bytesOf } from "../core/bytes-of.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { said } from "../core/inbounds.ts";
import { memoryOf } from "../core/memory-of.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const { signal } = new AbortController();
export const pageBytes = 4_096;
export const memories = 3_000;
export const keyOf = (index: number): ConversationKey => `fake:room:${index}`;

export function openIn(folder: string, log: RecordingLog, onDamaged = (): void => undefined) {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  return openSqliteStores(folder, { ids, inbounds, log, listeners, onDamaged });
}

export function memoryRecordOf(index: number) {
  const message = {
    ...said(`m${index}`, `${index} ${"x".repeat(3_300)}`).message,
    role: "person" as const,
    speaker: "Ada",
    tokens: 1,
    chapter: 1,
    answers: [],
    ordinal: 1,
    revision: 1,
  };
  return memoryOf(keyOf(index), { messages: [message] });
}

/** Bigger than the databases that are fully checked before they are opened. */
export async function bigFolder() {
  const folder = temporaryFolder();
  await using stores = await openIn(folder.path, new RecordingLog());
  await stores.inbox.accept(said("a", "hello", { conversation: keyOf(0) }), 1, signal);
  using database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
  database.exec("BEGIN");
  const put = database.prepare("INSERT INTO keyv (key, value) VALUES (?, ?)");
  for (let index = 0; index < memories; index += 1)
    put.run(`memory:${keyOf(index)}`, bytesOf(memoryRecordOf(index)));
  database.exec("COMMIT");
  return folder;
}

/** Damages a page deep in the file, between intact pages. */
export function damagePage(file: string): void {
  const page = Math.floor((statSync(file).size * 0.6) / pageBytes);
  const opened = openSync(file, "r+");
  writeSync(opened, Buffer.alloc(pageBytes, 0xff), 0, pageBytes, page * pageBytes);
  closeSync(opened);
}
