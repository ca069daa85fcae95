-- +goose Up
ALTER TABLE results ADD COLUMN copy_of TEXT COLLATE "C" NOT NULL DEFAULT ''; -- the id that outputs of the copied document name, or nothing
CREATE INDEX results_by_origin ON results (copy_of, id);
