-- +goose Up
ALTER TABLE principals ADD COLUMN invited_by TEXT NOT NULL DEFAULT ''; -- a member, or nobody
