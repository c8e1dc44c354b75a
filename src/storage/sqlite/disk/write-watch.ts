import { statSync } from "node:fs";
import { basename } from "node:path";

import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { diskFaultIn, type DiskFault } from "./disk-fault.ts";
import { folderFault } from "./folder-fault.ts";
import { Reserve } from "./reserve.ts";

const checkEveryMs = 2_000;
const fileReplaced: DiskFault = {
  why: "the database's file was removed or replaced while the bot works in it",
  advice: "Stop the bot, put the file back or restore it from a backup, and start it again",
  isFull: false,
};

export interface WriteWatchPorts {
  readonly file: string;
  readonly log: Log;
  /** Called on each change. */
  readonly onHealth?: (health: Health) => void;
}

/**
 * Tracks whether a database accepts writes: by each failed write, and while it doesn't, by a test write every two
 * seconds. Logs when that begins and when it ends.
 */
export class WriteWatch {
  readonly #ports: WriteWatchPorts;
  readonly #reserve: Reserve;
  readonly #inode: number;
  #fault: DiskFault | undefined;
  #checkedAtMs = performance.now();
  #wantsRoom = false;

  /** The file must exist. */
  constructor(ports: WriteWatchPorts) {
    this.#ports = ports;
    this.#reserve = new Reserve(`${ports.file}-reserve`);
    this.#inode = inodeOf(ports.file);
  }

  /** Undefined if it accepts writes. */
  get fault(): DiskFault | undefined {
    return this.#fault;
  }

  /** Takes note of a failed write. Returns whether the disk is at fault. */
  readonly note = (error: unknown): boolean => {
    const fault = diskFaultIn(error);
    if (fault === undefined) return false;
    this.#wantsRoom = true;
    if (this.#fault === undefined) this.#report(folderFault(this.#ports.file) ?? fault);
    this.#reserve.release();
    return true;
  };

  /** Whether a write has failed since the last call. Emptying the log may make room. */
  takeRoomRequest(): boolean {
    const wantsRoom = this.#wantsRoom;
    this.#wantsRoom = false;
    return wantsRoom;
  }

  /** Call it often. It checks every two seconds, with a test write while the database accepts none. */
  check(write: () => void): void {
    if (performance.now() - this.#checkedAtMs < checkEveryMs) return;
    this.#checkedAtMs = performance.now();
    try {
      if (this.#fault !== undefined) write();
      this.#reserve.restore();
      this.#report(inodeOf(this.#ports.file) === this.#inode ? undefined : fileReplaced);
    } catch (error) {
      const fault = diskFaultIn(error);
      if (fault !== undefined) this.#report(folderFault(this.#ports.file) ?? fault);
    }
  }

  #report(fault: DiskFault | undefined): void {
    const { file, log, onHealth } = this.#ports;
    const facts = { database: basename(file) };
    const before = this.#fault;
    if (before?.why === fault?.why) return;
    this.#fault = fault;
    const health = healthOf(fault);
    if (before === undefined)
      log.error({ ...facts, why: health.why }, "a database takes no writes; see why, and follow its advice");
    if (fault === undefined) log.info(facts, "a database takes writes again");
    onHealth?.(health);
  }
}

/** For /readyz. */
export function healthOf(fault: DiskFault | undefined): Health {
  if (fault === undefined) return { ok: true, why: "" };
  const more = fault.isFull ? "; deleting still works" : "";
  return { ok: false, why: `${fault.why}. ${fault.advice}${more}`, needsOperator: true };
}

function inodeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
}
