package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sextant/server/web"
)

// date is a time as all of Jupyter's APIs have it: UTC, with six digits after the second, since its gateway client reads
// no other form.
type date time.Time

const dateFormat = "2006-01-02T15:04:05.000000Z"

// MarshalJSON implements json.Marshaler.
func (d date) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(d).UTC().Format(dateFormat) + `"`), nil
}

// readBody reads a whole body of at most limit bytes, waiting while bodies take more memory than they may.
// done gives its memory back.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, done func(), err error) {
	size := r.ContentLength
	if size < 0 {
		size = limit
	}
	if size > limit {
		return nil, nil, &http.MaxBytesError{Limit: limit}
	}
	// What is made of a body takes about as much again.
	weight := min(2*size+4096, maxAtATime)
	if err := s.memory.Acquire(r.Context(), weight); err != nil {
		return nil, nil, err
	}
	done = func() { s.memory.Release(weight) }
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	from := web.Upload(w, r)
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(from, body)
		if err == nil { // so that the end is seen
			_, err = from.Read(make([]byte, 1))
			if errors.Is(err, io.EOF) {
				err = nil
			}
		}
	} else {
		body, err = io.ReadAll(from)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	// However long the body took, there is time for the answer.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(web.Patience)) // fails only for what is no connection
	return body, done, nil
}

// readJSON reads a small body into v, and reports whether there was one. Jupyter's clients send JSON under any type.
func (s *Server) readJSON(w http.ResponseWriter, r *http.Request, v any) (bool, error) {
	body, done, err := s.readBody(w, r, smallBody)
	if err != nil {
		return false, err
	}
	defer done()
	if len(body) == 0 || string(body) == "null" {
		return false, nil
	}
	if err := json.Unmarshal(body, v); err != nil {
		return false, badRequest("Invalid JSON in body of request: %v", err)
	}
	return true, nil
}

// splitObject finds the members of a JSON object, each as it stands in the text, which is not copied: a save of 20 MB
// has a few small members and one large one, which is read by who understands it. Where a name comes twice, the last
// counts. It checks no more of a value than where it ends.
func splitObject(text []byte) (map[string]json.RawMessage, error) {
	s := splitter{text: text}
	if s.space(); s.peek() != '{' {
		return nil, errors.New("not an object")
	}
	s.at++
	out := map[string]json.RawMessage{}
	for s.space(); s.peek() != '}'; s.space() {
		if len(out) > 0 {
			if s.peek() != ',' {
				return nil, s.fault("a comma")
			}
			s.at++
			s.space()
		}
		from := s.at
		if s.peek() != '"' || !s.quoted() {
			return nil, s.fault("a name")
		}
		var name string
		if err := json.Unmarshal(text[from:s.at], &name); err != nil {
			return nil, err
		}
		if s.space(); s.peek() != ':' {
			return nil, s.fault("a colon")
		}
		s.at++
		s.space()
		from = s.at
		if !s.value() {
			return nil, s.fault("a value")
		}
		out[name] = text[from:s.at]
	}
	s.at++
	if s.space(); s.at != len(text) {
		return nil, s.fault("the end")
	}
	return out, nil
}

type splitter struct {
	text []byte
	at   int
}

func (s *splitter) fault(want string) error { return fmt.Errorf("byte %d: want %s", s.at, want) }

func (s *splitter) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *splitter) space() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\n' || s.text[s.at] == '\t' || s.text[s.at] == '\r') {
		s.at++
	}
}

// quoted goes past a string.
func (s *splitter) quoted() bool {
	for i := s.at + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case '"':
			s.at = i + 1
			return true
		}
	}
	return false
}

// value goes past a value.
func (s *splitter) value() bool {
	depth := 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			if !s.quoted() {
				return false
			}
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			if depth == 0 {
				return false
			}
			depth--
			s.at++
		default:
			if depth > 0 {
				s.at++
				continue
			}
			from := s.at
			for s.at < len(s.text) && s.text[s.at] != ',' && s.text[s.at] != '}' && s.text[s.at] != ']' && s.text[s.at] > ' ' {
				s.at++
			}
			return s.at > from
		}
		if depth == 0 {
			return true
		}
	}
	return false
}
