-- +goose Up
CREATE TABLE audit (
    seq         BIGINT PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT COLLATE "C" NOT NULL,
    operation   TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    allowed     BIGINT NOT NULL,
    address     TEXT COLLATE "C" NOT NULL,
    request_id  TEXT COLLATE "C" NOT NULL,
    detail      TEXT COLLATE "C" NOT NULL,
    previous    BYTEA NOT NULL,
    hash        BYTEA NOT NULL
);
CREATE INDEX audit_by_resource ON audit (resource_id, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);
-- The chain's two ends: 'base' is the state before the oldest entry kept, 'head' that of the newest. They stand apart, so
-- that entries cut off at either end are missed.
CREATE TABLE audit_edges (
    edge TEXT COLLATE "C" PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

CREATE TABLE changes (
    seq         BIGINT PRIMARY KEY,
    at          BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    actor       TEXT COLLATE "C" NOT NULL,
    revision_id TEXT COLLATE "C" NOT NULL,
    chain       TEXT COLLATE "C" NOT NULL
);
-- Where the feed stands, also when its entries are gone.
CREATE TABLE change_head (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    newest   BIGINT NOT NULL,
    oldest   BIGINT NOT NULL
);
INSERT INTO change_head VALUES (1, 0, 1);

CREATE TABLE idempotency_keys (
    principal   TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    request     BYTEA NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
