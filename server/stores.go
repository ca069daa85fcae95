package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sextant/content"
	"sextant/content/store"
	"sextant/content/store/blob"
)

// Stores is the database and the content that a Config names, with the service over them: what an App serves, and what
// commands work on that need no server.
type Stores struct {
	Service *content.Service

	store content.Store
	blobs blob.Store
	// key seals secrets.
	key []byte
}

// OpenStores opens both and brings the database up to date. The configuration is complete. The caller closes them.
func OpenStores(ctx context.Context, c Config, log *slog.Logger) (_ *Stores, err error) {
	s := &Stores{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.open(ctx, c); err != nil {
		return nil, err
	}
	scratch := filepath.Join(c.Data, "tmp")
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	key, err := secretKey(c.SecretsKeyFile, c.SecretsKeyFile == filepath.Join(c.Data, "secrets.key"))
	if err != nil {
		return nil, err
	}
	s.key = key
	s.Service, err = content.New(content.Options{SecretKey: key, Store: s.store, Blobs: s.blobs, Formats: formats(), Log: log, MaxSize: c.MaxSize,
		TrashDays: c.TrashDays, AuditDays: c.AuditDays, ResultDays: c.ResultDays, InviteDomains: c.InviteDomains, ProviderDomains: c.providerDomains(), Scratch: scratch})
	return s, err
}

func (s *Stores) open(ctx context.Context, c Config) (err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if s.store, err = store.Open(ctx, c.Database); err != nil {
		return err
	}
	s.blobs, err = blob.Open(ctx, c.Blobs)
	return err
}

// RestoreBackup reads a backup into the stores that a configuration names; the database must be empty.
func RestoreBackup(ctx context.Context, c Config, r io.Reader) (m content.BackupManifest, err error) {
	s := &Stores{}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.open(ctx, c); err != nil {
		return m, err
	}
	return content.RestoreBackup(ctx, s.store, s.blobs, r)
}

// Trim gives back memory that the database driver keeps for later.
func (s *Stores) Trim(ctx context.Context) error {
	if t, ok := s.store.(interface{ Trim(context.Context) error }); ok {
		return t.Trim(ctx)
	}
	return nil
}

// Close writes what is still to be logged and releases both.
func (s *Stores) Close() error {
	var faults []error
	if s.Service != nil {
		// Whatever ended the work must not keep its log from being written.
		ctx, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		faults = append(faults, s.Service.Close(ctx))
	}
	if s.blobs != nil {
		faults = append(faults, s.blobs.Close())
	}
	if s.store != nil {
		faults = append(faults, s.store.Close())
	}
	return errors.Join(faults...)
}

// drain is how long requests may take to end when the server stops, and the log to be written.
const drain = 30 * time.Second
