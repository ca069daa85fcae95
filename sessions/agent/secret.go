package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Secrets are what of a session is on no disk. An agent reads them from its standard input as it starts, and keeps them in
// memory for every kernel that it starts.
type Secrets struct {
	// Env are environment variables of the kernel beside Spec.Env, as NAME=VALUE.
	Env []string `json:"env,omitempty"`
	// Masked are values that are hidden in all that the kernel says, beside those of Env.
	Masked []string `json:"masked,omitempty"`
}

// maxSecrets bounds the secrets' JSON.
const maxSecrets = 16 << 20

// ReadSecrets reads what Secrets marshals to; nothing at all is no secrets.
func ReadSecrets(r io.Reader) (Secrets, error) {
	var s Secrets
	err := json.NewDecoder(io.LimitReader(r, maxSecrets)).Decode(&s)
	if err != nil && !errors.Is(err, io.EOF) {
		return Secrets{}, fmt.Errorf("secrets: %w", err)
	}
	return s, nil
}

// values are all that is to be hidden.
func (s Secrets) values() []string {
	all := slices.Clone(s.Masked)
	for _, v := range s.Env {
		_, value, _ := strings.Cut(v, "=")
		all = append(all, value)
	}
	return all
}
