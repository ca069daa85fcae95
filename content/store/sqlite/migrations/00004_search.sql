-- +goose Up
-- What was indexed, for highlighting; seq grows with each indexing, so its order is that of the last change.
CREATE TABLE search_docs (
    seq         INTEGER PRIMARY KEY,
    resource_id TEXT NOT NULL UNIQUE REFERENCES resources (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    tags        TEXT NOT NULL,
    description TEXT NOT NULL,
    source      TEXT NOT NULL,
    outputs     TEXT NOT NULL
);

-- The words, normalised by content.Words, which also splits them: title is name, tags and description, body the rest.
CREATE VIRTUAL TABLE search_words USING fts5 (
    title, body, content = '', contentless_delete = 1, prefix = '2 3', detail = column,
    tokenize = "unicode61 remove_diacritics 0"
);
-- +goose StatementBegin
CREATE TRIGGER search_docs_deleted AFTER DELETE ON search_docs BEGIN
    DELETE FROM search_words WHERE rowid = old.seq;
END;
-- +goose StatementEnd
