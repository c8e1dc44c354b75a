import type { PostId } from "../../domain/message.ts";
import type { PostFile } from "../../domain/post.ts";
import type { Clock } from "../../ports/clock.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";
import type { ReservedFile, SharedFiles } from "../../ports/shared-files.ts";
import { retry } from "../async/retry.ts";
import type { RunningTurn } from "./running-turn.ts";

interface FilePorts {
  readonly platform: Platform;
  readonly clock: Clock;
}

/**
 * The files beside the posts of one reply, where the platform's posts can't carry them. Each is in the journal before it is
 * shown, so a take-over shows none twice and leaves none that nobody knows of.
 */
export class ReplyFiles {
  readonly #ports: FilePorts;
  readonly #running: RunningTurn;
  /** Reserved by this process, and not shown yet. */
  #reserved: readonly ReservedFile[] = [];

  constructor(ports: FilePorts, running: RunningTurn) {
    this.#ports = ports;
    this.#running = running;
  }

  /** Whether these files, or files of an earlier attempt, stand beside the posts. */
  mayPrepare(files: readonly PostFile[]): boolean {
    if (this.#ports.platform.sharedFiles === undefined) return false;
    return files.length > 0 || (this.#running.turn.sharedFiles ?? []).length > 0;
  }

  /** Reserves what is to be shown, and removes what else is there. Nothing new is seen yet. @throws {PlatformError} */
  async prepare(files: readonly PostFile[], signal: AbortSignal): Promise<void> {
    const { platform, clock } = this.#ports;
    const { sharedFiles: shared } = platform;
    if (shared === undefined) return;
    this.#reserved = [];
    if (await this.#areShown(shared, files, signal)) return;
    await this.removeAll(signal);
    const { replyTo } = this.#running.turn;
    const reserved: ReservedFile[] = [];
    for (const file of files) {
      const id = await retry(clock, signal, () => shared.reserve(replyTo, file, signal));
      reserved.push({ id, file });
    }
    if (reserved.length === 0) return;
    await this.#running.save({ sharedFiles: reserved.map(({ id }) => id) }, signal);
    this.#reserved = reserved;
  }

  /** Shows what `prepare` reserved. @throws {PlatformError} */
  async show(signal: AbortSignal): Promise<void> {
    const { sharedFiles: shared } = this.#ports.platform;
    const files = this.#reserved;
    if (shared === undefined || files.length === 0) return;
    try {
      await this.#running.assertRecent(signal);
      await shared.show(this.#running.turn.replyTo, files, signal);
      this.#reserved = [];
    } catch (error) {
      if (!(error instanceof PlatformError) || error.kind !== "unreachable") throw error;
      await retry(this.#ports.clock, signal, () => this.#showAgain(shared, files, signal));
    }
  }

  /** Removes all files. One that can't be removed for good is left: the platform tells the operator. @throws {PlatformError} */
  async removeAll(signal: AbortSignal): Promise<void> {
    const { platform, clock } = this.#ports;
    const { replyTo, sharedFiles: ids = [] } = this.#running.turn;
    if (ids.length === 0) return;
    await this.#running.assertCurrent(signal);
    for (const id of ids) {
      const removing = retry(clock, signal, async () => platform.sharedFiles?.remove(replyTo, id, signal));
      await removing.catch((error: unknown) => {
        if (!(error instanceof PlatformError) || error.isPassing) throw error;
      });
    }
    await this.#running.save({ sharedFiles: [] }, signal);
  }

  /** The first call may have taken effect. What it left is removed: a file is never shown twice. */
  async #showAgain(shared: SharedFiles, files: readonly ReservedFile[], signal: AbortSignal): Promise<void> {
    await this.prepare(
      files.map(({ file }) => file),
      signal,
    );
    if (this.#reserved.length === 0) return;
    await shared.show(this.#running.turn.replyTo, this.#reserved, signal);
    this.#reserved = [];
  }

  async #areShown(shared: SharedFiles, files: readonly PostFile[], signal: AbortSignal): Promise<boolean> {
    const { replyTo, sharedFiles: ids = [] } = this.#running.turn;
    const areSame = ids.length === files.length && files.every((file, at) => isFor(shared, ids[at], file));
    if (!areSame) return false;
    for (const id of ids)
      if (!(await retry(this.#ports.clock, signal, () => shared.isShown(replyTo, id, signal)))) return false;
    return true;
  }
}

function isFor(shared: SharedFiles, id: PostId | undefined, file: PostFile): boolean {
  return id !== undefined && shared.isFor(id, file);
}
