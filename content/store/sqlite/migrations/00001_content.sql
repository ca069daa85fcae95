-- +goose Up
CREATE TABLE resources (
    id          TEXT PRIMARY KEY,
    parent_id   TEXT REFERENCES resources (id),
    type        TEXT NOT NULL,
    name        TEXT NOT NULL,
    owner       TEXT NOT NULL,
    description TEXT NOT NULL,
    tags        TEXT NOT NULL, -- JSON array
    created_at  INTEGER NOT NULL, -- microseconds since 1970, UTC, as every time
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    trashed_at  INTEGER,
    trashed_by  TEXT NOT NULL DEFAULT '',
    retention   TEXT, -- JSON, of a folder
    head_id     TEXT NOT NULL DEFAULT '',
    head_number INTEGER NOT NULL DEFAULT 0,
    size        INTEGER NOT NULL DEFAULT 0,
    digest      BLOB
);
-- A name is taken once in a folder; what is in the trash takes none.
CREATE UNIQUE INDEX resources_by_name ON resources (parent_id, name) WHERE trashed_at IS NULL;
CREATE INDEX resources_by_parent ON resources (parent_id, updated_at, id);
CREATE INDEX resources_by_update ON resources (updated_at, id);
CREATE INDEX resources_by_owner ON resources (owner, updated_at, id);
CREATE INDEX resources_in_trash ON resources (trashed_at, id) WHERE trashed_at IS NOT NULL;

-- chain is the ids of the folder and all above it, from the root, each with a slash behind. It stands on folders only, so
-- that moving one rewrites as many rows as there are folders below, however many documents they hold.
-- hidden counts the folders of the chain that are in the trash.
CREATE TABLE folders (
    id     TEXT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
    chain  TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX folders_by_chain ON folders (chain);

CREATE TABLE marks (
    principal   TEXT NOT NULL,
    mark        TEXT NOT NULL,
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    PRIMARY KEY (principal, mark, resource_id)
);
CREATE INDEX marks_by_time ON marks (principal, mark, at, resource_id);
CREATE INDEX marks_by_resource ON marks (resource_id);

CREATE TABLE revisions (
    id          TEXT PRIMARY KEY,
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    parent_id   TEXT NOT NULL,
    author      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    message     TEXT NOT NULL,
    origin      TEXT NOT NULL,
    name        TEXT NOT NULL DEFAULT '',
    size        INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    layout      BLOB NOT NULL,
    UNIQUE (resource_id, number)
);
CREATE UNIQUE INDEX revisions_by_name ON revisions (resource_id, name) WHERE name <> '';

CREATE TABLE revision_holds (
    revision_id TEXT NOT NULL REFERENCES revisions (id) ON DELETE CASCADE,
    holder      TEXT NOT NULL,
    PRIMARY KEY (revision_id, holder)
);

CREATE TABLE blobs (
    digest  BLOB PRIMARY KEY,
    size    INTEGER NOT NULL,
    used_at INTEGER NOT NULL
);

CREATE TABLE policies (
    resource_id TEXT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
    etag        TEXT NOT NULL,
    bindings    TEXT NOT NULL -- JSON
);
-- grants is policies, turned round: what a member was given where.
CREATE TABLE grants (
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    member      TEXT NOT NULL,
    role        TEXT NOT NULL,
    condition   TEXT NOT NULL,
    granted_at  INTEGER NOT NULL,
    PRIMARY KEY (resource_id, member, role, condition)
);
CREATE INDEX grants_by_member ON grants (member, resource_id);
CREATE INDEX grants_by_role ON grants (role);

CREATE TABLE roles (
    name        TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    permissions TEXT NOT NULL -- JSON array
);

CREATE TABLE access_requests (
    id          TEXT PRIMARY KEY,
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    requester   TEXT NOT NULL,
    role        TEXT NOT NULL,
    message     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    state       TEXT NOT NULL,
    decided_by  TEXT NOT NULL,
    decided_at  INTEGER NOT NULL
);
CREATE UNIQUE INDEX access_requests_open ON access_requests (resource_id, requester) WHERE state = 'pending';
CREATE INDEX access_requests_by_resource ON access_requests (resource_id, created_at);
