package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"sextant/content/iam"
)

// NewResource is what Create makes.
type NewResource struct {
	Parent      ResourceID
	Type        Type
	Name        string
	Description string
	Tags        []string
	// Content is the first revision's; nil is empty. A folder has none.
	Content io.Reader
	Message string
	Origin  Origin // empty: user
	// IdempotencyKey, where not empty, makes Create give the resource that the same request with this key has made
	// already, within a day. The same key with another request is ErrInvalid.
	IdempotencyKey string
}

// MaxKeyLength bounds an idempotency key in bytes.
const MaxKeyLength = 255

// Create makes a folder, a document or another resource, owned by the actor. It reads Content to its end, and returns
// when everything is durable. Errors: ErrNotFound for the folder, ErrExists for a name that is taken, ErrTooLarge.
func (s *Service) Create(ctx context.Context, n NewResource) (Resource, error) {
	r, err := s.create(ctx, n)
	return r, s.refused(ctx, opCreate, n.Parent, err)
}

func (s *Service) create(ctx context.Context, n NewResource) (Resource, error) {
	r := Resource{ID: ResourceID(newID()), ParentID: n.Parent, Type: n.Type, Version: 1}
	var err error
	if n.Type != Folder && !n.Type.HasContent() {
		return r, fmt.Errorf("%w type %.20q", ErrInvalid, n.Type)
	}
	if r.Name, err = CleanName(n.Name); err != nil {
		return r, err
	}
	if r.Description, err = cleanDescription(n.Description); err != nil {
		return r, err
	}
	if r.Tags, err = CleanTags(n.Tags); err != nil {
		return r, err
	}
	message, err := cleanMessage(n.Message)
	if err != nil {
		return r, err
	}
	origin, err := cleanOrigin(n.Origin)
	if err != nil {
		return r, err
	}
	if len(n.IdempotencyKey) > MaxKeyLength || strings.ContainsRune(n.IdempotencyKey, 0) {
		return r, fmt.Errorf("%w idempotency key", ErrInvalid)
	}
	if n.Type == Folder && n.Content != nil {
		return r, fmt.Errorf("%w: a folder has no content", ErrInvalid)
	}
	// Before anything is stored for somebody who may not.
	err = s.view(ctx, func(a *access) error { _, err := a.checkParent(opCreate, n.Parent); return err })
	if err != nil {
		return r, err
	}
	var w written
	var text SearchText
	if n.Type.HasContent() {
		if n.Content == nil {
			n.Content = strings.NewReader("")
		}
		if w, text, err = s.keep(ctx, n.Type, n.Content, Layout{}); err != nil {
			return r, err
		}
	}
	var out Resource
	err = s.update(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		parent, err := a.checkParent(opCreate, n.Parent)
		if err != nil {
			return err
		}
		request := n.fingerprint(r, w.digest)
		if n.IdempotencyKey != "" {
			made, err := a.made(who, n.IdempotencyKey, request)
			if err != nil || made.ID != "" {
				out = made
				return err
			}
		}
		r.Owner, r.CreatedAt, r.UpdatedAt = who, a.now, a.now
		if out, err = a.add(parent, r, w, text, Revision{Message: message, Origin: origin}); err != nil {
			return err
		}
		if n.IdempotencyKey != "" {
			err := a.tx.PutKey(IdempotencyKey{Principal: who, Key: n.IdempotencyKey, Request: request, ResourceID: r.ID, CreatedAt: a.now})
			if err != nil {
				return err
			}
		}
		return a.log(opCreate, r.ID, detail("name", r.Name, "parent", r.ParentID, "type", r.Type))
	})
	return out, err
}

func cleanOrigin(o Origin) (Origin, error) {
	switch o {
	case "":
		return ByUser, nil
	case ByUser, ByRun, ByImport, ByRestore, ByCopy:
		return o, nil
	}
	return "", fmt.Errorf("%w origin %.20q", ErrInvalid, o)
}

func (n NewResource) fingerprint(r Resource, content Digest) Digest {
	return sha256.Sum256(detail("parent", r.ParentID, "type", r.Type, "name", r.Name, "description", r.Description,
		"tags", r.Tags, "message", n.Message, "content", content.String()))
}

// made gives what a key made before, or nothing.
func (a *access) made(who iam.Member, key string, request Digest) (Resource, error) {
	known, err := a.tx.Key(who, key)
	if isNotFound(err) {
		return Resource{}, nil
	}
	if err != nil {
		return Resource{}, err
	}
	if known.Request != request {
		return Resource{}, fmt.Errorf("%w: the idempotency key was used for another request", ErrInvalid)
	}
	t, err := a.check(opGet, known.ResourceID)
	if err != nil {
		return Resource{}, err
	}
	return a.shown(t.Placed)
}

// checkParent finds a folder that the actor may put something into.
func (a *access) checkParent(op opName, id ResourceID) (target, error) {
	p := a.s.operations[op]
	if op != opCreate {
		p = iam.ResourcesCreate
	}
	t, err := a.checkPermission(p, id, false)
	if err != nil {
		return t, err
	}
	if t.Type != Folder {
		return t, fmt.Errorf("%w: not a folder", ErrInvalid)
	}
	if len(t.Chain)+1 >= MaxDepth {
		return t, fmt.Errorf("%w: more than %d folders in each other", ErrInvalid, MaxDepth)
	}
	return t, nil
}

// add stores a new resource with its first revision, indexes it and tells the feed.
func (a *access) add(parent target, r Resource, w written, text SearchText, first Revision) (Resource, error) {
	if err := a.tx.CreateResource(r); err != nil {
		return r, err
	}
	chain := append(parent.Chain[:len(parent.Chain):len(parent.Chain)], parent.ID)
	if r.Type.HasContent() {
		first.ID, first.ResourceID, first.Number = RevisionID(newID()), r.ID, 1
		first.Author, first.CreatedAt = a.actor.Principal, a.now
		if _, err := a.commit(first, w, Layout{}); err != nil {
			return r, err
		}
	}
	if err := a.index(r, &text); err != nil {
		return r, err
	}
	if err := a.tell(Created, r.ID, chain, ""); err != nil {
		return r, err
	}
	stored, err := a.tx.Resource(r.ID)
	if err != nil {
		return r, err
	}
	return a.shown(stored)
}

// keep stores content that belongs to nothing yet, and reads its text. base is the layout it will probably follow.
func (s *Service) keep(ctx context.Context, t Type, content io.Reader, base Layout) (written, SearchText, error) {
	began := s.now()
	head, err := io.ReadAll(io.LimitReader(content, smallContent+1))
	if err != nil {
		return written{}, SearchText{}, err
	}
	small := len(head) <= smallContent
	content = io.MultiReader(bytes.NewReader(head), content)
	if small {
		content = bytes.NewReader(head)
	}
	w, err := write(ctx, s.blobs, s.formats[t].Split, content, s.options.MaxSize, s.options.MaxHeld, base)
	if err != nil {
		return w, SearchText{}, err
	}
	w.began = began
	if small {
		text, _ := textOf(s.formats[t], bytes.NewReader(head)) // memory cannot fail to be read
		return w, text, nil
	}
	text, err := s.text(ctx, t, w.layout)
	if errors.Is(err, errMissing) { // gone between two steps: the upload took too long
		err = ErrRetry
	}
	return w, text, err
}

// smallContent is what is held while it is stored, so that its text need not be read back.
const smallContent = 64 << 10

// text reads what is searched. Content that its format cannot read has no text; bytes that cannot be read back are an
// error.
func (s *Service) text(ctx context.Context, t Type, l Layout) (text SearchText, err error) {
	if s.formats[t].Text == nil {
		return text, nil
	}
	r, err := openLayout(ctx, s.blobs, l, false, 0, -1)
	if err != nil {
		return text, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return textOf(s.formats[t], r)
}

func textOf(f Format, r io.Reader) (SearchText, error) {
	if f.Text == nil {
		return SearchText{}, nil
	}
	watched := &watchedReader{r: r}
	source, outputs, failure := f.Text(watched)
	if watched.err != nil {
		return SearchText{}, watched.err
	}
	if failure != nil {
		return SearchText{}, nil
	}
	return SearchText{Source: source, Outputs: outputs}.Bound(), nil
}

// watchedReader remembers an error of its source, so that it is not taken for a fault of the format.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
