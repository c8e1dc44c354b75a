-- Up Migration
-- The bytes of files, each content once, and what they belong to. Sealed, like texts: each file has its own key.
CREATE TABLE file (
  hash text PRIMARY KEY,
  size bigint NOT NULL,
  added_at_ms bigint NOT NULL,
  key bigint NOT NULL
);
CREATE INDEX file_by_age ON file (added_at_ms);
CREATE INDEX file_by_key ON file (key);
CREATE TABLE file_piece (
  hash text NOT NULL REFERENCES file ON DELETE CASCADE,
  part int NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (hash, part)
);
ALTER TABLE file_piece ALTER COLUMN sealed SET STORAGE EXTERNAL;
-- An empty message: the file belongs to the conversation as a whole.
CREATE TABLE file_link (
  conversation text NOT NULL,
  message text NOT NULL,
  name text NOT NULL,
  author text,
  hash text NOT NULL REFERENCES file ON DELETE CASCADE,
  until_ms bigint NOT NULL,
  PRIMARY KEY (conversation, message, name)
);
CREATE INDEX file_link_by_hash ON file_link (hash);
CREATE INDEX file_link_by_end ON file_link (until_ms);
-- Above the keys of heads.
CREATE SEQUENCE file_key MINVALUE 2199023255552;
INSERT INTO settled VALUES ('file', 2199023255551);
CREATE TRIGGER file_gone AFTER DELETE ON file
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
