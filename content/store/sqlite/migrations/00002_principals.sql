-- +goose Up
CREATE TABLE principals (
    member        TEXT PRIMARY KEY,
    display_name  TEXT NOT NULL,
    email         TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled_at   INTEGER NOT NULL, -- 0: enabled
    created_at    INTEGER NOT NULL,
    last_seen     INTEGER NOT NULL
);

CREATE TABLE principal_groups (
    member      TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    external    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
);
CREATE TABLE group_members (
    group_member TEXT NOT NULL REFERENCES principal_groups (member) ON DELETE CASCADE,
    member       TEXT NOT NULL,
    added_at     INTEGER NOT NULL,
    PRIMARY KEY (group_member, member)
);
CREATE INDEX group_members_by_member ON group_members (member);

CREATE TABLE tokens (
    id          TEXT PRIMARY KEY,
    principal   TEXT NOT NULL,
    name        TEXT NOT NULL,
    digest      BLOB NOT NULL UNIQUE,
    permissions TEXT, -- JSON array, or no limit
    created_at  INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    last_used   INTEGER NOT NULL,
    revoked_at  INTEGER NOT NULL
);
CREATE INDEX tokens_by_principal ON tokens (principal, created_at);

CREATE TABLE sign_ins (
    digest     BLOB PRIMARY KEY,
    principal  TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    address    TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    method     TEXT NOT NULL
);
CREATE INDEX sign_ins_by_principal ON sign_ins (principal, created_at);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires);
