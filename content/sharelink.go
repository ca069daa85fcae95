package content

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sextant/content/iam"
)

// ShareLinkPrefix begins every share link's secret, so that scanners can tell one that has leaked.
const ShareLinkPrefix = "sxl_"

// MaxShareLinks bounds the links of one document that are not revoked.
const MaxShareLinks = 200

// ShareLink lets whoever has its secret read one document, or what it says of one stored result, without signing in. It opens
// nothing once it is revoked or has expired, once its document is in the trash, and as long as its maker may not share the document.
type ShareLink struct {
	ID         string
	ResourceID ResourceID
	// Title is for those who manage links.
	Title  string
	Digest Digest
	// Revision is the one that is shown; empty: whichever is newest.
	Revision RevisionID
	// Shows is what of a result of the document is shown in its place; nil: the document, and none of its results.
	Shows *ResultView
	// PasswordHash is an argon2id string that the reader's password has to match, or empty.
	PasswordHash string
	// Origins are the sites that may show the document within their pages, such as https://intranet.x.org; none: no site.
	Origins                       []string
	Look                          Look
	CreatedBy                     iam.Member
	CreatedAt, Expires, RevokedAt time.Time
}

// ResultView is what may be seen of a stored result: rows for which all conditions hold, as addresses have them, and some of its
// columns by their numbers; nil is all.
type ResultView struct {
	Result  string
	Where   []string `json:",omitempty"`
	Columns []int    `json:",omitempty"`
}

// Look has a link's page look like somebody's own.
type Look struct {
	// Name stands at the top of the page, and Logo beside it: a data: URL of a PNG, JPEG, WebP or SVG picture.
	Name string `json:",omitempty"`
	Logo string `json:",omitempty"`
	// Properties are custom properties of the page, a property's name without its dashes and its value: a colour, two
	// of them as light-dark(a, b), a length, or names of fonts.
	Properties map[string]string `json:",omitempty"`
}

// Usable reports whether the link opens anything at a time, as far as it can tell itself.
func (l ShareLink) Usable(now time.Time) bool {
	return l.RevokedAt.IsZero() && (l.Expires.IsZero() || now.Before(l.Expires))
}

// Bounds of what a link says about itself.
const (
	maxOrigins = 20
	maxLook    = 40
	maxLogo    = 64 << 10
	maxBrand   = 100
	maxView    = 16 << 10
)

var (
	lookName  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	lookValue = regexp.MustCompile(`^([#A-Za-z0-9.%, -]{1,100}|light-dark\([#A-Za-z0-9]{3,30}, ?[#A-Za-z0-9]{3,30}\))$`)
	lookLogo  = regexp.MustCompile(`^data:image/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$`)
)

// cleanSite is an origin as browsers write it.
func cleanSite(s string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		strings.ContainsAny(u.Host, "*;,'\" \t\r\n") || len(s) > 200 {
		return "", fmt.Errorf("%w origin %.100q: want a scheme and a host, such as https://intranet.x.org", ErrInvalid, s)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// check lets nothing into a page but text, a picture and plain values.
func (l Look) check() error {
	if len(l.Properties) > maxLook {
		return fmt.Errorf("%w look: at most %d properties", ErrInvalid, maxLook)
	}
	for name, value := range l.Properties {
		if !lookName.MatchString(name) || !lookValue.MatchString(value) {
			return fmt.Errorf("%w property %.40q: %.80q is no colour, length or font", ErrInvalid, name, value)
		}
	}
	if utf8.RuneCountInString(l.Name) > maxBrand || strings.ContainsFunc(l.Name, unicode.IsControl) {
		return fmt.Errorf("%w name: at most %d characters on one line", ErrInvalid, maxBrand)
	}
	if l.Logo != "" && (len(l.Logo) > maxLogo || !lookLogo.MatchString(l.Logo)) {
		return fmt.Errorf("%w logo: want a data: URL of a PNG, JPEG, WebP or SVG picture of at most %d bytes", ErrInvalid, maxLogo)
	}
	return nil
}

// CreateShareLink makes a link to a document; its secret is given this once and stored nowhere. Of l, what the caller
// chooses counts: document, title, revision, what it shows of a result, password's hash, origins, look and expiry. Whether the
// result has what is said of it is for the caller to check: what it has not, nobody is shown.
func (s *Service) CreateShareLink(ctx context.Context, l ShareLink) (secret string, _ ShareLink, err error) {
	err = s.updateOf(ctx, l.ResourceID, func(a *access) error {
		t, err := a.check(opCreateShareLink, l.ResourceID)
		if err != nil {
			return err
		}
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		if !linkable(t.Type) {
			return fmt.Errorf("%w: only a document can be shared by a link", ErrInvalid)
		}
		// A link reads, so it takes the right to.
		if ok, err := a.allowed(t, iam.DocumentsRead); err != nil || !ok {
			return orDenied(err)
		}
		if l.Title, err = cleanRevisionName(l.Title); err != nil {
			return err
		}
		if l.Revision != "" {
			if _, err := a.revision(l.ResourceID, l.Revision); err != nil {
				return err
			}
		}
		if err := a.checkShown(l); err != nil {
			return err
		}
		if len(l.Origins) > maxOrigins {
			return fmt.Errorf("%w link: at most %d origins", ErrInvalid, maxOrigins)
		}
		origins := make([]string, len(l.Origins))
		for i, o := range l.Origins {
			if origins[i], err = cleanSite(o); err != nil {
				return err
			}
		}
		l.Origins = origins
		if err := l.Look.check(); err != nil {
			return err
		}
		if !l.Expires.IsZero() && !l.Expires.After(a.now) {
			return fmt.Errorf("%w expiry: in the past", ErrInvalid)
		}
		l.Expires = l.Expires.UTC().Truncate(time.Microsecond)
		known, err := a.tx.ShareLinks(l.ResourceID)
		if err != nil {
			return err
		}
		live := 0
		for _, k := range known {
			if k.Usable(a.now) {
				live++
			}
		}
		if live >= MaxShareLinks {
			return fmt.Errorf("%w link: the document has %d already; revoke some", ErrInvalid, live)
		}
		l.ID, l.CreatedBy, l.CreatedAt, l.RevokedAt = newID(), who, a.now, time.Time{}
		secret, l.Digest = newSecret(ShareLinkPrefix)
		if err := a.tx.PutShareLink(l); err != nil {
			return err
		}
		if l.Revision != "" {
			if err := a.tx.HoldRevision(l.Revision, "link "+l.ID); err != nil {
				return err
			}
		}
		return a.log(opCreateShareLink, l.ResourceID, linkDetail(l))
	})
	if err != nil {
		return "", ShareLink{}, s.refused(ctx, opCreateShareLink, l.ResourceID, err)
	}
	return secret, l, nil
}

// checkShown checks what a link shows of a result.
func (a *access) checkShown(l ShareLink) error {
	if l.Shows == nil {
		return nil
	}
	if l.Revision != "" {
		return fmt.Errorf("%w link: it shows a revision, or a result, not both", ErrInvalid)
	}
	text, err := json.Marshal(l.Shows)
	if err != nil {
		return err
	}
	if len(text) > maxView {
		return fmt.Errorf("%w link: what it shows of a result takes more than %d bytes to say", ErrInvalid, maxView)
	}
	r, err := a.tx.Result(l.Shows.Result)
	if err != nil {
		return err
	}
	if r.Document == "" || r.Document != l.ResourceID {
		return ErrNotFound
	}
	if !r.EvictedAt.IsZero() {
		return ErrEvicted
	}
	return nil
}

// linkable are the types that links open: what an environment or a data source says is for nobody without an account.
func linkable(t Type) bool { return t == Notebook || t == SQL || t == File }

func linkDetail(l ShareLink) json.RawMessage {
	return detail("link", l.ID, "title", l.Title, "expires", l.Expires, "password", l.PasswordHash != "", "origins", l.Origins, "shows", l.Shows)
}

func orDenied(err error) error {
	if err != nil {
		return err
	}
	return ErrDenied
}

// ShareLinks lists a document's links, newest first, also those that open nothing any more.
func (s *Service) ShareLinks(ctx context.Context, id ResourceID) ([]ShareLink, error) {
	var out []ShareLink
	err := s.viewOf(ctx, id, func(a *access) error {
		if _, err := a.check(opShareLinks, id); err != nil {
			return err
		}
		var err error
		out, err = a.tx.ShareLinks(id)
		return err
	})
	return out, s.refused(ctx, opShareLinks, id, err)
}

// ShareLink gives one link.
func (s *Service) ShareLink(ctx context.Context, link string) (ShareLink, error) {
	var out ShareLink
	err := s.view(ctx, func(a *access) error {
		l, err := a.tx.ShareLink(link)
		if err != nil {
			return err
		}
		if _, err := a.check(opShareLink, l.ResourceID); err != nil {
			return ErrNotFound
		}
		out = l
		return nil
	})
	return out, s.refused(ctx, opShareLink, "", err)
}

// RevokeShareLink ends a link at once. Revoking it again is no error.
func (s *Service) RevokeShareLink(ctx context.Context, link string) error {
	err := s.update(ctx, func(a *access) error {
		l, err := a.tx.ShareLink(link)
		if err != nil {
			return err
		}
		if _, err := a.check(opRevokeShareLink, l.ResourceID); err != nil {
			return ErrNotFound
		}
		if !l.RevokedAt.IsZero() {
			return nil
		}
		l.RevokedAt = a.now
		if err := a.tx.PutShareLink(l); err != nil {
			return err
		}
		if l.Revision != "" {
			if err := a.tx.ReleaseRevision(l.Revision, "link "+l.ID); err != nil && !isNotFound(err) {
				return err
			}
		}
		return a.log(opRevokeShareLink, l.ResourceID, linkDetail(l))
	})
	return s.refused(ctx, opRevokeShareLink, "", err)
}

// FindShareLink gives the link that a secret belongs to. What opens nothing is ErrNotFound, whatever the reason.
func (s *Service) FindShareLink(ctx context.Context, secret string) (ShareLink, error) {
	return s.opens(ctx, opFindShareLink, func(tx Tx) (ShareLink, error) { return tx.ShareLinkByDigest(sha256.Sum256([]byte(secret))) })
}

// OpenShareLink is FindShareLink for code that knows the link already: by the signature of an embed made from it.
func (s *Service) OpenShareLink(ctx context.Context, link string) (ShareLink, error) {
	return s.opens(ctx, opOpenShareLink, func(tx Tx) (ShareLink, error) { return tx.ShareLink(link) })
}

func (s *Service) opens(ctx context.Context, op opName, find func(Tx) (ShareLink, error)) (ShareLink, error) {
	var out ShareLink
	err := s.view(ctx, func(a *access) error {
		var err error
		if out, err = find(a.tx); err != nil {
			return err
		}
		_, err = a.shared(out)
		return err
	})
	if err != nil {
		return ShareLink{}, s.refused(ctx, op, "", err)
	}
	return out, nil
}

// shared is the document that a link opens now.
func (a *access) shared(l ShareLink) (target, error) {
	if !l.Usable(a.now) {
		return target{}, ErrNotFound
	}
	t, err := a.load(l.ResourceID)
	if err != nil {
		return target{}, err
	}
	maker, err := a.subjectOf(l.CreatedBy)
	if err != nil {
		return target{}, err
	}
	for _, p := range []iam.Permission{a.s.operations[opCreateShareLink], iam.DocumentsRead} {
		q, err := a.query(t, p, maker)
		if err != nil {
			return target{}, err
		}
		if !iam.Evaluate(q, a.roles, a.s.conditions) {
			return target{}, ErrNotFound
		}
	}
	if t.Hidden || !linkable(t.Type) {
		return target{}, ErrNotFound
	}
	return t, nil
}

// ReadShared opens the document of a link. It is called by the code that checked the link's secret, or the signature of
// an embed made from the link, and the password if there is one; whether the link still opens is checked here. The
// caller closes the Body.
func (s *Service) ReadShared(ctx context.Context, link string) (*Reading, ShareLink, error) {
	var out Reading
	var l ShareLink
	err := s.view(ctx, func(a *access) error {
		var err error
		if l, err = a.tx.ShareLink(link); err != nil {
			return err
		}
		t, err := a.shared(l)
		if err != nil {
			return err
		}
		if l.Shows != nil {
			return ErrNotFound
		}
		which := l.Revision
		if which == "" {
			which = t.Head
		}
		if out.Revision, err = a.revision(t.ID, which); err != nil {
			return err
		}
		out.Resource = t.Resource
		out.Resource.ParentID = "" // where it stands is not shared
		return nil
	})
	if err != nil {
		return nil, ShareLink{}, s.refused(ctx, opReadShared, "", err)
	}
	x := observation{entry: entryOf(ActorFrom(ctx), s.now(), opReadShared, out.Resource.ID, true, detail("link", l.ID, "revision", out.Revision.ID))}
	if err := s.observer.observe(ctx, x); err != nil {
		return nil, ShareLink{}, err
	}
	out.Size = out.Revision.Layout.Size(false)
	out.Body, err = openLayout(ctx, s.blobs, out.Revision.Layout, false, 0, -1)
	if err != nil {
		return nil, ShareLink{}, err
	}
	return &out, l, nil
}
