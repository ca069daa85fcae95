-- +goose Up
CREATE TABLE snapshots (
    id         TEXT COLLATE "C" PRIMARY KEY,
    result_id  TEXT COLLATE "C" NOT NULL REFERENCES results (id) ON DELETE CASCADE,
    principal  TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX snapshots_by_result ON snapshots (result_id, id);
CREATE INDEX snapshots_by_principal ON snapshots (principal, id);
