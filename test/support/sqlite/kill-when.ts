// Kills a process at the moment when a question to an SQLite file has an answer: it looks all the time, since what it waits
// for may last a millisecond. It ends without a word when the process ends by itself.
import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";

/** What the thread is given. */
export interface KillWhen {
  readonly file: string;
  readonly question: string;
  readonly pid: number;
}

const { file, question, pid }: KillWhen = workerData;
using database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
const statement = database.prepare(question);
while (isRunning() && statement.get() === undefined);
if (isRunning()) process.kill(pid, "SIGKILL");

function isRunning(): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
