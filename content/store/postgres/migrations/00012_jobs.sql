-- +goose Up
CREATE TABLE jobs (
    id          TEXT COLLATE "C" PRIMARY KEY,
    principal   TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" REFERENCES resources (id) ON DELETE CASCADE, -- NULL for a statement
    state       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    server      TEXT COLLATE "C" NOT NULL,
    spec        TEXT NOT NULL, -- JSON object
    progress    TEXT NOT NULL, -- JSON object
    size        BIGINT NOT NULL,
    layout      BYTEA NOT NULL
);
CREATE INDEX jobs_by_principal ON jobs (principal, id);
CREATE INDEX jobs_by_resource ON jobs (resource_id);
CREATE INDEX jobs_unfinished ON jobs (server, id) WHERE ended_at = 0;
CREATE INDEX jobs_ended ON jobs (ended_at);
