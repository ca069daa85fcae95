-- +goose Up
CREATE TABLE preferences (
    principal  TEXT NOT NULL,
    space      TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (principal, space, name)
);
CREATE INDEX preferences_by_time ON preferences (principal, space, updated_at);
