/** The JSON of may_quote for a record of format 3, as SQL. `record`: a column. */
function mayQuoteIn(record: string): string {
  const of = (path: string): string => `json_extract(${record}, '$.${path}')`;
  const listOf = (path: string): string =>
    `CASE WHEN ${of(path)} IS NULL THEN '[]' ELSE json_array(${of(path)}) END`;
  return `CASE ${of("kind")}
    WHEN 'said' THEN CASE WHEN ${of("message.quoted.id")} IS NULL THEN json_array(${of("message.id")})
      ELSE json_array(${of("message.id")}, 'quoted:' || ${of("message.quoted.id")}) END
    WHEN 'delegated' THEN ${listOf("command.message")}
    WHEN 'folded' THEN NULL WHEN 'titled' THEN NULL
    ELSE ${listOf("message")} END`;
}

/** A speaker's id, within json_each over a memory's speakers. Null if there is none. */
const speakerId = "CASE WHEN speaker.type = 'object' THEN json_extract(speaker.value, '$.id') END";

const conversationColumns = `key, platform, place, title, is_named, last_at_ms, last_message, epoch, lease, worker, suspicion,
  not_before_ms, is_shared, revision, filed, unfiled_since_ms, turn`;

/**
 * Migrations of `threadkeeper.sqlite`. Applied once each, in order. Never changed after a release. user_version is
 * the number applied.
 */
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
  `ALTER TABLE conversation ADD COLUMN last_message TEXT;
  CREATE INDEX conversation_by_activity ON conversation (platform, last_at_ms DESC);
  CREATE TABLE epoch (last INTEGER NOT NULL);
  INSERT INTO epoch SELECT COALESCE(MAX(epoch), 0) FROM conversation`,
  "CREATE TABLE presence (id INTEGER PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL)",
  // Memories from before the archive become pending syncs. Keyv creates its own table if there is none.
  `ALTER TABLE conversation ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN unfiled_since_ms INTEGER;
  CREATE INDEX conversation_unfiled ON conversation (unfiled_since_ms) WHERE unfiled_since_ms IS NOT NULL;
  CREATE TABLE IF NOT EXISTS keyv (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at_ms INTEGER) WITHOUT ROWID;
  UPDATE conversation SET unfiled_since_ms = last_at_ms WHERE 'memory:' || key IN (SELECT key FROM keyv);
  INSERT OR IGNORE INTO set_aside (reference, conversation, at_ms, record)
    SELECT COALESCE(CASE WHEN json_valid(value) THEN json_extract(value, '$.value.reference') END, key),
      substr(key, 11), 0, value FROM keyv WHERE key GLOB 'set-aside:*';
  DELETE FROM keyv WHERE key GLOB 'set-aside:*'`,
  // Earlier authors are the speakers of each memory.
  `ALTER TABLE located ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE author (
    platform TEXT NOT NULL,
    author TEXT NOT NULL,
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (platform, author, conversation)
  ) WITHOUT ROWID;
  CREATE INDEX author_by_conversation ON author (conversation);
  INSERT OR IGNORE INTO author (platform, author, conversation, seq, at_ms)
    SELECT conversation.platform, ${speakerId}, conversation.key, 0, conversation.last_at_ms
    FROM conversation JOIN keyv ON keyv.key = 'memory:' || conversation.key,
      json_each(CASE WHEN json_valid(keyv.value) THEN keyv.value ELSE '{}' END, '$.value.speakers') AS speaker
    WHERE conversation.platform <> '';
  CREATE TABLE forgetting (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    author TEXT NOT NULL,
    before_ms INTEGER NOT NULL,
    receipt TEXT,
    held_until_ms INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX forgetting_by_author ON forgetting (platform, author, before_ms);
  CREATE INDEX forgetting_unsettled ON forgetting (place) WHERE receipt IS NOT NULL`,
  // A row: something was deleted since the file was last rewritten.
  "CREATE TABLE scrubbing (id INTEGER PRIMARY KEY CHECK (id = 1))",
  // Format 3.
  // Older inbox entries have no name and are named by their seq.
  `ALTER TABLE conversation ADD COLUMN lease TEXT;
  ALTER TABLE conversation ADD COLUMN worker TEXT;
  ALTER TABLE conversation ADD COLUMN suspicion TEXT;
  ALTER TABLE inbox ADD COLUMN name TEXT;
  -- next_page: where the cleaning of every page continues (see FullCleanup). NULL: all are clean.
  CREATE TABLE cleanup (id INTEGER PRIMARY KEY CHECK (id = 1), next_page INTEGER, is_open INTEGER NOT NULL);
  INSERT INTO cleanup VALUES (1, 1, 0);
  DROP TABLE scrubbing;
  CREATE INDEX dead_letter_by_conversation ON dead_letter (conversation);
  CREATE INDEX dead_letter_by_age ON dead_letter (at_ms);
  CREATE INDEX set_aside_by_conversation ON set_aside (conversation);
  CREATE TABLE usage (
    day INTEGER NOT NULL,
    counter TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, counter)
  ) WITHOUT ROWID;
  -- The archive now stores more of each conversation, so all are synced again.
  UPDATE conversation SET unfiled_since_ms = COALESCE(unfiled_since_ms, last_at_ms) WHERE revision > 0;
  -- The conversations that only the archive has. A row in whole: all of them are marked.
  CREATE TABLE resting (conversation TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE whole (id INTEGER PRIMARY KEY CHECK (id = 1));
  CREATE TABLE delayed_erasure (
    conversation TEXT PRIMARY KEY,
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    before_ordinal INTEGER NOT NULL,
    ordered_at_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX delayed_erasure_due ON delayed_erasure (until_ms);
  CREATE TABLE renaming (
    place INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    id_before TEXT NOT NULL,
    id_after TEXT NOT NULL,
    UNIQUE (platform, id_before, id_after)
  )`,
  // Format 4. Not released yet: each of its changes is appended as an entry.
  // may_quote: the messages whose texts the record may contain, as JSON. NULL: any.
  // An entry of a dead letter is a row, and goes with its letter.
  `ALTER TABLE inbox ADD COLUMN may_quote TEXT;
  UPDATE inbox SET may_quote = ${mayQuoteIn("inbound")} WHERE json_valid(inbound);
  CREATE TABLE dead_letter_entry (
    reference TEXT NOT NULL,
    position INTEGER NOT NULL,
    inbound TEXT NOT NULL,
    may_quote TEXT,
    PRIMARY KEY (reference, position)
  ) WITHOUT ROWID;
  INSERT INTO dead_letter_entry (reference, position, inbound, may_quote)
    SELECT reference, entry.key, entry.value, CASE WHEN json_valid(entry.value) THEN ${mayQuoteIn("entry.value")} END
    FROM dead_letter, json_each(CASE WHEN json_valid(entries) THEN entries ELSE '[]' END) AS entry
    WHERE entry.type = 'text';
  ALTER TABLE dead_letter DROP COLUMN entries;
  CREATE TRIGGER dead_letter_removed AFTER DELETE ON dead_letter BEGIN
    DELETE FROM dead_letter_entry WHERE reference = OLD.reference;
  END;
  -- Moving the entries left their bytes in free pages.
  INSERT OR REPLACE INTO cleanup (id, next_page, is_open) VALUES (1, 1, 0)`,
  `CREATE TABLE installation (
    platform TEXT NOT NULL,
    id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (platform, id)
  ) WITHOUT ROWID`,
  // Nothing has to be told to drop the edits that were synced any more.
  `DELETE FROM inbox WHERE json_valid(inbound) AND json_extract(inbound, '$.kind') = 'filed';
  DELETE FROM dead_letter_entry WHERE json_valid(inbound) AND json_extract(inbound, '$.kind') = 'filed'`,
  `CREATE TABLE confirmation (
    platform TEXT NOT NULL,
    person TEXT NOT NULL,
    asked TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (platform, person)
  ) WITHOUT ROWID;
  CREATE INDEX confirmation_by_age ON confirmation (at_ms)`,
  // With rowids: a row with a running turn fits on its page, and rows of the same days lie together.
  `CREATE TABLE conversation_4 (
    key TEXT PRIMARY KEY NOT NULL, platform TEXT NOT NULL, place TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '', is_named INTEGER NOT NULL DEFAULT 0,
    last_at_ms INTEGER NOT NULL DEFAULT 0, last_message TEXT,
    epoch INTEGER NOT NULL DEFAULT 0, lease TEXT, worker TEXT, suspicion TEXT,
    not_before_ms INTEGER NOT NULL DEFAULT 0, is_shared INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0, filed INTEGER NOT NULL DEFAULT 0, unfiled_since_ms INTEGER,
    turn TEXT
  );
  INSERT INTO conversation_4 (${conversationColumns}) SELECT ${conversationColumns} FROM conversation ORDER BY last_at_ms;
  DROP TABLE conversation;
  ALTER TABLE conversation_4 RENAME TO conversation;
  CREATE INDEX conversation_by_place ON conversation (platform, place, last_at_ms DESC);
  CREATE INDEX conversation_by_activity ON conversation (platform, last_at_ms DESC);
  CREATE INDEX conversation_unfiled ON conversation (unfiled_since_ms) WHERE unfiled_since_ms IS NOT NULL;
  -- Moving the rows left their bytes in free pages.
  INSERT OR REPLACE INTO cleanup (id, next_page, is_open) VALUES (1, 1, 0)`,
  `CREATE TABLE preference (
    platform TEXT NOT NULL, person TEXT NOT NULL, language TEXT, length TEXT, changed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (platform, person)
  ) WITHOUT ROWID`,
];

/**
 * After a recovery that lost rows: restores what the memories know of their conversations, and continues the order of
 * acceptance.
 */
export const repair = `
  DELETE FROM sqlite_sequence WHERE name = 'inbox';
  INSERT INTO sqlite_sequence (name, seq) SELECT 'inbox', MAX(last) FROM (
    SELECT COALESCE(MAX(seq), 0) AS last FROM inbox UNION SELECT COALESCE(MAX(seq), 0) FROM located
    UNION SELECT COALESCE(MAX(seq), 0) FROM author);
  CREATE TEMP TABLE remembered AS
    SELECT substr(key, 8) AS key, json_extract(value, '$.value') AS memory FROM keyv
    WHERE key GLOB 'memory:*' AND json_valid(value) AND json_extract(value, '$.value.revision') IS NOT NULL;
  -- A memory without messages has neither pages nor a last message.
  INSERT OR IGNORE INTO conversation (key, platform, place, last_at_ms, revision, unfiled_since_ms)
    SELECT key, json_extract(memory, '$.platform'), json_extract(memory, '$.place'),
      COALESCE(json_extract(memory, '$.messages[#-1].saidAtMs'),
        (SELECT json_extract(page.value, '$.value[#-1].saidAtMs') FROM keyv AS page WHERE json_valid(page.value)
           AND page.key = 'memory:' || remembered.key || '|' || json_extract(memory, '$.pages[#-1]')), 0),
      json_extract(memory, '$.revision'), 0
    FROM remembered WHERE json_extract(memory, '$.platform') <> ''
      AND (json_array_length(memory, '$.messages') > 0 OR json_array_length(memory, '$.pages') > 0);
  INSERT OR IGNORE INTO author (platform, author, conversation, seq, at_ms)
    SELECT conversation.platform, ${speakerId}, conversation.key, 0, conversation.last_at_ms
    FROM remembered JOIN conversation ON conversation.key = remembered.key, json_each(memory, '$.speakers') AS speaker
    WHERE conversation.platform <> '';
  UPDATE conversation SET unfiled_since_ms = NULL WHERE key NOT IN (SELECT key FROM remembered);
  DELETE FROM keyv WHERE key GLOB 'memory:*|*' AND json_valid(value)
    AND json_extract(value, '$.value.conversation') IS NULL
    AND substr(key, 8, length(key) - 16) NOT IN (SELECT key FROM remembered);
  DROP TABLE remembered;
  -- Marks and delayed erasures may be lost: both are read from the archive again.
  DELETE FROM whole;
  INSERT OR REPLACE INTO cleanup (id, next_page, is_open) VALUES (1, 1, 0)
`;
