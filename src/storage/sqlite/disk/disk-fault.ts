/** Why a disk accepts no writes, in words for the operator. */
export interface DiskFault {
  readonly why: string;
  /** What to do about it. */
  readonly advice: string;
  /** Whether deleting frees room. */
  readonly isFull: boolean;
}

const full = { why: "the disk of DATA_DIR is full", advice: "Make room there", isFull: true };
const overQuota = {
  why: "DATA_DIR is over the quota of its user",
  advice: "Make room there, or raise the quota",
  isFull: true,
};
const readOnly = {
  why: "DATA_DIR is read-only",
  advice: "Mount it for writing; the system's log may say why it is not",
  isFull: false,
};
const forbidden = {
  why: "DATA_DIR, or a file in it, may not be written",
  advice:
    "Give the folder and all files in it to the user that runs the bot, and look for flags (lsattr) and rules (SELinux, AppArmor) that forbid it",
  isFull: false,
};
const failing = {
  why: "the disk of DATA_DIR refuses writes",
  advice: "See the system's log, the quotas, and ulimit -f",
  isFull: false,
};

const bySystemCode: Readonly<Record<string, DiskFault>> = {
  ENOSPC: full,
  EDQUOT: overQuota,
  EROFS: readOnly,
  EACCES: forbidden,
  EPERM: forbidden,
  EFBIG: failing,
  EIO: failing,
};

const ioError = 10;
/** Read errors say nothing about writing. */
const readErrors: ReadonlySet<number> = new Set([266, 522]);

const bySqliteCode: Readonly<Record<number, DiskFault>> = {
  3: forbidden,
  // A read-only disk also reports its system code.
  8: forbidden,
  [ioError]: failing,
  13: full,
  14: forbidden,
};

/** The disk fault behind an error of SQLite or the file system. Undefined if there is none. */
export function diskFaultIn(error: unknown): DiskFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error) {
    const code = Number(error.errcode);
    // The higher bits hold the extended code.
    return readErrors.has(code) ? undefined : bySqliteCode[code % 256];
  }
  return "code" in error ? bySystemCode[String(error.code)] : undefined;
}
