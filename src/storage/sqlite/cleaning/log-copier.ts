import { DatabaseSync } from "node:sqlite";

import { busyMs, connectionSettings } from "../connection/connection-settings.ts";
import { loggedPages, noPart, type LogPart } from "./logged-pages.ts";
import { PageCleaner } from "./page-cleaner.ts";
import { runCheckpoint } from "./run-checkpoint.ts";

const maxRounds = 3;
/** What is written during a round is copied by the next one, unless the round has copied so few. */
const fewFrames = 32;

/** Plain data, because it goes to a thread. */
export interface CopyRequest {
  /** The open database file, which belongs to the caller. */
  readonly descriptor: number;
  readonly pageSize: number;
  /** The part of the log that is in the file, with clean pages. */
  readonly copied: LogPart;
}

export interface Copied {
  /** The part of the log that now is in the file, with clean pages. */
  readonly copied: LogPart;
  /** Another connection reads, so that the rest can't be copied. */
  readonly isHeld: boolean;
}

/**
 * Copies the log of a database into its file while another connection writes, cleans the copied pages, and syncs the file.
 * It never empties the log. No other thread may run a checkpoint or clean pages at that time.
 *
 * While it works, a second connection holds a read transaction. So SQLite can't restart the log: its frames stay as they
 * are, and no checkpoint takes an old log for a new one (the WAL-reset bug of SQLite before 3.51.3).
 */
export class LogCopier implements Disposable {
  readonly #logFile: string;
  readonly #holder: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #look;

  constructor(file: string) {
    this.#logFile = `${file}-wal`;
    this.#holder = new DatabaseSync(file, { timeout: busyMs });
    this.#database = new DatabaseSync(file);
    this.#database.exec(connectionSettings);
    this.#look = this.#holder.prepare("SELECT 1 FROM sqlite_schema LIMIT 1");
  }

  /** Throws the errors of SQLite and the file system. */
  copy({ descriptor, pageSize, copied }: CopyRequest): Copied {
    const cleaner = new PageCleaner(descriptor, pageSize);
    let done = this.#copyOnce(cleaner, copied);
    let count = done.copied.frames - copied.frames;
    for (let round = 2; round <= maxRounds && count > fewFrames; round += 1) {
      const { copied: known } = done;
      done = { ...this.#copyOnce(cleaner, known), isHeld: false };
      count = done.copied.frames - known.frames;
    }
    return done;
  }

  /** The file's descriptor stays open. */
  [Symbol.dispose](): void {
    this.#database.close();
    this.#holder.close();
  }

  #copyOnce(cleaner: PageCleaner, known: LogPart): Copied {
    const { pageSize } = cleaner;
    this.#holder.exec("BEGIN");
    try {
      this.#look.get();
      const { salts } = loggedPages(this.#logFile, { pageSize, known, last: 0 });
      const { isBusy, log, copied } = runCheckpoint(this.#database, "PASSIVE");
      if (isBusy) throw new Error("Another connection runs a checkpoint");
      const part = loggedPages(this.#logFile, { pageSize, known, last: copied });
      for (const page of part.pages) cleaner.clean(page);
      if (part.pages.size > 0) cleaner.syncAll();
      // A log that was copied as a whole before can restart at any time, and then the count is of another log.
      if (part.salts !== salts) return { copied: noPart, isHeld: false };
      return { copied: { salts, frames: part.frames }, isHeld: part.frames === known.frames && copied < log };
    } finally {
      this.#holder.exec("COMMIT");
    }
  }
}
