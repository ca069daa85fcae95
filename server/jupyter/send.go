package jupyter

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/server/web"
)

// stream is an answer in JSON that is written as its parts come.
type stream struct {
	w     http.ResponseWriter
	b     *bufio.Writer
	begun *begun
	err   error
}

// begun tells whether something of an answer was sent.
type begun struct {
	w    io.Writer
	head func()
	sent bool
}

// Write implements io.Writer.
func (b *begun) Write(p []byte) (int, error) {
	if !b.sent {
		b.sent = true
		b.head()
	}
	return b.w.Write(p)
}

// newStream begins an answer. Nothing is sent before its first 64 KiB are there, so that an error until then is answered
// as one.
func newStream(w http.ResponseWriter, kind string) *stream {
	b := &begun{w: web.Download(w), head: func() {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(http.StatusOK)
	}}
	return &stream{w: w, b: bufio.NewWriterSize(b, 64<<10), begun: b}
}

// Write implements io.Writer.
func (s *stream) Write(p []byte) (int, error) {
	n, err := s.b.Write(p)
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

func (s *stream) text(t string)  { _, _ = io.WriteString(s, t) } // the error is kept
func (s *stream) bytes(t []byte) { _, _ = s.Write(t) }

// fail ends an answer by an error: as one where nothing was sent yet, else by cutting it off.
func (s *stream) fail(r *http.Request, err error) error {
	if !s.begun.sent {
		return err
	}
	web.FromContext(r.Context()).Failure = err
	panic(http.ErrAbortHandler)
}

// end writes what follows the content, and all that was held back.
func (s *stream) end(r *http.Request, close string, m model) error {
	rest, err := m.rest()
	if err != nil {
		return s.fail(r, err)
	}
	s.text(close)
	s.bytes(rest)
	if s.err == nil {
		s.err = s.b.Flush()
	}
	if s.err != nil { // the client is gone
		return s.fail(r, s.err)
	}
	return nil
}

// sendNotebook sends a notebook with its content, in the newest minor version and marked as trusted or not.
func (s *Server) sendNotebook(w http.ResponseWriter, r *http.Request, n node, m model) error {
	nb, reading, done, err := s.readNotebook(r, n)
	if err != nil {
		return err
	}
	defer done()
	trusted, err := s.trusts(r.Context(), reading.Revision.Digest.String())
	if err != nil {
		return err
	}
	// What is described is what is sent, also where it was saved in between.
	m.Size, m.Format, m.Message = &reading.Revision.Size, ptr("json"), faults(nb)
	m.Mimetype = nil
	n.resource = reading.Resource
	n.resource.Digest = reading.Revision.Digest
	digest, modified, err := s.edited(r.Context(), n)
	if err != nil {
		return err
	}
	m.LastModified = date(modified)
	if m.Hash != nil { // the client means to save it
		m.hash(digest)
		if s.o.Recorder != nil {
			putMark(nb, s.tabs.mark(reading.Revision.ID))
		}
	}
	out := newStream(w, "application/json")
	out.text(`{"content":`)
	if err := notebook.WriteJSONTrusted(out, nb, trusted); err != nil {
		return out.fail(r, err)
	}
	return out.end(r, ",", m)
}

// readNotebook reads a notebook into memory, waiting while others take more than they may; done gives it back.
func (s *Server) readNotebook(r *http.Request, n node) (*notebook.Notebook, *content.Reading, func(), error) {
	if n.resource.Size > maxBody {
		return nil, nil, nil, &apiError{status: http.StatusRequestEntityTooLarge,
			message: fmt.Sprintf("%s has %d bytes; notebooks of at most %d can be opened", n.path, n.resource.Size, maxBody)}
	}
	weight := min(2*n.resource.Size+4096, maxAtATime)
	if err := s.memory.Acquire(r.Context(), weight); err != nil {
		return nil, nil, nil, err
	}
	done := func() { s.memory.Release(weight) }
	reading, text, err := s.readWhole(r, n, maxBody)
	if err != nil {
		done()
		return nil, nil, nil, err
	}
	nb, _, err := notebook.Read(text)
	if err != nil {
		done()
		return nil, nil, nil, badRequest("Unreadable Notebook: %s %v", n.path, err)
	}
	return nb, reading, done, nil
}

func (s *Server) readWhole(r *http.Request, n node, limit int64) (*content.Reading, []byte, error) {
	reading, err := s.o.Service.Read(r.Context(), n.resource.ID, content.ReadOptions{})
	if err != nil {
		return nil, nil, err
	}
	defer reading.Body.Close() // it only releases
	if reading.Size > limit {
		return nil, nil, content.ErrTooLarge
	}
	text := make([]byte, reading.Size)
	if _, err := io.ReadFull(reading.Body, text); err != nil {
		return nil, nil, err
	}
	return reading, text, nil
}

// inMemory is up to which size a file is read once; larger ones are read twice, to know first whether they are text.
const inMemory = 8 << 20

// sendFile sends a file with its content, as text or in base64.
func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, n node, m model, format string) error {
	var reading *content.Reading
	var body io.Reader
	isText := true
	if n.resource.Size <= inMemory {
		got, text, err := s.readWhole(r, n, inMemory)
		if err != nil {
			return err
		}
		reading, body, isText = got, bytes.NewReader(text), utf8.Valid(text)
	} else {
		if format != "base64" {
			first, err := s.o.Service.Read(r.Context(), n.resource.ID, content.ReadOptions{})
			if err != nil {
				return err
			}
			isText, err = allUTF8(first.Body)
			if err = errors.Join(err, first.Body.Close()); err != nil {
				return err
			}
		}
		again, err := s.o.Service.Read(r.Context(), n.resource.ID, content.ReadOptions{})
		if err != nil {
			return err
		}
		defer again.Body.Close() // it only releases
		reading, body = again, again.Body
	}
	switch {
	case format == "text" && !isText:
		return &apiError{status: http.StatusBadRequest, message: n.path + " is not UTF-8 encoded", reason: "bad format"}
	case format == "" && isText:
		format = "text"
	case format == "":
		format = "base64"
	}
	m.Format, m.Size = &format, &reading.Revision.Size
	if m.Mimetype = mimeOf(n.path); m.Mimetype == nil {
		m.Mimetype = ptr("text/plain")
		if format == "base64" {
			m.Mimetype = ptr("application/octet-stream")
		}
	}
	if m.Hash != nil {
		m.hash(reading.Revision.Digest)
	}
	out := newStream(w, "application/json")
	out.text(`{"content":"`)
	var err error
	if format == "base64" {
		encoder := base64.NewEncoder(base64.StdEncoding, out)
		if _, err = io.Copy(encoder, body); err == nil {
			err = encoder.Close()
		}
	} else {
		err = quoteText(out, body)
	}
	if err != nil {
		return out.fail(r, err)
	}
	return out.end(r, `",`, m)
}

// allUTF8 reports whether a text is UTF-8 all through.
func allUTF8(r io.Reader) (bool, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	for {
		c, size, err := b.ReadRune()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil || c == utf8.RuneError && size == 1 {
			return false, err
		}
	}
}

// quoteText writes a text as the inside of a JSON string.
func quoteText(w io.Writer, r io.Reader) error {
	buf := make([]byte, 32<<10)
	var out []byte
	for {
		n, err := r.Read(buf)
		out = out[:0]
		for _, c := range buf[:n] {
			switch {
			case c == '"' || c == '\\':
				out = append(out, '\\', c)
			case c == '\n':
				out = append(out, '\\', 'n')
			case c < ' ' || c == 0x7f:
				out = fmt.Appendf(out, `\u%04x`, c)
			default:
				out = append(out, c)
			}
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
