-- +goose Up
-- A number that grows with each change to what decisions are made of, so that what was found out at one number holds as
-- long as it stands: principals and whether they may act, groups, roles, policies, folders' places, names and trash, the limits of
-- tokens and the end of sessions. It is read in the transaction that decides.
CREATE TABLE rights_version (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    version  BIGINT NOT NULL
);
INSERT INTO rights_version VALUES (1, 1);
-- +goose StatementBegin
CREATE FUNCTION rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rights_version SET version = version + 1;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER rights_principals_new AFTER INSERT OR DELETE ON principals FOR EACH ROW EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_principals AFTER UPDATE ON principals FOR EACH ROW
    WHEN (old.disabled_at <> new.disabled_at OR old.member <> new.member) EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_groups AFTER INSERT OR UPDATE OR DELETE ON group_members FOR EACH ROW EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_roles AFTER INSERT OR UPDATE OR DELETE ON roles FOR EACH ROW EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_policies AFTER INSERT OR UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_folders AFTER UPDATE ON resources FOR EACH ROW
    WHEN (old.type = 'folder' AND (old.parent_id IS DISTINCT FROM new.parent_id OR old.name <> new.name OR old.trashed_at IS DISTINCT FROM new.trashed_at
        OR old.retention IS DISTINCT FROM new.retention)) EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_tokens AFTER UPDATE ON tokens FOR EACH ROW
    WHEN (old.principal <> new.principal OR old.permissions IS DISTINCT FROM new.permissions OR old.expires <> new.expires
        OR old.revoked_at <> new.revoked_at OR old.digest <> new.digest) EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_tokens_gone AFTER DELETE ON tokens FOR EACH ROW EXECUTE FUNCTION rights_changed();
CREATE TRIGGER rights_sign_ins AFTER UPDATE OR DELETE ON sign_ins FOR EACH ROW EXECUTE FUNCTION rights_changed();
