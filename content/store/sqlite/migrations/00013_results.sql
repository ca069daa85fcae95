-- +goose Up
CREATE TABLE results (
    id          TEXT PRIMARY KEY,
    resource_id TEXT REFERENCES resources (id) ON DELETE CASCADE,
    job_id      TEXT REFERENCES jobs (id) ON DELETE CASCADE, -- one of the two is NULL
    principal   TEXT NOT NULL,
    cell        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    row_count   INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    complete    INTEGER NOT NULL,
    columns     TEXT NOT NULL, -- JSON array
    evicted_at  INTEGER NOT NULL,
    layout      BLOB NOT NULL
);
CREATE INDEX results_by_resource ON results (resource_id, id);
CREATE INDEX results_by_job ON results (job_id);
CREATE INDEX results_by_time ON results (evicted_at, created_at);
