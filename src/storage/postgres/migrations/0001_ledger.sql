-- Up Migration
CREATE TABLE message (
  row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation text NOT NULL,
  id text NOT NULL,
  platform text NOT NULL,
  place text NOT NULL,
  ordinal bigint NOT NULL,
  revision bigint NOT NULL,
  chapter bigint NOT NULL,
  role text NOT NULL,
  author_id text NOT NULL,
  author_name text NOT NULL,
  speaker text NOT NULL,
  text text NOT NULL,
  said_at_ms bigint NOT NULL,
  permalink text,
  attachments text NOT NULL,
  answers text NOT NULL,
  posts text,
  sources text,
  -- The words of the text, normalised as searches do. Empty for notices.
  words tsvector NOT NULL,
  UNIQUE (conversation, id)
);
CREATE INDEX message_by_order ON message (conversation, ordinal);
CREATE INDEX message_by_author ON message (platform, author_id, said_at_ms);
CREATE INDEX message_by_age ON message (said_at_ms);
CREATE INDEX message_by_words ON message USING gin (words);
CREATE TABLE rests_on (
  row bigint NOT NULL REFERENCES message ON DELETE CASCADE,
  conversation text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (conversation, message, row)
);
CREATE INDEX rests_on_by_row ON rests_on (row);
-- Erased messages, by id and by bounds. by_author: erased with its author, which our replies to it depend on.
CREATE TABLE tombstone (
  conversation text NOT NULL,
  id text NOT NULL,
  by_author boolean NOT NULL,
  PRIMARY KEY (conversation, id)
);
CREATE TABLE erased (conversation text PRIMARY KEY, before_ordinal bigint NOT NULL);
CREATE TABLE erased_author (
  conversation text NOT NULL,
  author text NOT NULL,
  before_ordinal bigint NOT NULL,
  PRIMARY KEY (conversation, author)
);
CREATE TABLE forgotten (
  platform text NOT NULL,
  author text NOT NULL,
  before_ms bigint NOT NULL,
  PRIMARY KEY (platform, author)
);
CREATE TABLE expired (id int PRIMARY KEY CHECK (id = 1), before_ms bigint NOT NULL);
INSERT INTO expired VALUES (1, 0);
