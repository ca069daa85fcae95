package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Step is one commit of a log, with what it changed.
type Step struct {
	Hash       string
	Author     Person
	AuthoredAt time.Time
	Message    string
	Changes    []Change
}

// Change is what a commit did to one file.
type Change struct {
	// Kind is 'A' added, 'M' modified, 'D' deleted, 'R' renamed, perhaps modified too, or 'T' of another type.
	Kind byte
	// Path is where it is now, or was where it is deleted; From where it was before it was renamed.
	Path, From string
	// Mode is as git writes it: 100644 and 100755 are files. Blob is its content. Both are empty where it is deleted.
	Mode, Blob string
}

// IsFile reports whether the change leaves a plain file.
func (c Change) IsFile() bool { return c.Mode == "100644" || c.Mode == "100755" }

// Check gives an error where a directory is in no repository, or ref names no commit of it.
func Check(ctx context.Context, dir, ref string) error {
	if strings.HasPrefix(ref, "-") {
		return fmt.Errorf("%q is no branch or commit", ref)
	}
	if _, err := run(ctx, dir, "rev-parse", "--git-dir"); err != nil {
		return fmt.Errorf("%s is in no git repository: %w", dir, err)
	}
	if _, err := run(ctx, dir, "rev-parse", "--verify", "--quiet", ref+"^{commit}"); err != nil {
		return fmt.Errorf("%s: no commit %s in the repository", dir, ref)
	}
	return nil
}

// Log calls fn for each commit of a branch, oldest first, along first parents: what a merge brought in is one step. Paths
// are below the directory; what is outside of it is left out. fn's error ends it.
func Log(ctx context.Context, dir, ref string, fn func(Step) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd, err := program(ctx, dir, "log", "--reverse", "--first-parent", "--diff-merges=first-parent", "--raw", "-z", "-B", "-M", "-l2000",
		"--no-abbrev", "--root", "--relative", "--no-ext-diff", "--no-textconv", "--no-notes", "--no-color", "--encoding=UTF-8",
		"--format=%x01%H%x00%an%x00%ae%x00%aI%x00%B%x00", ref, "--")
	if err != nil {
		return err
	}
	var said complaints
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git log: %w", err)
	}
	err = steps(bufio.NewReaderSize(out, 64<<10), fn)
	if err != nil {
		cancel()
		_ = cmd.Wait() // it was told to end
		return err
	}
	return said.failed("log", cmd.Wait())
}

// steps reads what git log prints: fields that end in NUL.
func steps(r *bufio.Reader, fn func(Step) error) error {
	next := func() (string, error) {
		s, err := r.ReadString(0)
		return strings.TrimSuffix(s, "\x00"), err
	}
	var step *Step
	for {
		field, err := next()
		if errors.Is(err, io.EOF) && strings.TrimSpace(field) == "" {
			if step != nil {
				return fn(*step)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("git log: %w", err)
		}
		field = strings.TrimLeft(field, "\n")
		switch {
		case field == "":
		case field[0] == 1:
			if step != nil {
				if err := fn(*step); err != nil {
					return err
				}
			}
			var fields [4]string
			for i := range fields {
				if fields[i], err = next(); err != nil {
					return fmt.Errorf("git log: %w", err)
				}
			}
			step = &Step{Hash: field[1:], Author: Person{fields[0], fields[1]}, Message: strings.TrimSuffix(fields[3], "\n")}
			if step.AuthoredAt, err = time.Parse(time.RFC3339, fields[2]); err != nil {
				step.AuthoredAt = time.Unix(0, 0).UTC() // some histories hold times that are none
			}
		case field[0] == ':' && step != nil:
			parts := strings.Fields(field[1:])
			if len(parts) != 5 || parts[4] == "" {
				return fmt.Errorf("git log: cannot read %q", field)
			}
			c := Change{Kind: parts[4][0], Mode: parts[1], Blob: parts[3]}
			if c.Path, err = next(); err != nil {
				return fmt.Errorf("git log: %w", err)
			}
			if c.Kind == 'R' || c.Kind == 'C' {
				c.From = c.Path
				if c.Path, err = next(); err != nil {
					return fmt.Errorf("git log: %w", err)
				}
			}
			if c.Kind == 'D' {
				c.Mode, c.Blob = "", ""
			}
			step.Changes = append(step.Changes, c)
		default:
			return fmt.Errorf("git log: cannot read %.80q", field)
		}
	}
}

// Tag names a commit.
type Tag struct {
	Name, Commit string
	// Message is an annotated tag's.
	Message string
}

// Tags lists the tags that name commits, by name.
func Tags(ctx context.Context, dir string) ([]Tag, error) {
	// An annotated tag has the commit it names behind it; a plain one is the commit itself.
	out, err := run(ctx, dir, "for-each-ref", "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(objecttype)%00%(contents)%00%01", "refs/tags")
	if err != nil {
		return nil, err
	}
	var tags []Tag
	for entry := range strings.SplitSeq(out, "\x01") {
		fields := strings.Split(strings.TrimLeft(entry, "\n"), "\x00")
		if len(fields) < 5 {
			continue
		}
		t := Tag{Name: fields[0], Commit: fields[1]}
		if fields[3] == "tag" {
			t.Commit, t.Message = fields[2], strings.TrimSuffix(fields[4], "\n")
		}
		tags = append(tags, t)
	}
	return tags, nil
}

// Objects reads the content of blobs, one after the other, through a running git cat-file.
type Objects struct {
	cmd   *exec.Cmd
	said  complaints
	stdin io.WriteCloser
	out   *bufio.Reader
	left  *io.LimitedReader
}

// OpenObjects begins reading a repository's blobs. The caller closes it.
func OpenObjects(ctx context.Context, dir string) (*Objects, error) {
	cmd, err := program(ctx, dir, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	o := &Objects{cmd: cmd}
	cmd.Stderr = &o.said
	if o.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReaderSize(out, 64<<10)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return o, nil
}

// Open gives a blob's content, as a stream that ends with it, and its size. What is left of the one before is skipped.
func (o *Objects) Open(blob string) (io.Reader, int64, error) {
	if o.left != nil {
		if _, err := io.Copy(io.Discard, o.left); err != nil {
			return nil, 0, fmt.Errorf("git cat-file: %w", err)
		}
		if _, err := o.out.Discard(1); err != nil {
			return nil, 0, fmt.Errorf("git cat-file: %w", err)
		}
		o.left = nil
	}
	if _, err := fmt.Fprintln(o.stdin, blob); err != nil {
		return nil, 0, o.said.failed("cat-file", err)
	}
	head, err := o.out.ReadString('\n')
	if err != nil {
		return nil, 0, o.said.failed("cat-file", err)
	}
	parts := strings.Fields(head)
	if len(parts) != 3 || parts[1] != "blob" {
		return nil, 0, fmt.Errorf("git cat-file: %s", strings.TrimSpace(head))
	}
	size, err := number(parts[2])
	if err != nil {
		return nil, 0, fmt.Errorf("git cat-file: %w", err)
	}
	o.left = &io.LimitedReader{R: o.out, N: size}
	return o.left, size, nil
}

// Close ends the reading.
func (o *Objects) Close() error {
	err := o.stdin.Close()
	_, drained := io.Copy(io.Discard, o.out)
	return errors.Join(err, drained, o.said.failed("cat-file", o.cmd.Wait()))
}
