package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"sextant/content"
)

// Bounds of a password, in characters and bytes.
const (
	MinPassword = 10
	MaxPassword = 1024
)

// Costs of argon2id, as OWASP's password storage cheat sheet gives them: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 << 10
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

// Passwords hashes and compares passwords, a few at a time: each takes memory and a processor's time that an attacker
// should not be able to multiply.
type Passwords struct {
	slots chan struct{}
	// decoy is compared with where there is no hash, so that the time tells nothing.
	decoy string
}

// NewPasswords compares as many passwords at once as there are processors.
func NewPasswords() *Passwords {
	p := &Passwords{slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))}
	p.decoy = encodeHash("sextant", make([]byte, argonSalt), argonMemory, argonPasses, argonLanes)
	return p
}

// Hash gives the argon2id string of a new password in the PHC format. A password out of bounds is content.ErrInvalid.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPassword || len(password) > MaxPassword {
		return "", fmt.Errorf("%w password: want %d characters or more, %d bytes at most", content.ErrInvalid, MinPassword, MaxPassword)
	}
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	return encodeHash(password, salt, argonMemory, argonPasses, argonLanes), nil
}

// Matches compares a password with an argon2id string. An empty or malformed one matches nothing, in the same time.
func (p *Passwords) Matches(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > MaxPassword {
		return false, nil
	}
	if err := p.enter(ctx); err != nil {
		return false, err
	}
	defer p.leave()
	salt, memory, passes, lanes, ok := decodeHash(hash)
	if !ok {
		hash = p.decoy
		salt, memory, passes, lanes, _ = decodeHash(hash)
	}
	same := subtle.ConstantTimeCompare([]byte(encodeHash(password, salt, memory, passes, lanes)), []byte(hash)) == 1
	return same && ok, nil
}

func (p *Passwords) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Passwords) leave() { <-p.slots }

func encodeHash(password string, salt []byte, memory, passes uint32, lanes uint8) string {
	key := argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// decodeHash reads the costs and salt of a hash. What would cost more than a server should spend is not read.
func decodeHash(hash string) (salt []byte, memory, passes uint32, lanes uint8, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, 0, 0, 0, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); n != 3 || err != nil {
		return nil, 0, 0, 0, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	ok = err == nil && memory >= 8 && memory <= 1<<20 && passes >= 1 && passes <= 20 && lanes >= 1
	return salt, memory, passes, lanes, ok
}
