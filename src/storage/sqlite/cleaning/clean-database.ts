import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { CheckpointCleaner } from "./checkpoint-cleaner.ts";
import { FullCleanup } from "./full-cleanup.ts";
import { runInSlices } from "../connection/run-in-slices.ts";
import { PageCleaner, pageSizeOf } from "./page-cleaner.ts";
import { WatchedDatabase } from "../connection/watched-database.ts";
import { healthOf, WriteWatch } from "../disk/write-watch.ts";

/** A checkpoint of so much takes about 10 ms. */
const mostLogBytes = 2 ** 21;
const lookEveryMs = 100;
/** What the log is without a frame. */
const emptyLogBytes = 32;

/** Where a database lies, and how it becomes ready: connectionSettings and the migrations. */
export interface DatabaseSource {
  readonly file: string;
  readonly prepare: (database: DatabaseSync) => void;
  readonly log: Log;
  /** Told when it takes no writes any more, and when it does again. */
  readonly onHealth?: (health: Health) => void;
}

/** Whether a database takes what makes it grow. */
export interface WriteRoom {
  /** Why it takes nothing but what deletes. Undefined: it takes everything. */
  readonly refusal: () => string | undefined;
  /** After a write that failed: gives whether it may be tried once more. */
  readonly tryMakeRoom: () => boolean;
}

/**
 * An open database whose files keep no byte of what was deleted: see Checkpointer. It needs the table
 * `cleanup`. The reasons are in docs/adr/0004-erasing-bytes.md.
 */
export class CleanDatabase implements Disposable {
  readonly database: DatabaseSync;
  readonly #log: Log;
  readonly #cleaner: PageCleaner;
  readonly #checkpointer: CheckpointCleaner;
  readonly #watch: WriteWatch;
  readonly #cleanup: FullCleanup;
  readonly #looking: NodeJS.Timeout;
  readonly #closing = new AbortController();
  #isFailing = false;
  /** Another connection was reading when the log was to be emptied. */
  #isPending = false;

  /** Throws what SQLite and the file system say. */
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
    this.#looking = setInterval(() => this.#look(), lookEveryMs).unref();
    if (this.#cleanup.step()) void this.#cleanAll(this.#closing.signal).catch(() => undefined);
  }

  /**
   * Leaves no byte of what has gone in the files; costs by what was written since the last time. While another connection
   * reads, it is tried again and again.
   */
  async scrub(signal: AbortSignal): Promise<void> {
    await this.#cleanAll(signal);
    this.#isPending = !this.#checkpointer.checkpoint();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#closing.abort();
    try {
      this.database.exec("UPDATE cleanup SET is_open = 0");
      this.#checkpointer.checkpoint();
    } catch {
      // A full disk: at the next start the log is still there, or every page is cleaned.
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

  #look(): void {
    this.#watch.look(() => this.#write());
    if (this.#watch.fault !== undefined) {
      if (this.#watch.takeRoomRequest()) this.#emptyLog();
    } else if (this.#isPending || this.#checkpointer.logBytes() >= mostLogBytes) this.#emptyLog();
  }

  /** False where it fails; what may be read is there all the same. */
  #emptyLog(): boolean {
    try {
      this.#isPending = !this.#checkpointer.checkpoint();
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!this.#watch.note(error) && !this.#isFailing)
        this.#log.error({ err: error }, "a database's log can't be put into its file");
      this.#isFailing = true;
      return false;
    }
  }

  /** Something that changes nothing. Throws what SQLite and the file system say. */
  #write(): void {
    this.#checkpointer.checkpoint();
    const version = this.database.prepare("PRAGMA user_version").get()?.["user_version"];
    this.database.exec(`PRAGMA user_version = ${Number(version)}`);
  }
}
