-- +goose Up
ALTER TABLE share_links ADD COLUMN shows TEXT NOT NULL DEFAULT 'null'; -- JSON object
