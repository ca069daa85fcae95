-- +goose Up
-- holder is the id of a resource, then also in resource_id, or a principal.
CREATE TABLE secrets (
    holder      TEXT NOT NULL,
    name        TEXT NOT NULL,
    sealed      BLOB NOT NULL,
    resource_id TEXT REFERENCES resources (id) ON DELETE CASCADE,
    set_by      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (holder, name)
);
CREATE INDEX secrets_by_resource ON secrets (resource_id);
