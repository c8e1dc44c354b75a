/** Applied in order, once each; never changed after a release. The database's user_version is how many are applied. */
export const migrations: readonly string[] = [
  `CREATE TABLE conversation (
    key TEXT PRIMARY KEY,
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    is_named INTEGER NOT NULL DEFAULT 0,
    last_at_ms INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    not_before_ms INTEGER NOT NULL DEFAULT 0,
    is_shared INTEGER NOT NULL DEFAULT 0,
    turn TEXT
  ) WITHOUT ROWID;
  CREATE INDEX conversation_by_place ON conversation (platform, place, last_at_ms DESC);
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    accepted_at_ms INTEGER NOT NULL,
    inbound TEXT NOT NULL
  );
  CREATE INDEX inbox_by_conversation ON inbox (conversation, seq);
  CREATE TABLE seen (dedupe_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX seen_by_age ON seen (at_ms);
  CREATE TABLE located (
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    message TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (platform, place, message)
  ) WITHOUT ROWID;
  CREATE INDEX located_by_conversation ON located (conversation);
  CREATE TABLE dead_letter (
    reference TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    entries TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE set_aside (
    reference TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  ) WITHOUT ROWID`,
];
