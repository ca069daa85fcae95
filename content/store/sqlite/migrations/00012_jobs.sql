-- +goose Up
CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    principal   TEXT NOT NULL,
    resource_id TEXT REFERENCES resources (id) ON DELETE CASCADE, -- NULL for a statement
    state       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    server      TEXT NOT NULL,
    spec        TEXT NOT NULL, -- JSON object
    progress    TEXT NOT NULL, -- JSON object
    size        INTEGER NOT NULL,
    layout      BLOB NOT NULL
);
CREATE INDEX jobs_by_principal ON jobs (principal, id);
CREATE INDEX jobs_by_resource ON jobs (resource_id);
CREATE INDEX jobs_unfinished ON jobs (server, id) WHERE ended_at = 0;
CREATE INDEX jobs_ended ON jobs (ended_at);
