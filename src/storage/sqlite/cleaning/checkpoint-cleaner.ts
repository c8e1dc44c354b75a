import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { bytesAt } from "./log-frames.ts";
import { busyMs } from "../connection/connection-settings.ts";
import type { PageCleaner } from "./page-cleaner.ts";

const logHeaderBytes = 32;
const frameHeaderBytes = 24;
/** A read of a frame's header alone costs about as much as one of so many frames. */
const framesPerRead = 16;

interface Logged {
  /** The salts of the log's header. SQLite changes them when it restarts the log. */
  readonly salts: string;
  readonly frames: number;
  readonly pages: ReadonlySet<number>;
}

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
  /** The part of the log that is in the file, with clean pages. */
  #done: Logged = { salts: "", frames: 0, pages: new Set() };

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
    const before = this.#logged(this.#done);
    const { busy, log, checkpointed } = this.#run("PASSIVE");
    const after = this.#logged(before);
    // Frames that another connection added in between.
    const pages = after.salts === before.salts ? after.pages.union(before.pages) : before.pages;
    for (const page of pages) this.#cleaner.clean(page);
    this.#cleaner.sync();
    if (busy !== 0) return false;
    this.#done = { ...before, frames: Math.min(checkpointed, before.frames) };
    return checkpointed === log;
  }

  /** Also drops cached pages, whose copies of moved rows must not be written again. */
  #truncate(): boolean {
    if (this.#run("TRUNCATE").busy !== 0) return false;
    this.#done = { salts: "", frames: 0, pages: new Set() };
    this.#database.exec("PRAGMA shrink_memory");
    return true;
  }

  /** Changes when another connection writes. */
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

  /** The pages in the log that may be unclean, without those of `known`. Pages of a rolled back transaction do no harm. */
  #logged(known: Logged): Logged {
    const file = openSync(this.#logFile, "r");
    try {
      const salts = bytesAt(file, 16, 8).toString("latin1");
      const frameBytes = frameHeaderBytes + this.#cleaner.pageSize;
      const pages = new Set<number>();
      let frames = salts === known.salts ? known.frames : 0;
      const all = Math.floor((fstatSync(file).size - logHeaderBytes) / frameBytes);
      while (frames < all) {
        const count = Math.min(framesPerRead, all - frames);
        const bytes = bytesAt(file, logHeaderBytes + frames * frameBytes, count * frameBytes);
        for (let at = 0; at < bytes.length; at += frameBytes) {
          if (bytes.toString("latin1", at + 8, at + 16) !== salts) return { salts, frames, pages };
          pages.add(bytes.readUInt32BE(at));
          frames += 1;
        }
      }
      return { salts, frames, pages };
    } finally {
      closeSync(file);
    }
  }
}
