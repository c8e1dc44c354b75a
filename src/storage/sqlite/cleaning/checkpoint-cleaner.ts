import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { bytesAt } from "./log-frames.ts";
import { busyMs } from "../connection/connection-settings.ts";
import type { PageCleaner } from "./page-cleaner.ts";

const logHeaderBytes = 32;
const frameHeaderBytes = 24;

interface Logged {
  /** Where the page numbers come from: SQLite changes the salts when it begins the log again. */
  readonly salts: string;
  readonly frames: number;
  readonly pages: ReadonlySet<number>;
}

/**
 * Runs every checkpoint of a database whose `wal_autocheckpoint` is 0, and cleans the pages that it writes. So no page of
 * the file ever holds a copy of a row that has moved, and with `secure_delete` a deleted row leaves nothing. What a
 * checkpoint costs grows with what was written since the last one. A crash between the two steps leaves the log, and the
 * next checkpoint cleans the same pages.
 */
export class CheckpointCleaner {
  readonly #database: DatabaseSync;
  readonly #cleaner: PageCleaner;
  readonly #onOvertaken: () => void;
  readonly #logFile: string;
  /** What of the log is in the file, and clean. */
  #done: Logged = { salts: "", frames: 0, pages: new Set() };

  /** `onOvertaken`: another connection wrote at the wrong moment, and which pages is not known. */
  constructor(
    database: DatabaseSync,
    { file, cleaner, onOvertaken }: { file: string; cleaner: PageCleaner; onOvertaken: () => void },
  ) {
    this.#database = database;
    this.#cleaner = cleaner;
    this.#onOvertaken = onOvertaken;
    this.#logFile = `${file}-wal`;
  }

  /** The size of the log. */
  logBytes(): number {
    return statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
  }

  /**
   * Empties the log. False when another connection reads or writes: the rest is done the next time. Throws what SQLite
   * and the file system say of a disk that is full or fails.
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

  /** Gives whether the whole log is in the file. */
  #copyAndClean(): boolean {
    const before = this.#logged();
    const { busy, log, checkpointed } = this.#run("PASSIVE");
    const after = this.#logged();
    // Frames that another connection added in between.
    const pages = after.salts === before.salts ? after.pages.union(before.pages) : before.pages;
    for (const page of pages) this.#cleaner.clean(page);
    this.#cleaner.sync();
    if (busy !== 0) return false;
    this.#done = { ...before, frames: Math.min(checkpointed, before.frames) };
    return checkpointed === log;
  }

  /** Also drops the pages in memory: their copies of rows that have moved must not be written again. */
  #truncate(): boolean {
    if (this.#run("TRUNCATE").busy !== 0) return false;
    this.#done = { salts: "", frames: 0, pages: new Set() };
    this.#database.exec("PRAGMA shrink_memory");
    return true;
  }

  /** Another one when another connection has written. */
  #version(): unknown {
    return this.#database.prepare("PRAGMA data_version").get()?.["data_version"];
  }

  #run(mode: "PASSIVE" | "TRUNCATE") {
    const row = this.#database.prepare(`PRAGMA wal_checkpoint(${mode})`).get() ?? {};
    return {
      busy: Number(row["busy"]),
      log: Number(row["log"]),
      checkpointed: Number(row["checkpointed"]),
    };
  }

  /** The pages in the log that are not known to be clean; those of a transaction that was rolled back do no harm. */
  #logged(): Logged {
    const file = openSync(this.#logFile, "r");
    try {
      const salts = bytesAt(file, 16, 8).toString("latin1");
      const frameBytes = frameHeaderBytes + this.#cleaner.pageSize;
      const pages = new Set<number>();
      let frames = salts === this.#done.salts ? this.#done.frames : 0;
      const all = Math.floor((fstatSync(file).size - logHeaderBytes) / frameBytes);
      for (; frames < all; frames += 1) {
        const frame = bytesAt(file, logHeaderBytes + frames * frameBytes, frameHeaderBytes);
        if (frame.toString("latin1", 8, 16) !== salts) break;
        pages.add(frame.readUInt32BE(0));
      }
      return { salts, frames, pages };
    } finally {
      closeSync(file);
    }
  }
}
