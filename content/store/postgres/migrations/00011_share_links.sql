-- +goose Up
CREATE TABLE share_links (
    id            TEXT COLLATE "C" PRIMARY KEY,
    resource_id   TEXT COLLATE "C" NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    title         TEXT NOT NULL,
    digest        BYTEA NOT NULL UNIQUE,
    revision_id   TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    origins       TEXT COLLATE "C" NOT NULL, -- JSON array
    look          TEXT COLLATE "C" NOT NULL, -- JSON object
    created_by    TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    expires       BIGINT NOT NULL,
    revoked_at    BIGINT NOT NULL
);
CREATE INDEX share_links_by_resource ON share_links (resource_id, created_at);
