import { statSync } from "node:fs";
import { open } from "node:fs/promises";

const everyMs = 1_000;
/** File systems count time in steps: what was written at the moment of the last sync may look as old as that. */
const stepMs = 50;

interface LogSyncPorts {
  readonly nowMs?: () => number;
  readonly sync?: (file: string) => Promise<void>;
}

/**
 * Syncs a log once a second while it is written: with `synchronous = NORMAL`, SQLite does so only before a checkpoint. In another
 * thread, so that neither a commit nor, most of the time, the checkpoint waits for the disk.
 */
export class LogSync {
  readonly #file: string;
  readonly #nowMs: () => number;
  readonly #sync: (file: string) => Promise<void>;
  #syncedAtMs = 0;
  #isRunning = false;

  constructor(file: string, { nowMs = () => Date.now(), sync = syncFile }: LogSyncPorts = {}) {
    this.#file = file;
    this.#nowMs = nowMs;
    this.#sync = sync;
  }

  /** Call it often. @throws the errors of the file system. */
  async step(): Promise<void> {
    const nowMs = this.#nowMs();
    // The clock was set back. What is written now looks older than the last sync.
    if (nowMs < this.#syncedAtMs) this.#syncedAtMs = 0;
    if (this.#isRunning || nowMs - this.#syncedAtMs < everyMs) return;
    const log = statSync(this.#file, { throwIfNoEntry: false });
    if (log === undefined || log.size === 0 || log.mtimeMs <= this.#syncedAtMs - stepMs) return;
    this.#isRunning = true;
    try {
      await this.#sync(this.#file);
      this.#syncedAtMs = nowMs;
    } finally {
      this.#isRunning = false;
    }
  }
}

async function syncFile(file: string): Promise<void> {
  await using handle = await open(file, "r+");
  await handle.datasync();
}
