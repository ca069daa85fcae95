-- +goose Up
CREATE TABLE preferences (
    principal  TEXT COLLATE "C" NOT NULL,
    space      TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    value      BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (principal, space, name)
);
CREATE INDEX preferences_by_time ON preferences (principal, space, updated_at);
