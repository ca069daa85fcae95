-- +goose Up
CREATE TABLE usage (
    day              TEXT NOT NULL,
    principal        TEXT NOT NULL,
    environment      TEXT NOT NULL,
    executions       INTEGER NOT NULL,
    execution_micros INTEGER NOT NULL,
    cpu_micros       INTEGER NOT NULL,
    peak_bytes       INTEGER NOT NULL,
    PRIMARY KEY (day, principal, environment)
);
CREATE INDEX usage_by_principal ON usage (principal, day);
