-- Up Migration
-- Not released yet: changes of format 3 are added here.
-- A conversation apart from its messages. A NULL title: not listed.
CREATE TABLE head (
  conversation text PRIMARY KEY,
  platform text NOT NULL,
  place text NOT NULL,
  revision bigint NOT NULL,
  next_ordinal bigint NOT NULL,
  -- Sealed with the key of this number, like the title.
  record bytea NOT NULL,
  title bytea,
  key bigint NOT NULL,
  is_named boolean NOT NULL,
  last_at_ms bigint NOT NULL,
  synced_at_ms bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
);
ALTER TABLE head ALTER COLUMN record SET STORAGE EXTERNAL;
CREATE INDEX head_by_age ON head (synced_at_ms);
CREATE INDEX head_by_key ON head (key);
CREATE INDEX head_by_place ON head (platform, place, last_at_ms DESC) WHERE title IS NOT NULL;
CREATE TABLE head_speaker (
  platform text NOT NULL,
  author text NOT NULL,
  conversation text NOT NULL,
  PRIMARY KEY (platform, author, conversation)
);
CREATE INDEX head_speaker_by_conversation ON head_speaker (conversation);
-- The key that signs cookies, which has to survive the hot store.
CREATE TABLE secret (name text PRIMARY KEY, value text NOT NULL);
CREATE INDEX message_by_place ON message (platform, place, id);
-- Content is sealed, each row with its own key, which is erased with it (docs/adr/0004). PlainTextSealer seals the
-- rows of format 2 in the background. The text columns stay empty from now on.
ALTER TABLE message
  ADD COLUMN sealed bytea,
  ADD COLUMN key bigint,
  ALTER COLUMN author_name DROP NOT NULL,
  ALTER COLUMN speaker DROP NOT NULL,
  ALTER COLUMN text DROP NOT NULL,
  ALTER COLUMN attachments DROP NOT NULL,
  ADD CONSTRAINT is_sealed CHECK (sealed IS NOT NULL AND key IS NOT NULL AND text IS NULL) NOT VALID;
-- Compressed before it is sealed.
ALTER TABLE message ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE message ALTER COLUMN words SET STATISTICS 300;
-- Rows below this one may be unsealed. No row: none is.
CREATE TABLE taking_over (id int PRIMARY KEY CHECK (id = 1), before_row bigint NOT NULL);
-- message_newest: for searches by place. message_by_key: for finding keys that seal nothing. For an archive with
-- messages, BackgroundIndexes creates both.
DO $$
BEGIN
  IF EXISTS (SELECT FROM message) THEN
    INSERT INTO taking_over SELECT 1, max(row) + 1 FROM message;
  ELSE
    CREATE INDEX message_newest ON message (platform, place, row);
    CREATE INDEX message_by_key ON message (key);
  END IF;
END $$;
-- The seeds of the keys that are not erased, a few per block of 256 keys. A part is what is rewritten at once.
CREATE TABLE seed (part smallint NOT NULL, block bigint NOT NULL, cover bytea NOT NULL, PRIMARY KEY (part, block))
  PARTITION BY LIST (part);
ALTER TABLE seed ALTER COLUMN cover SET STORAGE EXTERNAL;
CREATE TABLE seed_0 PARTITION OF seed FOR VALUES IN (0);
CREATE TABLE seed_1 PARTITION OF seed FOR VALUES IN (1);
CREATE TABLE seed_2 PARTITION OF seed FOR VALUES IN (2);
CREATE TABLE seed_3 PARTITION OF seed FOR VALUES IN (3);
CREATE TABLE seed_4 PARTITION OF seed FOR VALUES IN (4);
CREATE TABLE seed_5 PARTITION OF seed FOR VALUES IN (5);
CREATE TABLE seed_6 PARTITION OF seed FOR VALUES IN (6);
CREATE TABLE seed_7 PARTITION OF seed FOR VALUES IN (7);
-- Heads change more often than messages, so their keys have their own blocks.
CREATE SEQUENCE message_key MINVALUE 0;
CREATE SEQUENCE head_key MINVALUE 1099511627776;
-- Every key up to this one either seals something or is spent.
CREATE TABLE settled (kind text PRIMARY KEY, up_to bigint NOT NULL);
INSERT INTO settled VALUES ('message', -1), ('head', 1099511627775);
-- Keys to erase.
CREATE TABLE spent (key bigint NOT NULL);
CREATE INDEX spent_by_key ON spent (key);
-- Parts whose files may still hold seeds of erased keys.
CREATE TABLE unclean (part smallint PRIMARY KEY);
-- Two UUIDs hold 244 random bits.
CREATE FUNCTION new_secret() RETURNS bytea LANGUAGE sql VOLATILE AS
  'SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))';
CREATE TABLE word_key (id int PRIMARY KEY CHECK (id = 1), key bytea NOT NULL);
INSERT INTO word_key SELECT 1, threadkeeper.new_secret();
-- New keys, valid within this transaction only. A rolled back transaction has used up its keys, which are found once
-- it no longer holds the lock.
CREATE FUNCTION draw_keys(kind text, count int) RETURNS TABLE (key bigint, cover bytea) LANGUAGE plpgsql AS $$
DECLARE
  drawn bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7, 0);
  drawn := ARRAY(SELECT nextval(('threadkeeper.' || kind || '_key')::regclass) FROM generate_series(1, count));
  INSERT INTO threadkeeper.seed AS known (part, block, cover)
    SELECT (needed.block >> 10) & 7, needed.block, '\x0008'::bytea || threadkeeper.new_secret()
    FROM (SELECT DISTINCT each >> 8 AS block FROM unnest(drawn) AS each) AS needed
    WHERE NOT EXISTS (SELECT FROM threadkeeper.seed AS old
      WHERE old.part = ((needed.block >> 10) & 7)::smallint AND old.block = needed.block)
    ORDER BY needed.block ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT each, seed.cover FROM unnest(drawn) AS each
    JOIN threadkeeper.seed ON seed.part = ((each >> 18) & 7)::smallint AND seed.block = each >> 8;
END $$;
CREATE FUNCTION spend_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO threadkeeper.spent SELECT key FROM before WHERE key IS NOT NULL;
  ELSE
    INSERT INTO threadkeeper.spent SELECT key FROM before WHERE key IS NOT NULL EXCEPT SELECT key FROM after;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER message_gone AFTER DELETE ON message
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
CREATE TRIGGER message_changed AFTER UPDATE ON message
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
CREATE TRIGGER head_gone AFTER DELETE ON head
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
CREATE TRIGGER head_changed AFTER UPDATE ON head
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
-- The time of the erasure. Older messages are refused by their age.
ALTER TABLE tombstone ADD COLUMN at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
CREATE INDEX tombstone_by_age ON tombstone (at_ms);
ALTER TABLE erased ADD COLUMN at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
ALTER TABLE erased_author ADD COLUMN at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
