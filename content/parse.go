package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Parsed is what a format makes of content.
type Parsed struct {
	// Write writes the content in its normal form, which is stored in its stead; nil keeps the bytes as they came. It is
	// called once, before what was parsed is used again.
	Write func(io.Writer) error
	// Source and Outputs are what is searched, as in Format.Text.
	Source, Outputs string
	// Problem is as in Revision.
	Problem string
}

const (
	// parsedAtOnce is how many bytes of content may be in memory to be parsed at a time, by all saves together; what is
	// larger by itself waits until it is alone. Parsing takes some four times as much.
	parsedAtOnce = 32 << 20
	// heldAtOnce is the largest upload that is held in memory while it arrives; a larger one goes to a file.
	heldAtOnce = 128 << 10
)

// upload is content that has arrived, all of it or the first limit bytes.
type upload struct {
	head []byte   // all of it, where it is small
	file *os.File // all of it from its start, or nil
	size int64
	// more is what has not been read yet; nil at the content's end.
	more io.Reader
}

// receive takes content in until its end or just past limit, without holding more than heldAtOnce. The file it may
// take has no name any longer, so it is gone however the program ends. The caller closes the upload.
func (s *Service) receive(content io.Reader, limit int64) (_ *upload, err error) {
	var head bytes.Buffer
	u := &upload{}
	defer func() {
		if err != nil {
			err = errors.Join(err, u.close())
		}
	}()
	n, err := io.CopyN(&head, content, heldAtOnce)
	u.head, u.size = head.Bytes(), n
	if errors.Is(err, io.EOF) {
		return u, nil
	}
	if err != nil {
		return u, err
	}
	if u.file, err = os.CreateTemp(s.options.Scratch, "upload-"); err != nil {
		return u, fmt.Errorf("content: upload: %w", err)
	}
	if err := os.Remove(u.file.Name()); err != nil {
		return u, fmt.Errorf("content: upload: %w", err)
	}
	// Many may wait for their turn to be parsed: what they wait with is in the file.
	if _, err := head.WriteTo(u.file); err != nil {
		return u, fmt.Errorf("content: upload: %w", err)
	}
	u.head = nil
	n, err = io.CopyN(u.file, content, limit+1-u.size)
	u.size += n
	if errors.Is(err, io.EOF) {
		err = nil
	} else if err == nil {
		u.more = content
	}
	if err != nil {
		return u, err
	}
	_, err = u.file.Seek(0, io.SeekStart)
	return u, err
}

// reader gives all of the content; it can be asked for once.
func (u *upload) reader() io.Reader {
	var parts []io.Reader
	if u.file != nil {
		parts = append(parts, u.file)
	} else {
		parts = append(parts, bytes.NewReader(u.head))
	}
	if u.more != nil {
		parts = append(parts, u.more)
	}
	return io.MultiReader(parts...)
}

// bytes gives what arrived as one slice.
func (u *upload) bytes() ([]byte, error) {
	if u.file == nil {
		return u.head, nil
	}
	b := make([]byte, u.size)
	_, err := io.ReadFull(u.file, b)
	return b, err
}

func (u *upload) close() error {
	if u.file == nil {
		return nil
	}
	return u.file.Close()
}

// keepParsed stores content of a format that parses, in its normal form where it is in order and as it came where not.
func (s *Service) keepParsed(ctx context.Context, t Type, content io.Reader, base Layout) (w written, text SearchText, err error) {
	f := s.formats[t]
	limit := s.maxParsed(f)
	u, err := s.receive(content, limit)
	if err != nil {
		return w, text, err
	}
	defer func() { err = errors.Join(err, u.close()) }()
	if u.size > limit {
		w, err = write(ctx, s.blobs, f.Split, u.reader(), s.options.MaxSize, s.options.MaxHeld, base)
		if err != nil {
			return w, text, err
		}
		w.problem = fmt.Sprintf("it is larger than %d bytes, and was not looked into", limit)
		text, err = s.text(ctx, t, w.layout)
		return w, text, err
	}
	weight := min(u.size, parsedAtOnce)
	if err := s.parsing.Acquire(ctx, weight); err != nil {
		return w, text, err
	}
	defer s.parsing.Release(weight)
	b, err := u.bytes()
	if err != nil {
		return w, text, err
	}
	parsed := f.Parse(b)
	from := io.Reader(bytes.NewReader(b))
	var made *io.PipeReader
	switch {
	case parsed.Write == nil:
	case len(b) <= smallContent: // handing over between goroutines costs more than holding it
		var normal bytes.Buffer
		normal.Grow(len(b) + len(b)/8)
		if err := parsed.Write(&normal); err != nil {
			return w, text, err
		}
		from = &normal
	default:
		var into *io.PipeWriter
		made, into = io.Pipe()
		go func() { into.CloseWithError(parsed.Write(into)) }()
		from = made
	}
	w, err = write(ctx, s.blobs, f.Split, from, s.options.MaxSize, s.options.MaxHeld, base)
	if made != nil {
		err = errors.Join(err, made.Close()) // whoever still writes learns that nobody reads
	}
	w.problem = parsed.problem()
	return w, SearchText{Source: parsed.Source, Outputs: parsed.Outputs}.Bound(), err
}

func (p Parsed) problem() string {
	text := strings.ReplaceAll(strings.ToValidUTF8(p.Problem, "\uFFFD"), "\x00", " ")
	if len(text) > MaxProblemLength {
		text = strings.ToValidUTF8(text[:MaxProblemLength-3], "") + "…"
	}
	return text
}

// maxParsed bounds the content of a format that is parsed.
func (s *Service) maxParsed(f Format) int64 { return min(f.MaxParsed, s.options.MaxSize) }

// parsedText reads what is searched of stored content of a format that parses.
func (s *Service) parsedText(ctx context.Context, f Format, content io.Reader, size int64) (SearchText, error) {
	weight := min(size, parsedAtOnce)
	if err := s.parsing.Acquire(ctx, weight); err != nil {
		return SearchText{}, err
	}
	defer s.parsing.Release(weight)
	b := make([]byte, size)
	if _, err := io.ReadFull(content, b); err != nil {
		return SearchText{}, err
	}
	parsed := f.Parse(b)
	return SearchText{Source: parsed.Source, Outputs: parsed.Outputs}.Bound(), nil
}
