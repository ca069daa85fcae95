-- +goose Up
CREATE TABLE principals (
    member        TEXT COLLATE "C" PRIMARY KEY,
    display_name  TEXT COLLATE "C" NOT NULL,
    email         TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    disabled_at   BIGINT NOT NULL, -- 0: enabled
    created_at    BIGINT NOT NULL,
    last_seen     BIGINT NOT NULL
);

CREATE TABLE principal_groups (
    member      TEXT COLLATE "C" PRIMARY KEY,
    title       TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    external    BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE TABLE group_members (
    group_member TEXT COLLATE "C" NOT NULL REFERENCES principal_groups (member) ON DELETE CASCADE,
    member       TEXT COLLATE "C" NOT NULL,
    added_at     BIGINT NOT NULL,
    PRIMARY KEY (group_member, member)
);
CREATE INDEX group_members_by_member ON group_members (member);

CREATE TABLE tokens (
    id          TEXT COLLATE "C" PRIMARY KEY,
    principal   TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    digest      BYTEA NOT NULL UNIQUE,
    permissions TEXT COLLATE "C", -- JSON array, or no limit
    created_at  BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    last_used   BIGINT NOT NULL,
    revoked_at  BIGINT NOT NULL
);
CREATE INDEX tokens_by_principal ON tokens (principal, created_at);

CREATE TABLE sign_ins (
    digest     BYTEA PRIMARY KEY,
    principal  TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    address    TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL,
    method     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sign_ins_by_principal ON sign_ins (principal, created_at);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires);
