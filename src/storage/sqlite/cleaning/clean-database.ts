import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { CheckpointCleaner } from "./checkpoint-cleaner.ts";
import { FullCleanup } from "./full-cleanup.ts";
import { runInSlices } from "../connection/run-in-slices.ts";
import { LogSync } from "./log-sync.ts";
import { PageCleaner, pageSizeOf } from "./page-cleaner.ts";
import { WatchedDatabase } from "../connection/watched-database.ts";
import { healthOf, WriteWatch } from "../disk/write-watch.ts";

/** Most of what a checkpoint takes is waiting for the disk, so that few of them cost less than many small ones. */
const maxLogBytes = 2 ** 23;
const checkEveryMs = 100;
/** The size of a log without frames. */
const emptyLogBytes = 32;

/** A database file and how to prepare it: connectionSettings and the migrations. */
export interface DatabaseSource {
  readonly file: string;
  readonly prepare: (database: DatabaseSync) => void;
  readonly log: Log;
  /** Called when the database stops accepting writes, and when it accepts them again. */
  readonly onHealth?: (health: Health) => void;
}

/** Whether a database may grow. */
export interface WriteRoom {
  /** Why only deletions are accepted. Undefined if everything is. */
  readonly refusal: () => string | undefined;
  /** After a failed write. Returns whether a retry may succeed. */
  readonly tryMakeRoom: () => boolean;
}

/**
 * An open database whose files keep no byte of deleted data: see CheckpointCleaner. Needs the table `cleanup`. The
 * reasons are in docs/adr/0004-erasing-bytes.md.
 */
export class CleanDatabase implements Disposable {
  readonly database: DatabaseSync;
  readonly #log: Log;
  readonly #cleaner: PageCleaner;
  readonly #checkpointer: CheckpointCleaner;
  readonly #watch: WriteWatch;
  readonly #cleanup: FullCleanup;
  readonly #logSync: LogSync;
  readonly #checking: NodeJS.Timeout;
  readonly #closing = new AbortController();
  #isFailing = false;
  /** Another connection was reading when the log should have been emptied. */
  #isPending = false;

  /** Throws the errors of SQLite and the file system. */
  constructor({ file, prepare, log, ...ports }: DatabaseSource) {
    const logBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    this.#log = log;
    this.database = new WatchedDatabase(file, (error) => this.#watch?.note(error));
    try {
      prepare(this.database);
      this.#cleaner = new PageCleaner(file, pageSizeOf(this.database));
      this.#cleanup = new FullCleanup(this.database, this.#cleaner, logBytes > emptyLogBytes);
    } catch (error) {
      this.database.close();
      throw error;
    }
    this.#watch = new WriteWatch({ file, log, ...ports });
    const onOvertaken = (): void => this.#cleanup.restart();
    this.#checkpointer = new CheckpointCleaner(this.database, { file, cleaner: this.#cleaner, onOvertaken });
    this.#logSync = new LogSync(`${file}-wal`);
    this.#checking = setInterval(() => this.#check(), checkEveryMs).unref();
    if (this.#cleanup.step()) void this.#cleanAll(this.#closing.signal).catch(() => undefined);
  }

  /**
   * Removes every byte of deleted data from the files. Costs by what was written since the last time. Repeated until
   * no other connection reads.
   */
  async scrub(signal: AbortSignal): Promise<void> {
    await this.#cleanAll(signal);
    this.#isPending = !this.#checkpointer.checkpoint();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#checking);
    this.#closing.abort();
    try {
      this.database.exec("UPDATE cleanup SET is_open = 0");
      this.#checkpointer.checkpoint();
    } catch {
      // The disk is full. At the next start the log is still there, or every page is cleaned.
    }
    this.database.close();
    this.#cleaner[Symbol.dispose]();
  }

  health(): Health {
    return healthOf(this.#watch.fault);
  }

  readonly room: WriteRoom = {
    refusal: () => this.#watch.fault && this.health().why,
    tryMakeRoom: () => this.#watch.takeRoomRequest() && this.#emptyLog(),
  };

  async #cleanAll(signal: AbortSignal): Promise<void> {
    await runInSlices(() => this.#cleanup.step(), AbortSignal.any([signal, this.#closing.signal]));
  }

  #check(): void {
    void this.#syncLog();
    this.#watch.check(() => this.#write());
    if (this.#watch.fault !== undefined) {
      if (this.#watch.takeRoomRequest()) this.#emptyLog();
    } else if (this.#isPending || this.#checkpointer.logBytes() >= maxLogBytes) this.#emptyLog();
  }

  /** False if it fails; reading still works. */
  #emptyLog(): boolean {
    try {
      this.#isPending = !this.#checkpointer.checkpoint();
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!this.#watch.note(error) && !this.#isFailing)
        this.#log.error({ err: error }, "a database's log can't be written into its file; check the disk");
      this.#isFailing = true;
      return false;
    }
  }

  async #syncLog(): Promise<void> {
    try {
      await this.#logSync.step();
    } catch (error) {
      // A checkpoint syncs it too, and reports that it can't.
      if (!this.#closing.signal.aborted) this.#watch.note(error);
    }
  }

  /** A write without effect. Throws the errors of SQLite and the file system. */
  #write(): void {
    this.#checkpointer.checkpoint();
    const version = this.database.prepare("PRAGMA user_version").get()?.["user_version"];
    this.database.exec(`PRAGMA user_version = ${Number(version)}`);
  }
}
