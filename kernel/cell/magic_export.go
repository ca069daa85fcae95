package cell

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

func exportMagic() magic {
	return magic{
		name: "export", usage: "'FILE' [format=csv|parquet|json|xlsx] [--overwrite]",
		short: "write the whole result of the query below to a file",
		long:  "The format follows the file's ending: `.csv`, `.tsv`, `.parquet`, `.json`, `.ndjson`, `.xlsx` (each also with `.gz` or `.zst` where it is text). All rows are written, not only those shown.\n\n```\n%export 'sales.parquet'\nSELECT * FROM sales\n```",
		args: slices.Concat(one(sqltext.ArgFile), flags("overwrite"),
			[]sqltext.MagicArg{{Name: "format", Values: []string{"csv", "parquet", "json", "ndjson", "tsv", "xlsx"}}}),
		run: (*run).export,
	}
}

// exportFormats are COPY's options for each format.
var exportFormats = map[string]string{
	"csv": "FORMAT csv, HEADER", "tsv": "FORMAT csv, HEADER, DELIMITER '\t'", "parquet": "FORMAT parquet, COMPRESSION zstd",
	"json": "FORMAT json, ARRAY true", "ndjson": "FORMAT json", "jsonl": "FORMAT json", "xlsx": "FORMAT xlsx, HEADER true",
}

func (r *run) export(ctx context.Context, c call) error {
	words := c.words()
	if len(words) != 1 || words[0].Value == "" {
		return r.usage(c, -1, "%export takes the name of one file")
	}
	file, err := r.expand(ctx, words[0].Value)
	if err != nil {
		return err
	}
	file = within(r.opts.Directory, file)
	format := formatOf(file)
	if a, ok := c.option("format"); ok {
		format = strings.ToLower(a.Value)
		if exportFormats[format] == "" {
			return r.usage(c, a.ValueStart, "there is no format "+a.Value)
		}
	}
	options := exportFormats[format]
	if options == "" {
		return r.usage(c, words[0].Start, "the file's ending does not tell its format")
	}
	overwrite := c.flag("overwrite")
	return r.below(c, func(ctx context.Context, stmt statement) error {
		if err := r.requireQuery("export", stmt); err != nil {
			return err
		}
		if !overwrite && !strings.Contains(file, "://") {
			if _, err := os.Stat(file); err == nil {
				return r.fail(words[0].Start, "FileExists", "the file "+file+" is there already", "add --overwrite to replace it")
			}
		}
		if format == "xlsx" { // DuckDB loads an extension by itself for reading only
			if err := r.exec(ctx, "LOAD excel", nil); err != nil {
				return r.failureOf(ctx, err, statement{start: -1}, nil)
			}
		}
		began := time.Now()
		return r.ofQuery(ctx, stmt,
			func(q string) string {
				return "COPY (" + q + "\n) TO " + sqltext.QuoteString(file) + " (" + options + ")"
			},
			func(ctx context.Context, sql string) error {
				res, err := r.session.Query(ctx, engine.Query{SQL: sql})
				if err != nil {
					return err
				}
				defer res.Close()
				size := ""
				if info, err := os.Stat(file); err == nil {
					size = ", " + byteSize(info.Size())
				}
				r.screen.stream("stdout", fmt.Sprintf("%s written to %s (%s%s, %s)\n", rowsText(res.RowsChanged()), words[0].Value, format, size, time.Since(began).Round(time.Millisecond)))
				return nil
			})
	})
}

// formatOf is the format that a file's name tells, also behind .gz and .zst.
func formatOf(file string) string {
	name := strings.ToLower(file)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	return strings.TrimPrefix(filepath.Ext(name), ".")
}

func rowsText(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

func byteSize(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
