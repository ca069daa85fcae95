package git

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Person is somebody as git knows them.
type Person struct{ Name, Email string }

// ParsePerson reads "Ana <ana@x.org>"; what has no address is a name.
func ParsePerson(s string) Person {
	name, rest, ok := strings.Cut(s, "<")
	if !ok {
		return Person{Name: strings.TrimSpace(s)}
	}
	email, _, _ := strings.Cut(rest, ">")
	return Person{strings.TrimSpace(name), strings.TrimSpace(email)}
}

// String writes the person as git does, without what git cannot keep.
func (p Person) String() string {
	clean := func(s string) string {
		return strings.TrimSpace(strings.Map(func(r rune) rune {
			if r == '<' || r == '>' || unicode.IsControl(r) {
				return -1
			}
			return r
		}, s))
	}
	return strings.TrimLeft(clean(p.Name)+" <"+clean(p.Email)+">", " ")
}

// Commit is one step of a history.
type Commit struct {
	Author      Person
	AuthoredAt  time.Time
	Committer   Person
	CommittedAt time.Time
	Message     string
	// Files are those that it adds or changes, by their path, each with the mark that Blob gave. Without any the commit
	// changes nothing.
	Files map[string]int
}

// Writer writes a new repository, through a running git fast-import. Its methods stop at the first error and give it again.
type Writer struct {
	dir    string
	branch string
	cmd    *exec.Cmd
	said   complaints
	stdin  io.WriteCloser
	w      *bufio.Writer
	marks  int
	err    error
}

// Create makes a repository in a directory, which must be empty, and begins writing its one branch. The caller ends it with
// Close or Abort.
func Create(ctx context.Context, dir, branch string) (*Writer, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty: a history is written into a directory of its own", dir)
	}
	if _, err := run(ctx, dir, "init", "--quiet", "--template=", "--initial-branch="+branch); err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, branch: branch}
	if w.cmd, err = program(ctx, dir, "fast-import", "--quiet", "--done"); err != nil {
		return nil, err
	}
	w.cmd.Stderr = &w.said
	if w.stdin, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("git fast-import: %w", err)
	}
	w.w = bufio.NewWriterSize(w.stdin, 64<<10)
	return w, nil
}

func (w *Writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}

// data writes a counted text.
func (w *Writer) data(text string) { w.printf("data %d\n%s\n", len(text), text) }

// Blob writes content of a size known beforehand and gives its mark. It holds none of it. An error of r ends the writing:
// the stream cannot be taken up again.
func (w *Writer) Blob(size int64, r io.Reader) (int, error) {
	w.marks++
	w.printf("blob\nmark :%d\ndata %d\n", w.marks, size)
	if w.err == nil {
		var n int64
		if n, w.err = io.Copy(w.w, io.LimitReader(r, size)); w.err == nil && n < size {
			w.err = fmt.Errorf("content of %d bytes ended after %d", size, n)
		}
	}
	w.printf("\n")
	return w.marks, w.err
}

// Commit writes a commit on top of the branch and gives its mark.
func (w *Writer) Commit(c Commit) (int, error) {
	w.marks++
	w.printf("commit refs/heads/%s\nmark :%d\nauthor %s\ncommitter %s\n", w.branch, w.marks, stamp(c.Author, c.AuthoredAt), stamp(c.Committer, c.CommittedAt))
	w.data(c.Message)
	for path, mark := range c.Files {
		w.printf("M 100644 :%d %s\n", mark, quote(path))
	}
	w.printf("\n")
	return w.marks, w.err
}

// Tag writes an annotated tag on a commit, by its mark. Each name can be given once.
func (w *Writer) Tag(name string, commit int, by Person, at time.Time, message string) error {
	w.printf("tag %s\nfrom :%d\ntagger %s\n", name, commit, stamp(by, at))
	w.data(message)
	return w.err
}

// Close ends the writing and checks the branch out. The repository is whole where it gives no error.
func (w *Writer) Close(ctx context.Context) error {
	w.printf("done\n")
	err := w.err
	if err == nil {
		err = w.w.Flush()
	}
	err = errors.Join(err, w.stdin.Close())
	// What the program says tells more than that it reads no longer.
	if ended := w.said.failed("fast-import", w.cmd.Wait()); ended != nil {
		err = errors.Join(ended, err)
	}
	if err != nil {
		return errors.Join(err, w.remove())
	}
	if w.marks == 0 {
		return nil
	}
	_, err = run(ctx, w.dir, "reset", "--quiet", "--hard", w.branch)
	return err
}

// Abort ends the writing and removes the repository.
func (w *Writer) Abort() error {
	_ = w.stdin.Close() // the program ends by it
	_ = w.cmd.Wait()    // without "done" it ends in an error
	return w.remove()
}

func (w *Writer) remove() error { return os.RemoveAll(filepath.Join(w.dir, ".git")) }

// stamp is a person at a time. Git keeps seconds, none before 1970.
func stamp(p Person, at time.Time) string {
	_, offset := at.Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%s %d %c%02d%02d", p, max(0, at.Unix()), sign, offset/3600, offset/60%60)
}

// quote writes a path as C does, in quotes, so that any byte can be in it.
func quote(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(path) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// RefName makes part of a tag's name of any text: what git does not take is written as %XX, so that different texts never
// give one name. A very long text is cut, with a digest in place of the rest.
func RefName(s string) string {
	var b strings.Builder
	for i, c := range []byte(s) {
		last := i == len(s)-1
		switch {
		case c <= ' ' || c == 0x7f || strings.IndexByte("~^:?*[\\/%", c) >= 0,
			c == '.' && (i == 0 || last || s[i-1] == '.' || strings.HasSuffix(s, ".lock") && i == len(s)-len(".lock")),
			c == '@' && (len(s) == 1 || !last && s[i+1] == '{'):
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		default:
			b.WriteByte(c)
		}
	}
	const longest = 200 // a file's name on most systems holds 255 bytes
	out := b.String()
	if len(out) > longest {
		sum := sha256.Sum256([]byte(s))
		out = strings.TrimRight(strings.ToValidUTF8(out[:longest-9], ""), ".") + "-" + hex.EncodeToString(sum[:4])
	}
	return out
}

// Keeps reports whether git can keep a file of this name: none that stands for git's own files, in any spelling that a file
// system takes for theirs.
func Keeps(name string) bool {
	plain := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	return !strings.HasPrefix(plain, ".git") && !strings.HasPrefix(plain, "git~") && strings.Trim(plain, ". ") != ""
}

// number reads digits.
func number(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }
