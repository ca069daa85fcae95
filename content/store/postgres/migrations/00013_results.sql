-- +goose Up
CREATE TABLE results (
    id          TEXT COLLATE "C" PRIMARY KEY,
    resource_id TEXT COLLATE "C" REFERENCES resources (id) ON DELETE CASCADE,
    job_id      TEXT COLLATE "C" REFERENCES jobs (id) ON DELETE CASCADE, -- one of the two is NULL
    principal   TEXT COLLATE "C" NOT NULL,
    cell        TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    row_count   BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    complete    BIGINT NOT NULL,
    columns     TEXT NOT NULL, -- JSON array
    evicted_at  BIGINT NOT NULL,
    layout      BYTEA NOT NULL
);
CREATE INDEX results_by_resource ON results (resource_id, id);
CREATE INDEX results_by_job ON results (job_id);
CREATE INDEX results_by_time ON results (evicted_at, created_at);
