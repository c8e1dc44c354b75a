import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { busyMs } from "../connection/connection-settings.ts";
import { loggedPages, noPart, type LogPart } from "./logged-pages.ts";
import type { PageCleaner } from "./page-cleaner.ts";
import { runCheckpoint } from "./run-checkpoint.ts";

/**
 * Runs every checkpoint of a database whose `wal_autocheckpoint` is 0, and cleans the pages it wrote. So no page of
 * the file keeps a copy of a moved row, and with `secure_delete` a deleted row leaves no bytes. The cost of a
 * checkpoint grows with what was written since the last one. After a crash between the two steps the log is still
 * there, and the next checkpoint cleans the same pages.
 */
export class CheckpointCleaner {
  readonly #database: DatabaseSync;
  readonly #cleaner: PageCleaner;
  readonly #onOvertaken: () => void;
  readonly #logFile: string;
  /** The part of the log that is in the file, with clean pages. Set it when LogCopier has copied more. */
  copied = noPart;

  /** `onOvertaken`: another connection wrote during the checkpoint, and it is unknown which pages. */
  constructor(
    database: DatabaseSync,
    { file, cleaner, onOvertaken }: { file: string; cleaner: PageCleaner; onOvertaken: () => void },
  ) {
    this.#database = database;
    this.#cleaner = cleaner;
    this.#onOvertaken = onOvertaken;
    this.#logFile = `${file}-wal`;
  }

  /** The log's size in bytes. */
  logBytes(): number {
    return statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** How many frames of the log are not known to be in the file. */
  countUncopied(): number {
    const { salts, frames } = this.#logged(this.copied);
    return salts === this.copied.salts ? frames - this.copied.frames : frames;
  }

  /**
   * Empties the log. False if another connection is reading or writing; the next call does the rest. Throws the
   * errors of SQLite and the file system.
   */
  checkpoint(): boolean {
    if (this.logBytes() === 0) return true;
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      const version = this.#version();
      if (!this.#copyAndClean() || !this.#truncate()) return false;
      if (this.#version() !== version) this.#onOvertaken();
      return true;
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    }
  }

  /** Returns whether the whole log is in the file. */
  #copyAndClean(): boolean {
    const before = this.#logged(this.copied);
    const { isBusy, log, copied } = runCheckpoint(this.#database, "PASSIVE");
    const after = this.#logged(before);
    // Frames that another connection added in between.
    const pages = after.salts === before.salts ? after.pages.union(before.pages) : before.pages;
    for (const page of pages) this.#cleaner.clean(page);
    this.#cleaner.sync();
    if (isBusy) return false;
    this.copied = { salts: before.salts, frames: Math.min(copied, before.frames) };
    return copied === log;
  }

  /** Also drops cached pages, whose copies of moved rows must not be written again. */
  #truncate(): boolean {
    if (runCheckpoint(this.#database, "TRUNCATE").isBusy) return false;
    this.copied = noPart;
    this.#database.exec("PRAGMA shrink_memory");
    return true;
  }

  /** Changes when another connection writes. */
  #version(): unknown {
    return this.#database.prepare("PRAGMA data_version").get()?.["data_version"];
  }

  #logged(known: LogPart) {
    return loggedPages(this.#logFile, { pageSize: this.#cleaner.pageSize, known });
  }
}
