import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";

using database = new DatabaseSync(String(workerData));
database.exec("PRAGMA busy_timeout = 2000; PRAGMA secure_delete = ON");
process.exitCode = isLogEmptied() && isWrittenAnew() && isLogEmptied() ? 0 : 1;

function isWrittenAnew(): boolean {
  database.exec("VACUUM");
  return true;
}

function isLogEmptied(): boolean {
  return database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0;
}
