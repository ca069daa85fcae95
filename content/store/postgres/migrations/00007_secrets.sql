-- +goose Up
-- holder is the id of a resource, then also in resource_id, or a principal.
CREATE TABLE secrets (
    holder      TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    sealed      BYTEA NOT NULL,
    resource_id TEXT COLLATE "C" REFERENCES resources (id) ON DELETE CASCADE,
    set_by      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (holder, name)
);
CREATE INDEX secrets_by_resource ON secrets (resource_id);
