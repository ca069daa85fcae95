-- +goose Up
-- What keeps content from being read as what its type says; empty where nothing does. On resources: of the newest revision.
ALTER TABLE revisions ADD COLUMN problem TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN problem TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Who wrote an imported revision, and when, by the word of where it came from: JSON, or empty.
ALTER TABLE revisions ADD COLUMN imported TEXT COLLATE "C" NOT NULL DEFAULT '';

-- By which provider somebody signed in, as whom and in which session there: what its sign-out is told by.
ALTER TABLE sign_ins ADD COLUMN issuer TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN subject TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN provider_session TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX sign_ins_by_issuer ON sign_ins (issuer, subject) WHERE issuer <> '';

-- Values that all servers of one database share, such as the key that seals page tokens.
CREATE TABLE settings (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BYTEA NOT NULL
);

-- The words of names, tags and descriptions, but for short ones and those with digits, each with its runs of three characters, to find what a misspelt word may mean.
CREATE TABLE search_terms (term TEXT COLLATE "C" PRIMARY KEY);
CREATE TABLE search_trigrams (
    trigram TEXT COLLATE "C" NOT NULL,
    term    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (trigram, term)
);
INSERT INTO search_terms SELECT word FROM ts_stat('SELECT words FROM search_docs', 'a')
    WHERE length(word) >= 3 AND word !~ '[0-9]' ON CONFLICT DO NOTHING;
INSERT INTO search_trigrams
    SELECT substr('  ' || term || ' ', n, 3), term FROM search_terms, generate_series(1, 65) n WHERE n <= length(term) + 1
    ON CONFLICT DO NOTHING;
