-- Up Migration
-- It is not released yet: what belongs to format 3 is added here.
-- What is remembered of a conversation besides its messages. A title of NULL: it is not listed.
CREATE TABLE head (
  conversation text PRIMARY KEY,
  platform text NOT NULL,
  place text NOT NULL,
  revision bigint NOT NULL,
  next_ordinal bigint NOT NULL,
  record text NOT NULL,
  title text,
  is_named boolean NOT NULL,
  last_at_ms bigint NOT NULL,
  synced_at_ms bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
);
CREATE INDEX head_by_age ON head (synced_at_ms);
CREATE INDEX head_by_place ON head (platform, place, last_at_ms DESC) WHERE title IS NOT NULL;
CREATE TABLE head_speaker (
  platform text NOT NULL,
  author text NOT NULL,
  conversation text NOT NULL,
  PRIMARY KEY (platform, author, conversation)
);
CREATE INDEX head_speaker_by_conversation ON head_speaker (conversation);
-- What signs cookies, and has to outlive the hot store.
CREATE TABLE secret (name text PRIMARY KEY, value text NOT NULL);
CREATE INDEX message_by_place ON message (platform, place, id);
-- Searches go from the newest message of a place to the one before. Where there are messages, PlaceIndex makes it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM message) THEN
    CREATE INDEX message_newest ON message (platform, place, row);
  END IF;
END $$;
-- When something was buried: what is older than the retention is refused by its age.
ALTER TABLE tombstone ADD COLUMN at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
CREATE INDEX tombstone_by_age ON tombstone (at_ms);
ALTER TABLE erased ADD COLUMN at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
ALTER TABLE erased_author ADD COLUMN at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
