import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { CheckpointCleaner } from "./checkpoint-cleaner.ts";
import { FullCleanup } from "./full-cleanup.ts";
import { runInSlices } from "../connection/run-in-slices.ts";
import type { Copied, CopyRequest } from "./log-copier.ts";
import { LogSync } from "./log-sync.ts";
import { PageCleaner, pageSizeOf } from "./page-cleaner.ts";
import { StuckLog } from "./stuck-log.ts";
import { WatchedDatabase } from "../connection/watched-database.ts";
import { healthOf, WriteWatch } from "../disk/write-watch.ts";

/** Most of what a checkpoint takes is waiting for the disk, so that few of them cost less than many small ones. */
const maxLogBytes = 2 ** 23;
/** A log that is copied in another thread and goes on growing is emptied in this one at this size. */
const maxCopiedLogBytes = 4 * maxLogBytes;
/** A smaller log is not worth another thread. */
const minCopiedBytes = 2 ** 20;
const checkEveryMs = 100;
/** The size of a log without frames. */
const emptyLogBytes = 32;

/** LogCopier in another thread. It must not be closed before `CleanDatabase.stop`. */
export interface LogCopying {
  readonly copy: (request: CopyRequest) => Promise<Copied>;
  /** The smallest log that it is called for. Missing: 1 MiB. */
  readonly minBytes?: number;
}

/** A database file and how to prepare it: connectionSettings and the migrations. */
export interface DatabaseSource {
  readonly file: string;
  readonly prepare: (database: DatabaseSync) => void;
  readonly log: Log;
  /** Called when the database stops accepting writes, and when it accepts them again. */
  readonly onHealth?: (health: Health) => void;
  /** Missing: checkpoints are run in this thread, and block it. */
  readonly copying?: LogCopying;
}

/** Whether a database may grow. */
export interface WriteRoom {
  /** Why only deletions are accepted. Undefined if everything is. */
  readonly refusal: () => string | undefined;
  /** After a failed write. Returns whether a retry may succeed. */
  readonly tryMakeRoom: () => Promise<boolean>;
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
  readonly #stuckLog: StuckLog;
  readonly #checking: NodeJS.Timeout;
  readonly #closing = new AbortController();
  readonly #copier: LogCopying | undefined;
  /** While the other thread copies, this one neither runs a checkpoint nor cleans a page. */
  #copying: Promise<void> | undefined;
  #emptyAtBytes = maxLogBytes;
  #isFailing = false;
  /** Another connection was reading when the log should have been emptied. */
  #isPending = false;

  /** Throws the errors of SQLite and the file system. */
  constructor({ file, prepare, log, copying, ...ports }: DatabaseSource) {
    const logBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    this.#log = log;
    this.#copier = copying;
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
    this.#stuckLog = new StuckLog({ file, log });
    this.#checking = setInterval(() => this.#check(), checkEveryMs).unref();
    if (this.#cleanup.step()) void this.#cleanAll(this.#closing.signal).catch(() => undefined);
  }

  /**
   * Removes every byte of deleted data from the files. Costs by what was written since the last time. Repeated until
   * no other connection reads.
   */
  async scrub(signal: AbortSignal): Promise<void> {
    await this.#cleanAll(signal);
    if (this.#canCopy()) this.#startCopy();
    while (this.#copying !== undefined) await this.#copying;
    this.#closing.signal.throwIfAborted();
    this.#isPending = !this.#checkpoint();
  }

  /** Ends what another thread does. Needed before dispose where there is one. */
  async stop(): Promise<void> {
    clearInterval(this.#checking);
    this.#closing.abort();
    await this.#copying;
  }

  [Symbol.dispose](): void {
    if (this.#copying !== undefined)
      throw new Error("A database is closed while another thread copies its log");
    clearInterval(this.#checking);
    this.#closing.abort();
    try {
      this.database.exec("UPDATE cleanup SET is_open = 0");
      this.#checkpoint();
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
    tryMakeRoom: async () => {
      if (!this.#watch.takeRoomRequest()) return false;
      while (this.#copying !== undefined) await this.#copying;
      return !this.#closing.signal.aborted && this.#emptyLog();
    },
  };

  async #cleanAll(signal: AbortSignal): Promise<void> {
    await runInSlices(() => this.#cleanup.step(), AbortSignal.any([signal, this.#closing.signal]));
  }

  #check(): void {
    void this.#syncLog();
    const isCopying = this.#copying !== undefined;
    this.#stuckLog.note(this.#isPending || isCopying, () => this.#checkpointer.logBytes());
    if (isCopying) return;
    this.#watch.check(() => this.#write());
    if (this.#watch.fault !== undefined) {
      if (this.#watch.takeRoomRequest()) this.#emptyLog();
    } else if (this.#isPending || this.#checkpointer.logBytes() >= this.#emptyAtBytes) {
      if (this.#canCopy()) this.#startCopy();
      else this.#emptyLog();
    }
  }

  /** A full cleanup cleans pages in this thread. */
  #canCopy(): boolean {
    if (this.#copier === undefined || !this.#cleanup.isDone || this.#closing.signal.aborted) return false;
    return this.#checkpointer.logBytes() >= (this.#copier.minBytes ?? minCopiedBytes);
  }

  #startCopy(): void {
    this.#copying ??= this.#copyThenEmpty();
  }

  /** Never fails. Without the other thread, this one does it all. */
  async #copyThenEmpty(): Promise<void> {
    const isWanted = await this.#tryCopy();
    this.#copying = undefined;
    if (isWanted) this.#emptyLog();
  }

  /** Returns whether this thread has to empty the log, or to report why that fails. */
  async #tryCopy(): Promise<boolean> {
    const { descriptor, pageSize } = this.#cleaner;
    try {
      const done = await this.#copier?.copy({ descriptor, pageSize, copied: this.#checkpointer.copied });
      if (done === undefined) return true;
      this.#checkpointer.copied = done.copied;
      if (done.isHeld) this.#isPending = true;
      return !done.isHeld && this.#isWorthEmptying();
    } catch {
      return true;
    }
  }

  /** What is left is copied here, which waits for the disk. So rather later, unless nothing is left. */
  #isWorthEmptying(): boolean {
    const bytes = this.#checkpointer.logBytes();
    if (this.#isPending || bytes >= maxCopiedLogBytes || this.#checkpointer.countUncopied() === 0)
      return true;
    this.#emptyAtBytes = bytes + maxLogBytes;
    return false;
  }

  /** @throws while the other thread copies: two at once would damage the file. */
  #checkpoint(): boolean {
    if (this.#copying !== undefined) throw new Error("Another thread copies the log");
    return this.#checkpointer.checkpoint();
  }

  /** False if it fails; reading still works. */
  #emptyLog(): boolean {
    try {
      this.#isPending = !this.#checkpoint();
      if (!this.#isPending) this.#emptyAtBytes = maxLogBytes;
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
    this.#checkpoint();
    const version = this.database.prepare("PRAGMA user_version").get()?.["user_version"];
    this.database.exec(`PRAGMA user_version = ${Number(version)}`);
  }
}
