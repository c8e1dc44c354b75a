import type { DatabaseSync } from "node:sqlite";

interface Checkpointed {
  /** Another connection runs a checkpoint, or prevents this one. */
  readonly isBusy: boolean;
  /** The frames in the log. */
  readonly log: number;
  /** How many of them are in the file. */
  readonly copied: number;
}

/** Throws the errors of SQLite. */
export function runCheckpoint(database: DatabaseSync, mode: "PASSIVE" | "TRUNCATE"): Checkpointed {
  const row = database.prepare(`PRAGMA wal_checkpoint(${mode})`).get() ?? {};
  return { isBusy: row["busy"] !== 0, log: Number(row["log"]), copied: Number(row["checkpointed"]) };
}
