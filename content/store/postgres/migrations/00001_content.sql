-- +goose Up
CREATE TABLE resources (
    id          TEXT COLLATE "C" PRIMARY KEY,
    parent_id   TEXT COLLATE "C" REFERENCES resources (id),
    type        TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    owner       TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    tags        TEXT COLLATE "C" NOT NULL, -- JSON array
    created_at  BIGINT NOT NULL, -- microseconds since 1970, UTC, as every time
    updated_at  BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    trashed_at  BIGINT,
    trashed_by  TEXT COLLATE "C" NOT NULL DEFAULT '',
    retention   TEXT COLLATE "C", -- JSON, of a folder
    head_id     TEXT COLLATE "C" NOT NULL DEFAULT '',
    head_number BIGINT NOT NULL DEFAULT 0,
    size        BIGINT NOT NULL DEFAULT 0,
    digest      BYTEA
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
    id     TEXT COLLATE "C" PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
    chain  TEXT COLLATE "C" NOT NULL,
    hidden BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX folders_by_chain ON folders (chain);

CREATE TABLE marks (
    principal   TEXT COLLATE "C" NOT NULL,
    mark        TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    at          BIGINT NOT NULL,
    PRIMARY KEY (principal, mark, resource_id)
);
CREATE INDEX marks_by_time ON marks (principal, mark, at, resource_id);
CREATE INDEX marks_by_resource ON marks (resource_id);

CREATE TABLE revisions (
    id          TEXT COLLATE "C" PRIMARY KEY,
    resource_id TEXT COLLATE "C" NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    parent_id   TEXT COLLATE "C" NOT NULL,
    author      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    origin      TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL DEFAULT '',
    size        BIGINT NOT NULL,
    digest      BYTEA NOT NULL,
    layout      BYTEA NOT NULL,
    UNIQUE (resource_id, number)
);
CREATE UNIQUE INDEX revisions_by_name ON revisions (resource_id, name) WHERE name <> '';

CREATE TABLE revision_holds (
    revision_id TEXT COLLATE "C" NOT NULL REFERENCES revisions (id) ON DELETE CASCADE,
    holder      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (revision_id, holder)
);

CREATE TABLE blobs (
    digest  BYTEA PRIMARY KEY,
    size    BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);

CREATE TABLE policies (
    resource_id TEXT COLLATE "C" PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
    etag        TEXT COLLATE "C" NOT NULL,
    bindings    TEXT COLLATE "C" NOT NULL -- JSON
);
-- grants is policies, turned round: what a member was given where.
CREATE TABLE grants (
    resource_id TEXT COLLATE "C" NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    member      TEXT COLLATE "C" NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    condition   TEXT COLLATE "C" NOT NULL,
    granted_at  BIGINT NOT NULL,
    PRIMARY KEY (resource_id, member, role, condition)
);
CREATE INDEX grants_by_member ON grants (member, resource_id);
CREATE INDEX grants_by_role ON grants (role);

CREATE TABLE roles (
    name        TEXT COLLATE "C" PRIMARY KEY,
    title       TEXT COLLATE "C" NOT NULL,
    permissions TEXT COLLATE "C" NOT NULL -- JSON array
);

CREATE TABLE access_requests (
    id          TEXT COLLATE "C" PRIMARY KEY,
    resource_id TEXT COLLATE "C" NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    requester   TEXT COLLATE "C" NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    decided_by  TEXT COLLATE "C" NOT NULL,
    decided_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX access_requests_open ON access_requests (resource_id, requester) WHERE state = 'pending';
CREATE INDEX access_requests_by_resource ON access_requests (resource_id, created_at);
