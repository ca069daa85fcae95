package sessions

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"
)

// OpenResult opens a result that the kernel has stored, by its reference. The file is the kernel's: what is in it may be
// anything. The caller closes it, and calls RemoveResult once it is kept.
func (s *Session) OpenResult(ref string) (io.ReadCloser, error) {
	name, err := s.resultFile(ref)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file", ref)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// RemoveResult removes the file of a result.
func (s *Session) RemoveResult(ref string) error {
	name, err := s.resultFile(ref)
	if err != nil {
		return err
	}
	return os.Remove(name)
}

func (s *Session) resultFile(ref string) (string, error) {
	id, err := uuid.Parse(ref)
	if err != nil || id.String() != ref {
		return "", fmt.Errorf("%w: result %.60q", ErrNotFound, ref)
	}
	return filepath.Join(s.handle.Dir, ResultDir, ref+".parquet"), nil
}
