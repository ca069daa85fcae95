package content

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// sealSetting names the key that seals tokens, which all servers of one store share.
const sealSetting = "seal"

// ensureSeal makes the key where there is none yet.
func ensureSeal(tx Tx) error {
	_, err := tx.Setting(sealSetting)
	if !isNotFound(err) {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	return tx.PutSetting(sealSetting, key)
}

// sealer is the store's key, read once.
func (a *access) sealer() (cipher.AEAD, error) {
	if known := a.s.seal.Load(); known != nil {
		return *known, nil
	}
	key, err := a.tx.Setting(sealSetting)
	if err != nil {
		return nil, fmt.Errorf("content: the store is not initialised: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("content: key of tokens: %w: %w", ErrCorrupt, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	a.s.seal.Store(&aead)
	return aead, nil
}

// seal makes a token of what its holder is not to read or change. Two tokens of the same text differ, so that they
// cannot even be compared. It opens as the same kind only.
func (a *access) seal(kind string, text []byte) (string, error) {
	aead, err := a.sealer()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(text)+aead.Overhead())
	_, _ = rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, text, []byte(kind))), nil
}

// unseal opens what seal gave; anything else is ErrInvalid.
func (a *access) unseal(kind, token string) ([]byte, error) {
	aead, err := a.sealer()
	if err != nil {
		return nil, err
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < aead.NonceSize() {
		return nil, fmt.Errorf("%w %s token", ErrInvalid, kind)
	}
	text, err := aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():], []byte(kind))
	if err != nil {
		return nil, fmt.Errorf("%w %s token", ErrInvalid, kind)
	}
	return text, nil
}

func (a *access) sealSeq(kind string, seq int64) (string, error) {
	return a.seal(kind, binary.BigEndian.AppendUint64(nil, uint64(seq)))
}

func (a *access) unsealSeq(kind, token string) (int64, error) {
	text, err := a.unseal(kind, token)
	if err != nil {
		return 0, err
	}
	if len(text) != 8 {
		return 0, fmt.Errorf("%w %s token", ErrInvalid, kind)
	}
	return int64(binary.BigEndian.Uint64(text)), nil
}
