/** How long a write waits for another connection. */
export const busyMs = 2_000;

/** For every connection that writes. CheckpointCleaner runs the checkpoints. */
export const connectionSettings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA busy_timeout = ${busyMs};
`;
