-- +goose Up
-- What keeps content from being read as what its type says; empty where nothing does. On resources: of the newest revision.
ALTER TABLE revisions ADD COLUMN problem TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN problem TEXT NOT NULL DEFAULT '';
-- Who wrote an imported revision, and when, by the word of where it came from: JSON, or empty.
ALTER TABLE revisions ADD COLUMN imported TEXT NOT NULL DEFAULT '';

-- By which provider somebody signed in, as whom and in which session there: what its sign-out is told by.
ALTER TABLE sign_ins ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN provider_session TEXT NOT NULL DEFAULT '';
CREATE INDEX sign_ins_by_issuer ON sign_ins (issuer, subject) WHERE issuer <> '';

-- Values that all servers of one database share, such as the key that seals page tokens.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

-- The words of names, tags and descriptions, but for short ones and those with digits, each with its runs of three characters, to find what a misspelt word may mean.
CREATE TABLE search_terms (term TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE search_trigrams (
    trigram TEXT NOT NULL,
    term    TEXT NOT NULL,
    PRIMARY KEY (trigram, term)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab (search_words, col);
INSERT INTO search_terms SELECT term FROM search_vocabulary
    WHERE col = 'title' AND length(term) >= 3 AND term NOT GLOB '*[0-9]*' ON CONFLICT DO NOTHING;
DROP TABLE search_vocabulary;
INSERT INTO search_trigrams
    WITH RECURSIVE places (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM places WHERE n < 65)
    SELECT substr('  ' || term || ' ', n, 3), term FROM search_terms JOIN places ON n <= length(term) + 1 WHERE true
    ON CONFLICT DO NOTHING;
