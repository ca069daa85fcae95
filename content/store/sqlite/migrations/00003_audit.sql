-- +goose Up
CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    operation   TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    allowed     INTEGER NOT NULL,
    address     TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    detail      TEXT NOT NULL,
    previous    BLOB NOT NULL,
    hash        BLOB NOT NULL
);
CREATE INDEX audit_by_resource ON audit (resource_id, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);
-- The chain's two ends: 'base' is the state before the oldest entry kept, 'head' that of the newest. They stand apart, so
-- that entries cut off at either end are missed.
CREATE TABLE audit_edges (
    edge TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL
);

CREATE TABLE changes (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    actor       TEXT NOT NULL,
    revision_id TEXT NOT NULL,
    chain       TEXT NOT NULL
);
-- Where the feed stands, also when its entries are gone.
CREATE TABLE change_head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    newest   INTEGER NOT NULL,
    oldest   INTEGER NOT NULL
);
INSERT INTO change_head VALUES (1, 0, 1);

CREATE TABLE idempotency_keys (
    principal   TEXT NOT NULL,
    key         TEXT NOT NULL,
    request     BLOB NOT NULL,
    resource_id TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
