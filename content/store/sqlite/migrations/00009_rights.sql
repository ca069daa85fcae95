-- +goose Up
-- A number that grows with each change to what decisions are made of, so that what was found out at one number holds as
-- long as it stands: principals and whether they may act, groups, roles, policies, folders' places, names and trash, the limits of
-- tokens and the end of sessions. It is read in the transaction that decides.
CREATE TABLE rights_version (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL
);
INSERT INTO rights_version VALUES (1, 1);
-- +goose StatementBegin
CREATE TRIGGER rights_principals_new AFTER INSERT ON principals BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_principals AFTER UPDATE ON principals WHEN old.disabled_at <> new.disabled_at OR old.member <> new.member
BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_principals_gone AFTER DELETE ON principals BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_groups_new AFTER INSERT ON group_members BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_groups AFTER UPDATE ON group_members BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_groups_gone AFTER DELETE ON group_members BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_roles_new AFTER INSERT ON roles BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_roles AFTER UPDATE ON roles BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_roles_gone AFTER DELETE ON roles BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_policies_new AFTER INSERT ON policies BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_policies AFTER UPDATE ON policies BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_policies_gone AFTER DELETE ON policies BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_folders AFTER UPDATE ON resources
WHEN old.type = 'folder' AND (old.parent_id IS NOT new.parent_id OR old.name <> new.name OR old.trashed_at IS NOT new.trashed_at OR old.retention IS NOT new.retention)
BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_tokens AFTER UPDATE ON tokens
WHEN old.principal <> new.principal OR old.permissions IS NOT new.permissions OR old.expires <> new.expires
    OR old.revoked_at <> new.revoked_at OR old.digest <> new.digest
BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_tokens_gone AFTER DELETE ON tokens BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_sign_ins AFTER UPDATE ON sign_ins BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rights_sign_ins_gone AFTER DELETE ON sign_ins BEGIN UPDATE rights_version SET version = version + 1; END;
-- +goose StatementEnd
