package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sextant/content"
	"sextant/server"
)

// stores opens the data that the configuration names. The caller closes it.
func (f *serverFlags) stores(t *terminal) (*server.Stores, error) {
	config := f.Config
	if err := config.Complete(); err != nil {
		return nil, err
	}
	return server.OpenStores(t.ctx, config, config.Logger())
}

type backupCommand struct {
	serverFlags
	To string `arg:"" predictor:"file" help:"The archive to write, or - for standard output."`
}

// Run writes a backup; a server over the same data may run meanwhile. A file appears under its name only when it is whole.
func (c *backupCommand) Run(t *terminal) (err error) {
	stores, err := c.stores(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	ctx := content.WithMaintenance(t.ctx)
	if c.To == "-" {
		_, err := stores.Service.Backup(ctx, t.out)
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.To), filepath.Base(c.To)+".*.partial")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the rename
	m, err := stores.Service.Backup(ctx, f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.To); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: %d rows, %d blobs\n", c.To, m.Rows, m.Blobs)
	if len(m.Damaged) > 0 {
		return fmt.Errorf("%d blobs are damaged and not in the backup; sextant fsck names them", len(m.Damaged))
	}
	return nil
}

type restoreCommand struct {
	serverFlags
	From string `arg:"" predictor:"file" help:"The archive, or - for standard input."`
}

// Run reads a backup into empty stores.
func (c *restoreCommand) Run(t *terminal) error {
	config := c.Config
	if err := config.Complete(); err != nil {
		return err
	}
	from, err := input(t, c.From)
	if err != nil {
		return err
	}
	defer from.Close() // it only reads
	m, err := server.RestoreBackup(t.ctx, config, from)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "restored %d rows, %d blobs, as of %s\n", m.Rows, m.Blobs, m.Made.Format("2006-01-02 15:04:05 MST"))
	return nil
}

type fsckCommand struct {
	serverFlags
	Read   bool `help:"Read all content and compare it with its digest."`
	Repair bool `help:"Set right what can be derived from the rest."`
}

// Run looks for damage and names it.
func (c *fsckCommand) Run(t *terminal) (err error) {
	stores, err := c.stores(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	problems, left := 0, 0
	err = stores.Service.Check(content.WithMaintenance(t.ctx), content.CheckOptions{Read: c.Read, Repair: c.Repair}, func(p content.Problem) error {
		problems++
		state := "repaired"
		if !p.Repaired {
			state = "damaged"
			left++
		}
		blob := ""
		if p.Blob != (content.Digest{}) {
			blob = p.Blob.String()
		}
		_, err := fmt.Fprintf(t.out, "%s: %s resource=%s revision=%s blob=%s %s\n", state, p.Kind, p.Resource, p.Revision, blob, p.Detail)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%d problems, %d left\n", problems, left)
	if left > 0 {
		return fmt.Errorf("%d problems are left", left)
	}
	return nil
}
