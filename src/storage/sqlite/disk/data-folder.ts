import { accessSync, constants, existsSync, lstatSync, type Stats } from "node:fs";
import { dirname, resolve } from "node:path";

import { isDamage } from "./damage.ts";
import { faultUnder } from "./folder-fault.ts";
import { adviceOnMakingFolder, rightsFault } from "./folder-rights.ts";
import { makeFolders } from "./make-folders.ts";

/** The statement doesn't fit the content, or the content violates a constraint. */
const contentFaultCodes: ReadonlySet<number> = new Set([1, 19]);

/** The data folder can't be used. The message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
  /** Another process uses it. */
  readonly isInUse: boolean;

  constructor(message: string, { isInUse = false, ...options }: ErrorOptions & { isInUse?: boolean } = {}) {
    super(message, options);
    this.isInUse = isInUse;
  }
}

/**
 * Creates the folder if missing, for its owner alone. @throws {DataFolderError} also if a file in it belongs to
 * another user.
 */
export function makeFolder(dataDir: string): void {
  try {
    makeFolders(dataDir);
  } catch (cause) {
    const advice = adviceOnMaking(dataDir, cause);
    throw new DataFolderError(
      `DATA_DIR: the folder "${dataDir}" can't be made (${reasonOf(cause)}). ${advice}.`,
      { cause },
    );
  }
  refuseForbidden(dataDir);
}

/** @throws {DataFolderError} if the bot's user may not use the folder or a file in it. */
export function refuseForbidden(dataDir: string): void {
  const fault = rightsFault(dataDir);
  if (fault === undefined) return;
  throw new DataFolderError(`DATA_DIR: "${dataDir}" can't be used: ${fault.why}. ${fault.advice}.`);
}

/**
 * Says what to do about a file that can't be opened. `advice` is used only if its content is unreadable, so that
 * nobody is told to move an intact file away.
 */
export function cannotBeOpened(file: string, cause: unknown, advice: string): DataFolderError {
  if (cause instanceof DataFolderError) return cause;
  const fault = faultUnder(file, cause);
  const why = fault === undefined ? reasonOf(cause) : `${fault.why}: ${reasonOf(cause)}`;
  const what = fault?.advice ?? (isContentAtFault(cause) ? advice : "Nothing was changed");
  return new DataFolderError(`DATA_DIR: ${file} can't be opened (${why}). ${what}.`, { cause });
}

/** What to do about a file that can't be used. Empty if unknown. */
export function adviceFor(file: string, cause: unknown): string {
  const fault = faultUnder(file, cause);
  return fault === undefined ? "" : ` ${fault.advice}.`;
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function adviceOnMaking(dataDir: string, cause: unknown): string {
  if (codeOf(cause) === "ENOTDIR") return "A part of that path is a file: give the path of a folder";
  // For a folder inside one that can't be created, Node only says that it is missing.
  const code = codeOf(refusalAt(dataDir) ?? cause);
  if (code === "EACCES" || code === "EPERM") return adviceOnMakingFolder(dataDir);
  if (code === "EROFS")
    return "The disk is read-only: mount it for writing, or set DATA_DIR to another folder";
  const found = statIfPresent(dataDir);
  if (found?.isFile() === true) return "That is a file: give the path of a folder";
  if (found?.isSymbolicLink() === true)
    return "That is a link that leads to no folder: make what it leads to, or give another path";
  return "Set DATA_DIR to a folder that can be made";
}

function statIfPresent(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Why nothing may be created in the nearest existing folder. Undefined if it may. */
function refusalAt(path: string): unknown {
  const parent = dirname(resolve(path));
  if (!existsSync(parent) && parent !== dirname(parent)) return refusalAt(parent);
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : "";
}

function isContentAtFault(cause: unknown): boolean {
  if (isDamage(cause)) return true;
  return cause instanceof Error && "errcode" in cause && contentFaultCodes.has(Number(cause.errcode) % 256);
}
