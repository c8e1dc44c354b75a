-- Up Migration
-- The turn that made a reply. NULL: see RememberedMessage.
ALTER TABLE message ADD COLUMN turn_id text;
-- Ids, times and figures, without text, so records are not sealed. at_ms: when the turn was asked for, else when it
-- finished. record: TurnRecord as JSON.
CREATE TABLE turn_record (
  id text PRIMARY KEY,
  conversation text NOT NULL,
  platform text NOT NULL,
  place text NOT NULL,
  author text,
  ordinal bigint NOT NULL,
  at_ms bigint NOT NULL,
  record text NOT NULL
);
CREATE INDEX turn_record_by_order ON turn_record (conversation, ordinal, at_ms);
CREATE INDEX turn_record_by_author ON turn_record (platform, author, at_ms) WHERE author IS NOT NULL;
CREATE INDEX turn_record_by_age ON turn_record (at_ms);
-- The messages that a record names, and goes with.
CREATE TABLE turn_record_message (
  conversation text NOT NULL,
  message text NOT NULL,
  record text NOT NULL REFERENCES turn_record ON DELETE CASCADE,
  PRIMARY KEY (conversation, message, record)
);
CREATE INDEX turn_record_message_by_record ON turn_record_message (record);
CREATE FUNCTION drop_turn_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM threadkeeper.turn_record WHERE id IN
    (SELECT named.record FROM added JOIN threadkeeper.turn_record_message AS named
      ON named.conversation = added.conversation AND named.message = added.id);
  RETURN NULL;
END $$;
CREATE TRIGGER tombstone_added AFTER INSERT ON tombstone
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION drop_turn_records();
