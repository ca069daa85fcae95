-- +goose Up
CREATE TABLE share_links (
    id            TEXT PRIMARY KEY,
    resource_id   TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    title         TEXT NOT NULL,
    digest        BLOB NOT NULL UNIQUE,
    revision_id   TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    origins       TEXT NOT NULL, -- JSON array
    look          TEXT NOT NULL, -- JSON object
    created_by    TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    revoked_at    INTEGER NOT NULL
);
CREATE INDEX share_links_by_resource ON share_links (resource_id, created_at);
