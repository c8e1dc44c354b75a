// Writes, deletes and scrubs in the given folder until it is killed. Prints a line for each deleted text, once the
// deletion is stored. With "another thread" the log is copied there, again and again, while this one writes.
import { setImmediate } from "node:timers/promises";

import { CleanDatabase } from "../../../src/storage/sqlite/cleaning/clean-database.ts";
import { LogCopierInThread } from "../../../src/storage/sqlite/cleaning/log-copier-in-thread.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { fileIn, prepare } from "./clean-files.ts";

const [folder = "", first = "0", thread = ""] = process.argv.slice(2);
const signal = new AbortController().signal;
const isCopied = thread === "another thread";
const file = fileIn(folder);
const log = new RecordingLog();
const { copy } = new LogCopierInThread(file, log);

using clean = new CleanDatabase({
  file,
  log,
  prepare,
  ...(isCopied ? { copying: { copy, minBytes: 1 } } : {}),
});
const { database } = clean;
const put = database.prepare("INSERT OR REPLACE INTO keyed (key, text) VALUES (?, ?)");
const remove = database.prepare("DELETE FROM keyed WHERE key = ?");
let scrubbing: Promise<void> | undefined;
for (let text = Number(first); ; text += 1) {
  const length = text % 11 === 0 ? 9_000 : 20 + ((text * 37) % 700);
  put.run(`${(text * 7_919) % 1_000} ${text}`, `{${text}}`.repeat(Math.ceil(length / 7)));
  const old = text - 40;
  if (old < Number(first) || old % 3 === 0) continue;
  remove.run(`${(old * 7_919) % 1_000} ${old}`);
  process.stdout.write(`${old}\n`);
  if (text % 5 !== 0) continue;
  scrubbing ??= clean.scrub(signal).finally(() => {
    scrubbing = undefined;
  });
  if (!isCopied) await scrubbing;
  // What a reader that is behind has no room for is only sent when the event loop turns.
  await setImmediate();
}
