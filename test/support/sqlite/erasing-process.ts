// Writes, deletes and scrubs in the given folder until it is killed. Prints a line for each deleted text, once the
// deletion is stored.
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { CleanDatabase } from "../../../src/storage/sqlite/cleaning/clean-database.ts";
import { connectionSettings } from "../../../src/storage/sqlite/connection/connection-settings.ts";
import { RecordingLog } from "../core/recording-log.ts";

const [folder = "", first = "0"] = process.argv.slice(2);
const signal = new AbortController().signal;

using clean = new CleanDatabase({
  file: join(folder, "test.sqlite"),
  log: new RecordingLog(),
  prepare: (database) =>
    database.exec(`${connectionSettings}
      CREATE TABLE IF NOT EXISTS cleanup (id INTEGER PRIMARY KEY CHECK (id = 1), next_page INTEGER, is_open INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS keyed (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
    `),
});
const { database } = clean;
const put = database.prepare("INSERT OR REPLACE INTO keyed (key, text) VALUES (?, ?)");
const remove = database.prepare("DELETE FROM keyed WHERE key = ?");
for (let text = Number(first); ; text += 1) {
  const length = text % 11 === 0 ? 9_000 : 20 + ((text * 37) % 700);
  put.run(`${(text * 7_919) % 1_000} ${text}`, `{${text}}`.repeat(Math.ceil(length / 7)));
  const old = text - 40;
  if (old < Number(first) || old % 3 === 0) continue;
  remove.run(`${(old * 7_919) % 1_000} ${old}`);
  process.stdout.write(`${old}\n`);
  if (text % 5 !== 0) continue;
  await clean.scrub(signal);
  // What a reader that is behind has no room for is only sent when the event loop turns.
  await setImmediate();
}
