import { statSync } from "node:fs";
import { basename } from "node:path";

import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { diskFaultIn, type DiskFault } from "./disk-fault.ts";
import { folderFault } from "./folder-fault.ts";
import { Reserve } from "./reserve.ts";

const lookEveryMs = 2_000;
const gone: DiskFault = {
  why: "the database's file was removed or replaced while the bot works in it",
  advice: "Stop the bot, put the file back or restore it from a backup, and start it again",
  isFull: false,
};

export interface WriteWatchPorts {
  readonly file: string;
  readonly log: Log;
  /** Told each time it changes. */
  readonly onHealth?: (health: Health) => void;
}

/**
 * Knows whether a database takes writes: from each write that fails, and while it does not from tries every two seconds.
 * Said once when it begins, and once when it is over.
 */
export class WriteWatch {
  readonly #ports: WriteWatchPorts;
  readonly #reserve: Reserve;
  readonly #inode: number;
  #fault: DiskFault | undefined;
  #lookedAtMs = performance.now();
  #wantsRoom = false;

  /** The file must exist. */
  constructor(ports: WriteWatchPorts) {
    this.#ports = ports;
    this.#reserve = new Reserve(`${ports.file}-reserve`);
    this.#inode = inodeOf(ports.file);
  }

  /** Undefined: it takes writes. */
  get fault(): DiskFault | undefined {
    return this.#fault;
  }

  /** Takes in what a write failed with. Gives whether that is the disk's fault. */
  readonly note = (error: unknown): boolean => {
    const fault = diskFaultIn(error);
    if (fault === undefined) return false;
    this.#wantsRoom = true;
    if (this.#fault === undefined) this.#tell(folderFault(this.#ports.file) ?? fault);
    this.#reserve.release();
    return true;
  };

  /** Whether a write has failed since the last call: emptying the log may make room. */
  takeRoomRequest(): boolean {
    const wants = this.#wantsRoom;
    this.#wantsRoom = false;
    return wants;
  }

  /** Call it often: now and then it looks whether all is well, with a write while it was not. */
  look(write: () => void): void {
    if (performance.now() - this.#lookedAtMs < lookEveryMs) return;
    this.#lookedAtMs = performance.now();
    try {
      if (this.#fault !== undefined) write();
      this.#reserve.restore();
      this.#tell(inodeOf(this.#ports.file) === this.#inode ? undefined : gone);
    } catch (error) {
      const fault = diskFaultIn(error);
      if (fault !== undefined) this.#tell(folderFault(this.#ports.file) ?? fault);
    }
  }

  #tell(fault: DiskFault | undefined): void {
    const { file, log, onHealth } = this.#ports;
    const facts = { database: basename(file) };
    const before = this.#fault;
    if (before?.why === fault?.why) return;
    this.#fault = fault;
    const health = healthOf(fault);
    if (before === undefined) log.error({ ...facts, why: health.why }, "a database takes no writes");
    if (fault === undefined) log.info(facts, "a database takes writes again");
    onHealth?.(health);
  }
}

/** For /readyz. */
export function healthOf(fault: DiskFault | undefined): Health {
  if (fault === undefined) return { ok: true, why: "" };
  const more = fault.isFull ? "; what is deleted still goes" : "";
  return { ok: false, why: `${fault.why}. ${fault.advice}${more}`, needsOperator: true };
}

function inodeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
}
