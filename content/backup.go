package content

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"
)

// A backup is a tar archive that every tool can look into: rows/000001.ndjson and on, each line a table's name and one
// row; then blobs/<digest>, the content; and manifest.json at its end, without which it is no backup but the beginning
// of one. It does not depend on the database: a backup of SQLite can be restored into PostgreSQL.
const (
	backupFormat   = 1
	backupRows     = "rows/"
	backupBlobs    = "blobs/"
	backupManifest = "manifest.json"
	// backupChunk is how many bytes of rows are held; an archive's member needs its size beforehand.
	backupChunk = 4 << 20
	// backupHeld is up to which size a blob is held, instead of being read twice: once to find it whole.
	backupHeld = 4 << 20
)

// BackupManifest ends a backup and says what is in it.
type BackupManifest struct {
	Format  int       `json:"format"`
	Made    time.Time `json:"made"`
	Rows    int64     `json:"rows"`
	RowsSHA string    `json:"rowsSha256"`
	Blobs   int64     `json:"blobs"`
	// Damaged lists blobs that could not be read back whole and are not in the backup.
	Damaged []string `json:"damaged,omitempty"`
}

// Backup writes everything to w while the service goes on: all rows as they are at one moment, and all content that
// they use. It holds a few MiB. The collector is kept off for its grace, within which the backup must end.
func (s *Service) Backup(ctx context.Context, w io.Writer) (BackupManifest, error) {
	m := BackupManifest{Format: backupFormat, Made: s.now()}
	if err := s.observer.flush(ctx); err != nil {
		return m, err
	}
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opBackup); err != nil {
			return err
		}
		if err := a.tx.TouchBlobs(a.s.now()); err != nil {
			return err
		}
		return a.log(opBackup, RootID, nil)
	})
	if err != nil {
		return m, s.refused(ctx, opBackup, "", err)
	}
	archive := tar.NewWriter(w)
	rows := &rowWriter{archive: archive, made: m.Made, sum: sha256.New()}
	err = s.store.View(ctx, func(tx Tx) error {
		if err := tx.Dump(rows.add); err != nil {
			return err
		}
		return rows.flush()
	})
	if err != nil {
		return m, err
	}
	m.Rows, m.RowsSHA = rows.count, fmt.Sprintf("%x", rows.sum.Sum(nil))
	// Blobs that are noted meanwhile come along too; none that the rows use can go.
	for lo := 0; lo < 256; lo++ {
		var digests []Digest
		err := s.store.View(ctx, func(tx Tx) error {
			digests = digests[:0]
			return tx.EachBlob(s.now().AddDate(1, 0, 0), byte(lo), byte(lo), func(d Digest) error {
				digests = append(digests, d)
				return nil
			})
		})
		if err != nil {
			return m, err
		}
		for _, d := range digests {
			err := s.backUpBlob(ctx, archive, d, m.Made)
			switch {
			case errors.Is(err, ErrCorrupt) || isNotFound(err):
				m.Damaged = append(m.Damaged, d.String())
			case err != nil:
				return m, err
			default:
				m.Blobs++
			}
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	if err := addMember(archive, backupManifest, m.Made, int64(len(text)), bytes.NewReader(text)); err != nil {
		return m, err
	}
	return m, archive.Close()
}

// backUpBlob adds one blob, of which nothing is written before all of it has been found whole.
func (s *Service) backUpBlob(ctx context.Context, archive *tar.Writer, d Digest, made time.Time) error {
	info, err := s.blobs.Stat(ctx, d)
	if err != nil {
		return err
	}
	name := backupBlobs + d.String()
	if info.Size > backupHeld {
		if _, err := s.probe(ctx, d, true); err != nil {
			return err
		}
		r, err := s.blobs.Open(ctx, d, 0, -1)
		if err != nil {
			return err
		}
		return errors.Join(addMember(archive, name, made, info.Size, r), r.Close())
	}
	r, err := s.blobs.Open(ctx, d, 0, -1)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	return addMember(archive, name, made, int64(len(b)), bytes.NewReader(b))
}

func addMember(archive *tar.Writer, name string, made time.Time, size int64, r io.Reader) error {
	err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: size, ModTime: made.Truncate(time.Second)})
	if err != nil {
		return fmt.Errorf("content: backup: %w", err)
	}
	if _, err := io.Copy(archive, r); err != nil {
		return fmt.Errorf("content: backup: %s: %w", name, err)
	}
	return nil
}

// rowWriter collects rows into members of an archive.
type rowWriter struct {
	archive *tar.Writer
	made    time.Time
	sum     hash.Hash
	buf     bytes.Buffer
	members int
	count   int64
}

// backupBytes is a []byte in a row, so that it is told from a string.
type backupBytes struct {
	Bytes []byte `json:"b"`
}

func (w *rowWriter) add(table string, row []any) error {
	line := make([]any, 0, len(row)+1)
	line = append(line, table)
	for _, v := range row {
		if b, ok := v.([]byte); ok {
			v = backupBytes{b}
		}
		line = append(line, v)
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	w.buf.Write(append(text, '\n'))
	w.count++
	if w.buf.Len() < backupChunk {
		return nil
	}
	return w.flush()
}

func (w *rowWriter) flush() error {
	if w.buf.Len() == 0 {
		return nil
	}
	w.members++
	w.sum.Write(w.buf.Bytes())
	err := addMember(w.archive, fmt.Sprintf("%s%06d.ndjson", backupRows, w.members), w.made, int64(w.buf.Len()), &w.buf)
	w.buf.Reset()
	return err
}

// RestoreBackup reads a backup into an empty store and a blob store, which need not be empty. All rows come in one
// transaction, after all content: so a restore that fails, as over a backup that is cut or changed, leaves the store
// empty. It is called by the program that owns both, before a Service is made of them.
func RestoreBackup(ctx context.Context, store Store, blobs Blobs, r io.Reader) (BackupManifest, error) {
	var m BackupManifest
	err := store.Update(ctx, func(tx Tx) error {
		load, err := tx.Load()
		if err != nil {
			return err
		}
		sum := sha256.New()
		var rows, count int64
		for archive := tar.NewReader(r); ; {
			h, err := archive.Next()
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("%w: it has no end", ErrInvalid)
			}
			if err != nil {
				return fmt.Errorf("%w: %v", ErrInvalid, err)
			}
			switch {
			case strings.HasPrefix(h.Name, backupRows):
				if h.Size > 64*backupChunk {
					return fmt.Errorf("%w: %s: %w", ErrInvalid, h.Name, ErrTooLarge)
				}
				n, err := loadRows(io.TeeReader(archive, sum), load)
				if err != nil {
					return fmt.Errorf("%s: %w", h.Name, err)
				}
				rows += n
			case strings.HasPrefix(h.Name, backupBlobs):
				info, err := blobs.Put(ctx, archive)
				if err != nil {
					return err
				}
				if info.Digest.String() != strings.TrimPrefix(h.Name, backupBlobs) {
					return fmt.Errorf("%w: %s", ErrCorrupt, h.Name)
				}
				count++
			case h.Name == backupManifest:
				if err := json.NewDecoder(io.LimitReader(archive, 64<<20)).Decode(&m); err != nil {
					return fmt.Errorf("%w manifest: %v", ErrInvalid, err)
				}
				switch {
				case m.Format != backupFormat:
					return fmt.Errorf("%w: format %d", ErrInvalid, m.Format)
				case m.Rows != rows || m.Blobs != count || m.RowsSHA != fmt.Sprintf("%x", sum.Sum(nil)):
					return fmt.Errorf("%w: its content is not that of its manifest", ErrCorrupt)
				}
				return nil
			default:
				return fmt.Errorf("%w: member %.60q", ErrInvalid, h.Name)
			}
		}
	})
	if err != nil {
		return m, fmt.Errorf("content: restore: %w", err)
	}
	return m, nil
}

func loadRows(r io.Reader, load func(string, []any) error) (int64, error) {
	var n int64
	for d := json.NewDecoder(r); ; n++ {
		var line []json.RawMessage
		err := d.Decode(&line)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil || len(line) < 2 {
			return n, fmt.Errorf("%w row: %v", ErrInvalid, err)
		}
		var table string
		if err := json.Unmarshal(line[0], &table); err != nil {
			return n, fmt.Errorf("%w row: %v", ErrInvalid, err)
		}
		row := make([]any, len(line)-1)
		for i, text := range line[1:] {
			if row[i], err = loadValue(text); err != nil {
				return n, fmt.Errorf("%w row of %.40q: %v", ErrInvalid, table, err)
			}
		}
		if err := load(table, row); err != nil {
			return n, err
		}
	}
}

func loadValue(text json.RawMessage) (any, error) {
	switch text[0] {
	case 'n':
		return nil, nil
	case '"':
		var s string
		err := json.Unmarshal(text, &s)
		return s, err
	case '{':
		var b backupBytes
		err := json.Unmarshal(text, &b)
		if b.Bytes == nil {
			b.Bytes = []byte{}
		}
		return b.Bytes, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}
