-- +goose Up
-- What was indexed, for highlighting; seq grows with each indexing, so its order is that of the last change. words is made
-- of what content.Words gives: weight A is name, tags and description, B the rest.
CREATE TABLE search_docs (
    seq         BIGINT PRIMARY KEY,
    resource_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES resources (id) ON DELETE CASCADE,
    name        TEXT COLLATE "C" NOT NULL,
    tags        TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    outputs     TEXT COLLATE "C" NOT NULL,
    words       tsvector NOT NULL
);
CREATE INDEX search_docs_by_words ON search_docs USING gin (words);
