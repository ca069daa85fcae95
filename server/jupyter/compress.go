package jupyter

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

const (
	// maxCompressed bounds the compressed texts that are kept in memory; a page of JupyterLab needs about 2 MB of them.
	maxCompressed = 24 << 20
	// leastCompressed is below what compressing saves nothing.
	leastCompressed = 1 << 10
	// Of the levels, these take less time than the bytes that they save on a usual line.
	brotliLevel = 5
	gzipLevel   = 6
)

// compressed keeps texts compressed, by their digest: front-end files, schemas and translations are sent to everybody.
type compressed struct {
	mu    sync.Mutex
	known map[compressedKey]*list.Element
	order list.List // of *compressedText, last used first
	bytes int
}

type compressedKey struct {
	digest   [sha256.Size]byte
	encoding string
}

type compressedText struct {
	key  compressedKey
	once sync.Once
	text []byte
	kept bool
}

func newCompressed() *compressed { return &compressed{known: map[compressedKey]*list.Element{}} }

// encodingFor picks what a client takes: br, gzip or nothing.
func encodingFor(header string) string {
	best := ""
	for one := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(one, ";")
		if q, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
			if v, err := strconv.ParseFloat(q, 64); err != nil || v == 0 {
				continue
			}
		}
		switch name = strings.TrimSpace(name); {
		case name == "br":
			return name
		case name == "gzip":
			best = name
		}
	}
	return best
}

// get is a text in an encoding. Several who want the same wait for one.
func (c *compressed) get(text []byte, encoding string) []byte {
	key := compressedKey{sha256.Sum256(text), encoding}
	c.mu.Lock()
	at, ok := c.known[key]
	if !ok {
		at = c.order.PushFront(&compressedText{key: key})
		c.known[key] = at
	} else {
		c.order.MoveToFront(at)
	}
	one := at.Value.(*compressedText)
	c.mu.Unlock()
	one.once.Do(func() { one.text = compress(text, encoding) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[key] == at && !one.kept {
		one.kept = true
		c.bytes += len(one.text)
		for c.bytes > maxCompressed {
			last := c.order.Back()
			old := last.Value.(*compressedText)
			c.order.Remove(last)
			delete(c.known, old.key)
			if old.kept {
				c.bytes -= len(old.text)
			}
		}
	}
	return one.text
}

func compress(text []byte, encoding string) []byte {
	var b bytes.Buffer
	if encoding == "br" {
		w := brotli.NewWriterLevel(&b, brotliLevel)
		_, _ = w.Write(text) // a buffer takes everything
		_ = w.Close()
		return b.Bytes()
	}
	w, _ := gzip.NewWriterLevel(&b, gzipLevel) // the level exists
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// send answers with a text that may be compressed. The caller has set its type and how it is cached.
func (c *compressed) send(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if encoding := encodingFor(r.Header.Get("Accept-Encoding")); encoding != "" && len(text) >= leastCompressed && compressible(h.Get("Content-Type")) {
		if smaller := c.get(text, encoding); len(smaller) < len(text) {
			text = smaller
			h.Set("Content-Encoding", encoding)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // the client is gone
	}
}

// compressible reports whether texts of a type become smaller; pictures and fonts are compressed already.
func compressible(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	return strings.HasPrefix(kind, "text/") || kind == "image/svg+xml" || kind == "application/json" || kind == "application/javascript" ||
		kind == "application/manifest+json" || kind == "application/wasm"
}

// sendOnce is send for a text that no other request will want.
func (c *compressed) sendOnce(w http.ResponseWriter, r *http.Request, text []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if encoding := encodingFor(r.Header.Get("Accept-Encoding")); encoding != "" && len(text) >= leastCompressed {
		text = compress(text, encoding)
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // the client is gone
	}
}
