package query

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// Migrate brings a schema to a version, forward only; 0 is the newest. A schema that is newer than this program's
// newest is an error, since this program would not keep what it does not know.
func Migrate(ctx context.Context, p *goose.Provider, version int64) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("store: schema version: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("store: the schema has version %d, this program knows up to %d: a newer one has used it", have, newest)
	}
	if version == 0 {
		_, err = p.Up(ctx)
	} else {
		_, err = p.UpTo(ctx, version)
	}
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

// TitleWords is the migration to version 8: the words of titles are indexed apart, which those that are indexed already
// become now.
func TitleWords(s Search) *goose.Migration {
	return goose.NewGoMigration(8, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error { return Reindex(ctx, tx, s) }}, nil)
}
