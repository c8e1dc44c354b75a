import { accessSync, constants, existsSync, lstatSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";

import type { DiskFault } from "./disk-fault.ts";

const { R_OK, W_OK, X_OK } = constants;

/** What the bot has to be able to do with a folder and with what lies in it. */
const needed: readonly (readonly [name: string, mode: number])[] = [
  ["", R_OK | W_OK | X_OK],
  ...["threadkeeper", "ledger", "lock"].flatMap((name) =>
    ["", "-wal", "-shm", "-journal"].map((end) => [`${name}.sqlite${end}`, R_OK | W_OK] as const),
  ),
  ["web-cookie.key", R_OK],
];

/**
 * What of a data folder the user that runs the bot may not use, and the order that gives it to that user: a file of
 * another user is whole, and must not look as if it were damaged. Undefined: nothing, or nothing that can be seen.
 */
export function rightsFault(dataDir: string): DiskFault | undefined {
  for (const [name, mode] of needed) {
    const file = join(dataDir, name);
    try {
      accessSync(file, mode);
    } catch (error) {
      if (isCode(error, "EACCES") || isCode(error, "EPERM")) return forbidden(dataDir, name);
      // Anything else is told by whoever opens it.
    }
  }
  return undefined;
}

/** How a folder that could not be made is made for the user that runs the bot. */
export function adviceOnMakingFolder(dataDir: string): string {
  const us = userHere();
  const folder = quoted(dataDir);
  return us === undefined
    ? "Make it for the user that runs the bot"
    : `Make it for the user that runs the bot: sudo mkdir -p ${folder} && sudo chown ${us.uid}:${us.gid} ${folder}`;
}

function forbidden(dataDir: string, name: string): DiskFault {
  const what = name === "" ? "the folder" : name;
  const us = userHere();
  const found = statIfPresent(join(dataDir, name));
  const isFull = false;
  if (us === undefined || found === undefined)
    return {
      why: `${what} may not be read and written by the user that runs the bot`,
      advice: "Nothing is damaged. Give that user the folder and all files in it",
      isFull,
    };
  const owner = found.uid;
  const isOurs = owner === us.uid;
  if (us.uid === 0 || (isOurs && (found.mode & 0o600) === 0o600))
    return {
      why: `the system forbids ${what}, whose owner and mode would allow it`,
      advice:
        "Nothing is damaged. Look for a flag of the file (lsattr; chattr -i takes it off) and for rules of SELinux or AppArmor",
      isFull,
    };
  const who = isOurs ? "its owner has no right to read and write it" : `it belongs to ${nameOf(owner)}`;
  const folder = quoted(dataDir);
  // There the folder is a folder of the host, and nobody may change its owner from within.
  const where = existsSync("/.dockerenv")
    ? " (in Docker: on the host, with the folder that is mounted there)"
    : "";
  const order = isOurs ? `chmod -R u+rwX ${folder}` : `sudo chown -R ${us.uid}:${us.gid} ${folder}`;
  return {
    why: `the bot runs as ${nameOf(us.uid)} and may not use ${what}: ${who}`,
    advice: `Nothing is damaged. ${isOurs ? "Allow it" : "Give the folder to that user"}: ${order}${where}`,
    isFull,
  };
}

/** Undefined on systems that count no users. */
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

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
