import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "./temporary-folder.ts";

const diskBytes = 16 * 2 ** 20;
const limitBytes = 2 ** 20;

/** A disk for one process, that a test can fill. */
interface SmallDisk extends Disposable {
  /** Empty at first. */
  readonly folder: string;
  /** From now on nothing more, or little, can be written. */
  readonly fill: (pid: number) => void;
  readonly makeRoom: (pid: number) => void;
}

interface DiskKind {
  readonly name: string;
  /** What the bot says of it. */
  readonly why: string;
  readonly open: () => SmallDisk;
}

/** Kinds of small disks that this machine lets us make. The last of them needs no rights. */
export function smallDisks(): readonly DiskKind[] {
  const limited = { name: "files that may not grow", why: "refuses writes", open: openLimited };
  const mounter = [[], ["sudo", "-n"]].find((before) => mayMount(before));
  if (mounter === undefined) return [limited];
  return [{ name: "a full disk", why: "is full", open: () => openMounted(mounter) }, limited];
}

function mayMount(before: readonly string[]): boolean {
  using folder = temporaryFolder();
  if (!isDone([...before, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])) return false;
  execute([...before, "umount", folder.path]);
  return true;
}

function openMounted(before: readonly string[]): SmallDisk {
  const own = temporaryFolder();
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0}`;
  execute([...before, "mount", "-t", "tmpfs", "-o", `size=${diskBytes},${owner}`, "tmpfs", own.path]);
  const filling = join(own.path, "filling");
  return {
    folder: made(join(own.path, "data")),
    fill: (pid) => {
      // Held meanwhile: what it gives up when a write fails would be filled as well.
      process.kill(pid, "SIGSTOP");
      fillUp(filling);
      process.kill(pid, "SIGCONT");
    },
    makeRoom: () => rmSync(filling),
    [Symbol.dispose]: () => {
      // Also while a process that is killed still has files open there.
      execute([...before, "umount", "--lazy", own.path]);
      own[Symbol.dispose]();
    },
  };
}

function openLimited(): SmallDisk {
  const own = temporaryFolder();
  const limit = (pid: number, most: string): void =>
    execute(["prlimit", "--pid", String(pid), `--fsize=${most}`]);
  return {
    folder: own.path,
    fill: (pid) => limit(pid, `${limitBytes}:`),
    makeRoom: (pid) => limit(pid, "unlimited:"),
    [Symbol.dispose]: () => own[Symbol.dispose](),
  };
}

function made(folder: string): string {
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Until not one byte more fits. */
export function fillUp(path: string): void {
  const file = openSync(path, "a");
  for (let bytes = 2 ** 20; bytes >= 1;) {
    try {
      if (writeSync(file, Buffer.alloc(bytes, 1)) < bytes) bytes >>= 1;
    } catch {
      bytes >>= 1;
    }
  }
  closeSync(file);
}

function isDone([command = "", ...rest]: readonly string[]): boolean {
  return spawnSync(command, rest).status === 0;
}

function execute([command = "", ...rest]: readonly string[]): void {
  execFileSync(command, rest);
}
