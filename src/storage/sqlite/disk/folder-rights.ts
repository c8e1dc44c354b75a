import { accessSync, constants, existsSync, lstatSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";

import type { DiskFault } from "./disk-fault.ts";

const { R_OK, W_OK, X_OK } = constants;

/** The rights that the bot needs on the folder and its files. */
const neededRights: readonly (readonly [name: string, mode: number])[] = [
  ["", R_OK | W_OK | X_OK],
  ...["threadkeeper", "ledger", "lock"].flatMap((name) =>
    ["", "-wal", "-shm", "-journal"].map((end) => [`${name}.sqlite${end}`, R_OK | W_OK] as const),
  ),
  ["web-cookie.key", R_OK],
];

/**
 * What the bot's user may not use in a data folder, and the shell command that changes it. A file of another user is
 * intact and must not look damaged. Undefined if nothing is found.
 */
export function rightsFault(dataDir: string): DiskFault | undefined {
  for (const [name, mode] of neededRights) {
    const file = join(dataDir, name);
    try {
      accessSync(file, mode);
    } catch (error) {
      if (isCode(error, "EACCES") || isCode(error, "EPERM")) return forbidden(dataDir, name);
      // Other errors are reported when the file is opened.
    }
  }
  return undefined;
}

/** How to create a folder for the bot's user. */
export function adviceOnMakingFolder(dataDir: string): string {
  const user = userHere();
  const folder = quoted(dataDir);
  return user === undefined
    ? "Make it for the user that runs the bot"
    : `Make it for the user that runs the bot: sudo mkdir -p ${folder} && sudo chown ${user.uid}:${user.gid} ${folder}`;
}

function forbidden(dataDir: string, name: string): DiskFault {
  const what = name === "" ? "the folder" : name;
  const user = userHere();
  const found = statIfPresent(join(dataDir, name));
  const isFull = false;
  if (user === undefined || found === undefined)
    return {
      why: `${what} may not be read and written by the user that runs the bot`,
      advice: "Nothing is damaged. Give that user the folder and all files in it",
      isFull,
    };
  const owner = found.uid;
  const isOwned = owner === user.uid;
  if (user.uid === 0 || (isOwned && (found.mode & 0o600) === 0o600))
    return {
      why: `the system forbids ${what}, whose owner and mode would allow it`,
      advice:
        "Nothing is damaged. Look for a flag of the file (lsattr; chattr -i takes it off) and for rules of SELinux or AppArmor",
      isFull,
    };
  const who = isOwned ? "its owner has no right to read and write it" : `it belongs to ${nameOf(owner)}`;
  const folder = quoted(dataDir);
  // In Docker the folder belongs to the host, and its owner can't be changed from within.
  const where = existsSync("/.dockerenv")
    ? " (in Docker: on the host, with the folder that is mounted there)"
    : "";
  const command = isOwned ? `chmod -R u+rwX ${folder}` : `sudo chown -R ${user.uid}:${user.gid} ${folder}`;
  return {
    why: `the bot runs as ${nameOf(user.uid)} and may not use ${what}: ${who}`,
    advice: `Nothing is damaged. ${isOwned ? "Allow it" : "Give the folder to that user"}: ${command}${where}`,
    isFull,
  };
}

/** Undefined on systems without user ids. */
function userHere(): { readonly uid: number; readonly gid: number } | undefined {
  const uid = process.geteuid?.();
  const gid = process.getegid?.();
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function statIfPresent(file: string): Pick<Stats, "uid" | "mode"> | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? lstatSync(file);
  } catch {
    return undefined;
  }
}

function nameOf(uid: number): string {
  return uid === 0 ? "root" : `user ${uid}`;
}

/** Quoted for a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
