-- +goose Up
CREATE TABLE usage (
    day              TEXT COLLATE "C" NOT NULL,
    principal        TEXT COLLATE "C" NOT NULL,
    environment      TEXT COLLATE "C" NOT NULL,
    executions       BIGINT NOT NULL,
    execution_micros BIGINT NOT NULL,
    cpu_micros       BIGINT NOT NULL,
    peak_bytes       BIGINT NOT NULL,
    PRIMARY KEY (day, principal, environment)
);
CREATE INDEX usage_by_principal ON usage (principal, day);
