-- +goose Up
CREATE TABLE snapshots (
    id         TEXT PRIMARY KEY,
    result_id  TEXT NOT NULL REFERENCES results (id) ON DELETE CASCADE,
    principal  TEXT NOT NULL,
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX snapshots_by_result ON snapshots (result_id, id);
CREATE INDEX snapshots_by_principal ON snapshots (principal, id);
