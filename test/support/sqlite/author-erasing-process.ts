// Erases Eve's messages in the given folder's archive, scrubs, and prints that it is done, unless it is killed
// before.
import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { RecordingLog } from "../core/recording-log.ts";

const [folder = ""] = process.argv.slice(2);
const signal = new AbortController().signal;

const archive = await openSqliteArchive(folder, { log: new RecordingLog() });
await archive.eraseAuthor("fake", "eve", 5_000, signal);
await archive.scrub(signal);
process.stdout.write("done\n");
await archive[Symbol.asyncDispose]();
