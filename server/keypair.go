package server

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// keyPair is a certificate that is read anew when its file changes, so that renewing it needs no restart.
type keyPair struct {
	certFile, keyFile string

	mu       sync.Mutex
	loaded   *tls.Certificate
	modified time.Time
}

func newKeyPair(certFile, keyFile string) (*keyPair, error) {
	p := &keyPair{certFile: certFile, keyFile: keyFile}
	_, err := p.certificate(nil)
	return p, err
}

// certificate is tls.Config's GetCertificate. A new file that cannot be read leaves the old certificate in use.
func (p *keyPair) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(p.certFile)
	if err == nil && (p.loaded == nil || !info.ModTime().Equal(p.modified)) {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(p.certFile, p.keyFile); err == nil {
			p.loaded, p.modified = &pair, info.ModTime()
		}
	}
	if p.loaded == nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return p.loaded, nil
}
