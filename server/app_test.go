package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant/content"
	"sextant/server"
	"sextant/server/servertest"
)

func TestSamples(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.Samples = true })
	ana := s.User("ana@x.org")
	page := s.Want(http.StatusOK, ana, "GET", "v1/resources?fields=name,type&pageSize=100", nil)
	for _, want := range []string{`{"name":"flights.ipynb","type":"notebook"}`, `{"name":"delays.sql","type":"sql"}`, `{"name":"flights.parquet","type":"file"}`} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("whoever signs in does not see %s: %s", want, page.Text)
		}
	}
	id := s.Want(http.StatusOK, ana, "GET", "v1/resolve?path=/Samples/flights.ipynb", nil).JSON(t)["id"].(string)
	s.Want(http.StatusOK, ana, "GET", "v1/resources/"+id+"/content", nil)
	s.Want(http.StatusForbidden, ana, "PUT", "v1/resources/"+id+"/content", "{}", "If-Match", "*")
	s.Want(http.StatusNotFound, "", "GET", "v1/resources/"+id, nil)
	if hits := s.Want(http.StatusOK, ana, "GET", "v1/search?q=delays+grow", nil); !strings.Contains(hits.Text, "flights.ipynb") {
		t.Errorf("what a notebook says is not found: %s", hits.Text)
	}
}

// TestRestartKeepsEverything opens a second server over the data of the first.
func TestRestartKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	first := servertest.Start(t, func(c *server.Config) { c.Data, c.Samples = dir, true })
	token := first.User("ana@x.org")
	id := first.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "name": "a.sql", "content": "select 1"}).JSON(t)["id"].(string)
	first.Stop()
	second := servertest.Start(t, func(c *server.Config) { c.Data, c.Samples = dir, true })
	if got := second.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/content", nil); got.Text != "select 1" {
		t.Errorf("%q", got.Text)
	}
	second.Want(http.StatusOK, token, "GET", "v1/me", nil)
	if page := second.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/root/children?fields=name", nil); strings.Count(page.Text, "Samples") != 1 {
		t.Errorf("samples were added again: %s", page.Text)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o077 != 0 && info.Mode().Perm() != 0o755 {
		t.Errorf("data directory %v %v", info.Mode(), err)
	}
}

// TestStopLetsRequestsEnd stops a server in the midst of an upload, which must still be answered. The client sends the body
// only once the server has begun to read it (Expect), so that the request is surely being answered when the server stops.
func TestStopLetsRequestsEnd(t *testing.T) {
	s := servertest.Start(t)
	body, w := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"v1/resources/root/documents?name=a.txt", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "token "+servertest.AdminToken)
	request.Header.Set("Expect", "100-continue")
	by := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer by.CloseIdleConnections()
	answered := make(chan string, 1)
	go func() {
		answer, err := by.RoundTrip(request)
		if err != nil {
			body.CloseWithError(err) // else the writes below would wait for ever
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		answered <- answer.Status + " " + string(text)
	}()
	if _, err := w.Write([]byte("first half, ")); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() { s.Stop(); close(stopped) }()
	// Once the server takes no more connections it is stopping.
	u := strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/")
	for {
		c, err := net.Dial("tcp", u)
		if err != nil {
			break
		}
		c.Close()
	}
	if _, err := w.Write([]byte("second half")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got := <-answered; !strings.HasPrefix(got, "201") || !strings.Contains(got, `"size":23`) {
		t.Error(got)
	}
	<-stopped
}

// certify writes a certificate for 127.0.0.1 and gives who trusts it.
func certify(t *testing.T, certFile, keyFile string, serial int64) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "sextant"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{keyFile: {Type: "PRIVATE KEY", Bytes: private}, certFile: {Type: "CERTIFICATE", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	trusted := certify(t, certFile, keyFile, 1)
	s := servertest.Start(t, func(c *server.Config) { c.TLSCert, c.TLSKey, c.SignInLink = certFile, keyFile, "always" })
	get := func(pool *x509.CertPool, url string) (*http.Response, error) {
		by := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
		defer by.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := by.RoundTrip(r)
		if err == nil {
			answer.Body.Close()
		}
		return answer, err
	}
	link, err := s.App.SignInURL(t.Context())
	if err != nil || !strings.HasPrefix(link, "https://") {
		t.Fatal(link, err)
	}
	answer, err := get(trusted, link)
	if err != nil || answer.ProtoMajor != 2 || len(answer.Cookies()) != 1 || !answer.Cookies()[0].Secure || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Fatalf("%v %+v", err, answer)
	}
	// A renewed certificate is used without a restart; one that cannot be read leaves the old one.
	renewed := certify(t, certFile, keyFile, 2)
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(certFile, later, later); err != nil {
		t.Fatal(err)
	}
	if _, err := get(renewed, s.URL+"healthz"); err != nil {
		t.Errorf("the renewed certificate: %v", err)
	}
	if _, err := get(trusted, s.URL+"healthz"); err == nil {
		t.Error("the old certificate is still used")
	}
	if err := os.WriteFile(certFile, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := get(renewed, s.URL+"healthz"); err != nil {
		t.Errorf("after a file that cannot be read: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	log := (&server.Config{LogLevel: "error"}).Logger()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	good := func() server.Config {
		return server.Config{Data: t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "/", Admin: "admin@localhost", Session: time.Hour, MaxSize: 1 << 20, TrashDays: 30}
	}
	for name, change := range map[string]func(*server.Config){
		"an address that is taken": func(c *server.Config) { c.Listen = busy.Addr().String() },
		"a certificate that is not there": func(c *server.Config) {
			c.TLSCert, c.TLSKey = filepath.Join(c.Data, "no"), filepath.Join(c.Data, "no")
		},
		"another kind of database": func(c *server.Config) { c.Database = "mysql://x" },
		"a data directory that is a file": func(c *server.Config) {
			c.Data = filepath.Join(c.Data, "file")
			if err := os.WriteFile(c.Data, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		c := good()
		change(&c)
		if err := c.Complete(); err != nil {
			t.Fatal(name, err)
		}
		if app, err := server.Open(ctx, c, log); err == nil {
			t.Errorf("%s: opened", name)
			if err := app.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	c := good()
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	app, err := server.Open(ctx, c, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Close(); err != nil { // without ever running
		t.Error(err)
	}
}

func TestReadiness(t *testing.T) {
	s := servertest.Start(t)
	s.Want(http.StatusOK, "", "GET", "readyz", nil)
	s.Want(http.StatusUnauthorized, "", "GET", "metrics", nil)
	ana := s.User("ana@x.org")
	s.Want(http.StatusForbidden, ana, "GET", "metrics", nil)
	figures := s.Want(http.StatusOK, servertest.AdminToken, "GET", "metrics", nil)
	if !strings.Contains(figures.Text, `sextant_http_request_duration_seconds_count{method="GET",route="GET /readyz",status="200"} 1`) {
		t.Errorf("figures: %.2000s", figures.Text)
	}
	s.Do("", "GET", "no/such/"+string(content.RootID), nil)
	if again := s.Want(http.StatusOK, servertest.AdminToken, "GET", "metrics", nil); strings.Contains(again.Text, "no/such") {
		t.Error("a client made a new series")
	}
	open := servertest.Start(t, func(c *server.Config) { c.OpenMetrics = true })
	open.Want(http.StatusOK, "", "GET", "metrics", nil)
}
