package content

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"sextant/content/iam"
)

// Secret tells of a value that programs are given and nobody can read again.
type Secret struct {
	Name                 string
	SetBy                iam.Member
	CreatedAt, UpdatedAt time.Time
}

// Bounds of secrets. What is shorter could not be hidden in outputs without hiding half of what people write.
const (
	MinSecretSize = 4
	MaxSecretSize = 16 << 10
	MaxSecrets    = 200
	maxSecretName = 100
	// SecretKeySize is the size of the key that secrets are sealed with, in bytes: AES-256.
	SecretKeySize = 32
)

// OwnSecret begins the name by which an environment or a data source means a secret of whoever uses it: "own:NAME".
const OwnSecret = "own:"

// secretName is what a secret may be called.
var secretName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// CheckSecretName checks a secret's name. Errors wrap ErrInvalid.
func CheckSecretName(name string) error {
	if len(name) > maxSecretName || !secretName.MatchString(name) {
		return fmt.Errorf("%w name of a secret %.60q: want letters, digits, _, - and ., at most %d", ErrInvalid, name, maxSecretName)
	}
	return nil
}

// ErrNoSecretKey is for secrets on a server that was given no key for them.
var ErrNoSecretKey = errors.New("this server has no key for secrets; start it with --secrets-key-file")

// secretHolder finds who holds secrets: a resource, with the operation's permission on it, or the actor where id is empty.
func (a *access) secretHolder(op opName, id ResourceID) (string, error) {
	who, err := a.signedIn()
	if err != nil {
		return "", err
	}
	if id == "" {
		// A token that is limited to less than secrets is not to reach its principal's own either.
		if a.limited(a.s.operations[op]) {
			return "", ErrDenied
		}
		return string(who), nil
	}
	t, err := a.check(op, id)
	if err != nil {
		return "", err
	}
	if t.Type != Folder && t.Type != Environment && t.Type != DataSource {
		return "", fmt.Errorf("%w: folders, environments and data sources hold secrets, not a %s", ErrInvalid, t.Type)
	}
	return string(id), nil
}

// Secrets lists the secrets that a resource holds, or the actor's own where id is empty, by name, without their values.
func (s *Service) Secrets(ctx context.Context, id ResourceID) ([]Secret, error) {
	var out []Secret
	err := s.view(ctx, func(a *access) error {
		holder, err := a.secretHolder(opSecrets, id)
		if err != nil {
			return err
		}
		all, err := a.tx.Secrets(holder)
		for _, x := range all {
			out = append(out, x.Secret)
		}
		return err
	})
	return out, s.refused(ctx, opSecrets, id, err)
}

// PutSecret sets a secret of a resource, or one of the actor's own where id is empty. The value is text of MinSecretSize to
// MaxSecretSize bytes.
func (s *Service) PutSecret(ctx context.Context, id ResourceID, name, value string) error {
	err := s.update(ctx, func(a *access) error {
		holder, err := a.secretHolder(opPutSecret, id)
		if err != nil {
			return err
		}
		if err := CheckSecretName(name); err != nil {
			return err
		}
		if len(value) < MinSecretSize || len(value) > MaxSecretSize || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return fmt.Errorf("%w value of secret %s: want UTF-8 text of %d to %d bytes", ErrInvalid, name, MinSecretSize, MaxSecretSize)
		}
		sealed, err := s.sealSecret(holder, name, value)
		if err != nil {
			return err
		}
		all, err := a.tx.Secrets(holder)
		if err != nil {
			return err
		}
		known := false
		for _, x := range all {
			known = known || x.Name == name
		}
		if !known && len(all) >= MaxSecrets {
			return fmt.Errorf("%w: there are %d secrets here, which is the most; delete one", ErrTooLarge, MaxSecrets)
		}
		err = a.tx.PutSecret(holder, SealedSecret{Secret{name, a.subject.Principal, a.now, a.now}, sealed})
		if err != nil {
			return err
		}
		return a.log(opPutSecret, logged(id), detail("name", name))
	})
	return s.refused(ctx, opPutSecret, id, err)
}

// DeleteSecret removes a secret of a resource, or one of the actor's own where id is empty.
func (s *Service) DeleteSecret(ctx context.Context, id ResourceID, name string) error {
	err := s.update(ctx, func(a *access) error {
		holder, err := a.secretHolder(opDeleteSecret, id)
		if err != nil {
			return err
		}
		if err := a.tx.DeleteSecret(holder, name); err != nil {
			return err
		}
		return a.log(opDeleteSecret, logged(id), detail("name", name))
	})
	return s.refused(ctx, opDeleteSecret, id, err)
}

// logged is the resource that the audit log names where what was done may belong to none.
func logged(id ResourceID) ResourceID {
	if id == "" {
		return RootID
	}
	return id
}

// SecretError says why a secret that something names is not given.
type SecretError struct{ Name, Why string }

func (e *SecretError) Error() string {
	return fmt.Sprintf("the secret %q is not there: %s", e.Name, e.Why)
}

// UseSecret gives the value of a secret that an environment or a data source names, to the code that starts a kernel for the
// actor, who has been given it by UseEnvironment or UseDataSource. A name is looked for in that resource itself, then in the
// folders that it stands in, the nearest first; whoever saved the revision must have secrets.use there, still: who may
// edit an environment in one folder cannot get at the secrets of another by naming them. A name with OwnSecret before it is
// a secret of the actor's own. What is not given is a *SecretError.
func (s *Service) UseSecret(ctx context.Context, by Used, name string) (string, error) {
	value := ""
	err := s.update(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		short, own := strings.CutPrefix(name, OwnSecret)
		if err := CheckSecretName(short); err != nil {
			return err
		}
		holder, found, err := "", SealedSecret{}, error(nil)
		if own {
			holder = string(who)
			found, err = a.tx.Secret(holder, short)
			if isNotFound(err) {
				return &SecretError{name, "set it as one of your own (sextant secret set " + short + ")"}
			}
		} else {
			holder, found, err = a.findSecret(by, short)
		}
		if err != nil {
			return err
		}
		if value, err = s.openSecret(holder, short, found.Sealed); err != nil {
			return err
		}
		return a.log(opUseSecret, by.Resource.ID, detail("name", name, "revision", by.Revision.ID))
	})
	return value, err
}

// findSecret looks for a secret in a resource and the folders above it.
func (a *access) findSecret(by Used, name string) (string, SealedSecret, error) {
	t, err := a.load(by.Resource.ID)
	if err != nil {
		return "", SealedSecret{}, err
	}
	author, err := a.subjectOf(by.Revision.Author)
	if err != nil {
		return "", SealedSecret{}, err
	}
	for i := len(t.Chain); i >= 0; i-- {
		holder := t.ID
		if i < len(t.Chain) {
			holder = t.Chain[i]
		}
		found, err := a.tx.Secret(string(holder), name)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return "", SealedSecret{}, err
		}
		place, err := a.load(holder)
		if err != nil {
			return "", SealedSecret{}, err
		}
		q, err := a.query(place, a.s.operations[opUseSecret], author)
		if err != nil {
			return "", SealedSecret{}, err
		}
		if !iam.Evaluate(q, a.roles, a.s.conditions) {
			return "", SealedSecret{}, &SecretError{name, fmt.Sprintf("%s, who saved %s, may not use the secrets of the folder that has it (secrets.use); somebody who may must save it",
				by.Revision.Author, by.Resource.Name)}
		}
		return string(holder), found, nil
	}
	return "", SealedSecret{}, &SecretError{name, fmt.Sprintf("set it on %s or on a folder above it", by.Resource.Name)}
}

func (s *Service) secretCipher() (cipher.AEAD, error) {
	if len(s.options.SecretKey) != SecretKeySize {
		return nil, ErrNoSecretKey
	}
	block, err := aes.NewCipher(s.options.SecretKey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealSecret encrypts a value (AES-256-GCM) so that it opens in its place only, under its name.
func (s *Service) sealSecret(holder, name, value string) ([]byte, error) {
	aead, err := s.secretCipher()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(value)+aead.Overhead())
	_, _ = rand.Read(nonce) // never fails: it ends the program instead
	return aead.Seal(nonce, nonce, []byte(value), []byte("secret\x00"+holder+"\x00"+name)), nil
}

func (s *Service) openSecret(holder, name string, sealed []byte) (string, error) {
	aead, err := s.secretCipher()
	if err != nil {
		return "", err
	}
	if len(sealed) < aead.NonceSize() {
		return "", fmt.Errorf("secret %s: %w", name, ErrCorrupt)
	}
	text, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte("secret\x00"+holder+"\x00"+name))
	if err != nil {
		return "", &SecretError{name, "it was sealed with another key than this server has (--secrets-key-file); set it anew"}
	}
	return string(text), nil
}
