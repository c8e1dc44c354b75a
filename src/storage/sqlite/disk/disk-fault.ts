/** Why a disk takes no writes, in words for the operator. */
export interface DiskFault {
  readonly why: string;
  /** What to do about it. */
  readonly advice: string;
  /** Deleting makes room. */
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
/** That a page can't be read says nothing of writing. */
const readErrors: ReadonlySet<number> = new Set([266, 522]);

const bySqliteCode: Readonly<Record<number, DiskFault>> = {
  3: forbidden,
  // A disk that is read-only tells the system's code beside it.
  8: forbidden,
  [ioError]: failing,
  13: full,
  14: forbidden,
};

/** What an error of SQLite or of the file system says of the disk. Undefined: nothing. */
export function diskFaultIn(error: unknown): DiskFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error) {
    const code = Number(error.errcode);
    // The higher bits say more about it.
    return readErrors.has(code) ? undefined : bySqliteCode[code % 256];
  }
  return "code" in error ? bySystemCode[String(error.code)] : undefined;
}
