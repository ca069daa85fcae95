package agent

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes hold of a file for as long as this process lives.
func lockFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Alive reports whether the agent of the session in a directory lives.
func Alive(lock string) bool {
	f, err := os.OpenFile(lock, os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}
