/** Migrations of `ledger.sqlite`. Applied once each, in order. Never changed after a release. */
export const archiveMigrations: readonly string[] = [
  `CREATE TABLE message (
    row INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,
    id TEXT NOT NULL,
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    chapter INTEGER NOT NULL,
    role TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    said_at_ms INTEGER NOT NULL,
    permalink TEXT,
    attachments TEXT NOT NULL,
    answers TEXT NOT NULL,
    posts TEXT,
    sources TEXT,
    UNIQUE (conversation, id)
  );
  CREATE INDEX message_by_order ON message (conversation, ordinal);
  CREATE INDEX message_by_author ON message (platform, author_id, said_at_ms);
  CREATE INDEX message_by_age ON message (said_at_ms);
  CREATE INDEX message_by_place ON message (platform, place);
  CREATE TABLE rests_on (
    row INTEGER NOT NULL,
    conversation TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (conversation, message, row)
  ) WITHOUT ROWID;
  CREATE INDEX rests_on_by_row ON rests_on (row);
  -- Erased messages, by id and by bounds. by_author: erased with its author, which our replies to it depend on.
  CREATE TABLE tombstone (
    conversation TEXT NOT NULL,
    id TEXT NOT NULL,
    by_author INTEGER NOT NULL,
    PRIMARY KEY (conversation, id)
  ) WITHOUT ROWID;
  CREATE TABLE erased (conversation TEXT PRIMARY KEY, before_ordinal INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE erased_author (
    conversation TEXT NOT NULL,
    author TEXT NOT NULL,
    before_ordinal INTEGER NOT NULL,
    PRIMARY KEY (conversation, author)
  ) WITHOUT ROWID;
  CREATE TABLE forgotten (
    platform TEXT NOT NULL,
    author TEXT NOT NULL,
    before_ms INTEGER NOT NULL,
    PRIMARY KEY (platform, author)
  ) WITHOUT ROWID;
  CREATE TABLE expired (id INTEGER PRIMARY KEY CHECK (id = 1), before_ms INTEGER NOT NULL);
  INSERT INTO expired VALUES (1, 0);
  -- The words of a text, normalised as searches do, and its place and conversation. Notices are left out.
  CREATE VIRTUAL TABLE search USING fts5 (
    words, home, content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'"
  );
  -- Scrubbing merges; deletions must not wait for a merge.
  INSERT INTO search (search, rank) VALUES ('deletemerge', 0);
  -- A row: something was deleted since the file was last rewritten.
  CREATE TABLE scrubbing (id INTEGER PRIMARY KEY CHECK (id = 1));
  -- A row: the words have to be collected from the texts again.
  CREATE TABLE unindexed (id INTEGER PRIMARY KEY CHECK (id = 1));
  CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
    DELETE FROM search WHERE rowid = old.row;
    DELETE FROM rests_on WHERE row = old.row;
    INSERT INTO scrubbing SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM scrubbing);
  END;
  CREATE TRIGGER message_changed AFTER UPDATE ON message BEGIN
    DELETE FROM search WHERE rowid = old.row;
    DELETE FROM rests_on WHERE row = old.row;
    INSERT INTO scrubbing SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM scrubbing);
  END`,
  // Format 3.
  `-- A conversation apart from its messages. A NULL title: not listed.
  CREATE TABLE head (
    conversation TEXT PRIMARY KEY,
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    revision INTEGER NOT NULL,
    next_ordinal INTEGER NOT NULL,
    title TEXT,
    is_named INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    synced_at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX head_by_age ON head (synced_at_ms);
  CREATE INDEX head_by_place ON head (platform, place, last_at_ms DESC) WHERE title IS NOT NULL;
  CREATE TABLE head_speaker (
    platform TEXT NOT NULL,
    author TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (platform, author, conversation)
  ) WITHOUT ROWID;
  CREATE INDEX head_speaker_by_conversation ON head_speaker (conversation);
  -- The key that signs cookies, which has to survive the hot store.
  CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- 1 or NULL: see RememberedMessage and Author.
  ALTER TABLE message ADD COLUMN is_given_up INTEGER;
  ALTER TABLE message ADD COLUMN is_app INTEGER;
  DROP INDEX message_by_place;
  CREATE INDEX message_by_place ON message (platform, place, id);
  -- The time of the erasure. Older messages are refused by their age.
  CREATE TABLE tombstone_3 (
    conversation TEXT NOT NULL,
    id TEXT NOT NULL,
    by_author INTEGER NOT NULL,
    at_ms INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
    PRIMARY KEY (conversation, id)
  ) WITHOUT ROWID;
  INSERT INTO tombstone_3 (conversation, id, by_author) SELECT conversation, id, by_author FROM tombstone;
  DROP TABLE tombstone;
  ALTER TABLE tombstone_3 RENAME TO tombstone;
  CREATE INDEX tombstone_by_age ON tombstone (at_ms);
  CREATE TABLE erased_3 (
    conversation TEXT PRIMARY KEY,
    before_ordinal INTEGER NOT NULL,
    at_ms INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
  ) WITHOUT ROWID;
  INSERT INTO erased_3 (conversation, before_ordinal) SELECT conversation, before_ordinal FROM erased;
  DROP TABLE erased;
  ALTER TABLE erased_3 RENAME TO erased;
  CREATE TABLE erased_author_3 (
    conversation TEXT NOT NULL,
    author TEXT NOT NULL,
    before_ordinal INTEGER NOT NULL,
    at_ms INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
    PRIMARY KEY (conversation, author)
  ) WITHOUT ROWID;
  INSERT INTO erased_author_3 (conversation, author, before_ordinal)
    SELECT conversation, author, before_ordinal FROM erased_author;
  DROP TABLE erased_author;
  ALTER TABLE erased_author_3 RENAME TO erased_author;
  -- next_page: where the cleaning of every page continues (see FullCleanup). NULL: all are clean.
  CREATE TABLE cleanup (id INTEGER PRIMARY KEY CHECK (id = 1), next_page INTEGER, is_open INTEGER NOT NULL);
  INSERT INTO cleanup VALUES (1, 1, 0);
  DROP TABLE scrubbing;
  DROP TRIGGER message_gone;
  DROP TRIGGER message_changed;
  -- IndexBuilder removes it, a few rows at a time.
  ALTER TABLE search RENAME TO search_old;
  CREATE VIRTUAL TABLE search USING fts5 (
    words, home, content = '', prefix = '2 3',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'"
  );
  -- Deletions are removed word by word at once, and don't wait for a merge.
  INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
  -- A row: words of removed messages stay in the index until all of it is merged. See WordRemover.
  CREATE TABLE merging (id INTEGER PRIMARY KEY CHECK (id = 1), is_begun INTEGER NOT NULL);
  -- The words of messages below this row still have to be collected from their texts.
  ALTER TABLE unindexed ADD COLUMN before_row INTEGER NOT NULL DEFAULT ${Number.MAX_SAFE_INTEGER};
  INSERT OR IGNORE INTO unindexed (id) SELECT 1 FROM message LIMIT 1;
  -- The functions are those of archive-words.ts. To find its entries, FTS5 needs exactly the words it was given. The
  -- index has neither notices nor rows that IndexBuilder has yet to add.
  CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
    INSERT INTO search (search, rowid, words, home)
      SELECT 'delete', old.row, words_in(old.text), home_of(old.conversation, old.platform, old.place)
      WHERE EXISTS (SELECT 1 FROM search_docsize WHERE id = old.row);
    DELETE FROM rests_on WHERE row = old.row;
  END;
  CREATE TRIGGER message_changed AFTER UPDATE ON message BEGIN
    INSERT INTO search (search, rowid, words, home)
      SELECT 'delete', old.row, words_in(old.text), home_of(old.conversation, old.platform, old.place)
      WHERE EXISTS (SELECT 1 FROM search_docsize WHERE id = old.row);
    DELETE FROM rests_on WHERE row = old.row;
  END`,
  // Format 4. Not released yet: each of its changes is appended as an entry.
  `-- The turn that made a reply. NULL: see RememberedMessage.
  ALTER TABLE message ADD COLUMN turn_id TEXT;
  -- at_ms: when the turn was asked for, else when it finished. record: TurnRecord as JSON.
  CREATE TABLE turn_record (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    author TEXT,
    ordinal INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX turn_record_by_order ON turn_record (conversation, ordinal, at_ms);
  CREATE INDEX turn_record_by_author ON turn_record (platform, author, at_ms) WHERE author IS NOT NULL;
  CREATE INDEX turn_record_by_age ON turn_record (at_ms);
  -- The messages that a record names, and goes with.
  CREATE TABLE turn_record_message (
    conversation TEXT NOT NULL,
    message TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (conversation, message, record)
  ) WITHOUT ROWID;
  CREATE INDEX turn_record_message_by_record ON turn_record_message (record);
  CREATE TRIGGER turn_record_gone AFTER DELETE ON turn_record BEGIN
    DELETE FROM turn_record_message WHERE record = old.id;
  END;
  CREATE TRIGGER tombstone_added AFTER INSERT ON tombstone BEGIN
    DELETE FROM turn_record WHERE id IN
      (SELECT record FROM turn_record_message WHERE conversation = new.conversation AND message = new.id);
  END`,
  `-- What people think of the answers of turns. It goes with the turn's record. reason: NULL or empty: none.
  CREATE TABLE feedback (
    turn TEXT NOT NULL,
    author TEXT NOT NULL,
    conversation TEXT NOT NULL,
    platform TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (turn, author)
  );
  CREATE INDEX feedback_by_author ON feedback (platform, author, at_ms);
  CREATE INDEX feedback_by_order ON feedback (conversation, at_ms);
  CREATE INDEX feedback_by_age ON feedback (at_ms);
  CREATE TRIGGER rated_turn_gone AFTER DELETE ON turn_record BEGIN
    DELETE FROM feedback WHERE turn = old.id;
  END`,
];

/** After a recovery that lost rows. */
export const archiveRepair = `
  INSERT OR REPLACE INTO unindexed (id) VALUES (1);
  DELETE FROM merging;
  DELETE FROM feedback WHERE turn NOT IN (SELECT id FROM turn_record);
  INSERT OR REPLACE INTO cleanup (id, next_page, is_open) VALUES (1, 1, 0)
`;
