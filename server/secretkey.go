package server

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sextant/content"
)

// secretKey reads the key that seals secrets, from a file that only its owner may read; where make is set, one that is not
// there is made.
func secretKey(file string, make bool) ([]byte, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && make {
		key := []byte(nil)
		if key, err = newSecretKey(file); errors.Is(err, fs.ErrExist) { // another process was faster
			text, err = os.ReadFile(file)
		} else if err == nil {
			return key, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("secrets-key-file: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("secrets-key-file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("secrets-key-file: others may read %s; chmod 600 keeps it to its owner", file)
	}
	if len(text) == content.SecretKeySize {
		return text, nil
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != content.SecretKeySize {
		return nil, fmt.Errorf("secrets-key-file: %s holds no key: want %d bytes, or as many in hexadecimal (openssl rand -hex 32)", file, content.SecretKeySize)
	}
	return key, nil
}

// newSecretKey makes a key in a file, whole or not at all.
func newSecretKey(file string) ([]byte, error) {
	key := make([]byte, content.SecretKeySize)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	f, err := os.CreateTemp(filepath.Dir(file), "secrets-key-")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return key, os.Link(f.Name(), file)
}
