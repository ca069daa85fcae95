package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
	// Imported is as in Revision, of the first; its Origin is ByImport.
	Imported *Imported
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
	origin, imported, err := cleanOrigin(n.Origin, n.Imported)
	if err != nil {
		return r, err
	}
	if err := checkKey(n.IdempotencyKey); err != nil {
		return r, err
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
			n.Content = strings.NewReader(s.formats[n.Type].Empty)
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
		if out, err = a.add(parent, r, w, text, Revision{Message: message, Origin: origin, Imported: imported}); err != nil {
			return err
		}
		if err := a.remember(who, n.IdempotencyKey, request, string(r.ID)); err != nil {
			return err
		}
		return a.log(opCreate, r.ID, detail("name", r.Name, "parent", r.ParentID, "type", r.Type))
	})
	return out, err
}

func cleanOrigin(o Origin, imported *Imported) (Origin, *Imported, error) {
	imported, err := imported.clean()
	if err != nil {
		return "", nil, err
	}
	switch o {
	case "":
		if imported != nil {
			return ByImport, imported, nil
		}
		return ByUser, nil, nil
	case ByUser, ByRun, ByImport, ByRestore, ByCopy:
		if imported != nil && o != ByImport {
			return "", nil, fmt.Errorf("%w origin %s of what was imported", ErrInvalid, o)
		}
		return o, imported, nil
	}
	return "", nil, fmt.Errorf("%w origin %.20q", ErrInvalid, o)
}

func (n NewResource) fingerprint(r Resource, content Digest) Digest {
	return sha256.Sum256(detail("parent", r.ParentID, "type", r.Type, "name", r.Name, "description", r.Description,
		"tags", r.Tags, "message", n.Message, "content", content.String()))
}

func checkKey(key string) error {
	if len(key) > MaxKeyLength || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return fmt.Errorf("%w idempotency key: want UTF-8 of at most %d bytes", ErrInvalid, MaxKeyLength)
	}
	return nil
}

// remember notes what a request made, for a day, where it has a key.
func (a *access) remember(who iam.Member, key string, request Digest, made string) error {
	if key == "" {
		return nil
	}
	return a.tx.PutKey(IdempotencyKey{Principal: who, Key: key, Request: request, Made: made, CreatedAt: a.now})
}

// remembered gives the id of what a key made before, or nothing.
func (a *access) remembered(who iam.Member, key string, request Digest) (string, error) {
	if key == "" {
		return "", nil
	}
	known, err := a.tx.Key(who, key)
	if isNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if known.Request != request {
		return "", fmt.Errorf("%w: the idempotency key was used for another request", ErrInvalid)
	}
	return known.Made, nil
}

// made gives the resource that a key made before, or nothing.
func (a *access) made(who iam.Member, key string, request Digest) (Resource, error) {
	id, err := a.remembered(who, key, request)
	if err != nil || id == "" {
		return Resource{}, err
	}
	t, err := a.check(opGet, ResourceID(id))
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
	if f := s.formats[t]; f.Check != nil {
		b, err := io.ReadAll(io.LimitReader(content, MaxUsedSize+1))
		if err != nil {
			return written{}, SearchText{}, err
		}
		if len(b) > MaxUsedSize {
			return written{}, SearchText{}, fmt.Errorf("%w: it has at most %d bytes", ErrTooLarge, MaxUsedSize)
		}
		if err := f.Check(b); err != nil {
			return written{}, SearchText{}, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		content = bytes.NewReader(b)
	}
	if f := s.formats[t]; f.Parse != nil {
		w, text, err := s.keepParsed(ctx, t, content, base)
		w.began = began
		return w, text, swept(err)
	}
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
	return w, text, swept(err)
}

// swept is ErrRetry for content that was gone between two steps: the upload took too long.
func swept(err error) error {
	if errors.Is(err, errMissing) {
		return ErrRetry
	}
	return err
}

// smallContent is what is held while it is stored, so that its text need not be read back.
const smallContent = 64 << 10

// text reads what is searched. Content that its format cannot read has no text; bytes that cannot be read back are an
// error.
func (s *Service) text(ctx context.Context, t Type, l Layout) (text SearchText, err error) {
	f := s.formats[t]
	parsed := f.Parse != nil && l.Size(false) <= s.maxParsed(f)
	if !parsed && f.Text == nil {
		return text, nil
	}
	r, err := openLayout(ctx, s.blobs, l, false, 0, -1)
	if err != nil {
		return text, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if parsed {
		return s.parsedText(ctx, f, r, l.Size(false))
	}
	return textOf(f, r)
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
