-- Up Migration
-- What people think of the answers of turns. It goes with the turn's record. sealed: the reason, with the key of this
-- number. NULL, or an empty text: none.
CREATE TABLE feedback (
  turn text NOT NULL REFERENCES turn_record ON DELETE CASCADE,
  author text NOT NULL,
  conversation text NOT NULL,
  platform text NOT NULL,
  verdict text NOT NULL,
  at_ms bigint NOT NULL,
  sealed bytea,
  key bigint,
  PRIMARY KEY (turn, author),
  CONSTRAINT is_sealed CHECK ((sealed IS NULL) = (key IS NULL))
);
ALTER TABLE feedback ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX feedback_by_author ON feedback (platform, author, at_ms);
CREATE INDEX feedback_by_order ON feedback (conversation, at_ms);
CREATE INDEX feedback_by_age ON feedback (at_ms);
CREATE INDEX feedback_by_key ON feedback (key) WHERE key IS NOT NULL;
-- Above the keys of files.
CREATE SEQUENCE feedback_key MINVALUE 3298534883328;
INSERT INTO settled VALUES ('feedback', 3298534883327);
CREATE TRIGGER feedback_gone AFTER DELETE ON feedback
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
CREATE TRIGGER feedback_changed AFTER UPDATE ON feedback
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION spend_keys();
