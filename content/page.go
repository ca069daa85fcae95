package content

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// PageRequest asks for one page of a list.
type PageRequest struct {
	// Size is the most items wanted; 0 is 50, more than MaxPageSize is MaxPageSize.
	Size int
	// Token is the Next of the page before; empty is the first page. It belongs to the list it was given for.
	Token string
}

// MaxPageSize bounds a page.
const MaxPageSize = 1000

// Page is one page of a list. The list ends where Next is empty, and only there.
type Page[T any] struct {
	Items []T
	Next  string
}

// pageToken is the place of the last item that was given. It holds nothing that the item did not show.
type pageToken struct {
	Kind   string     `json:"k"`
	Name   string     `json:"n,omitempty"`
	Micros int64      `json:"t,omitempty"`
	ID     ResourceID `json:"i,omitempty"`
	Seq    int64      `json:"s,omitempty"`
	Offset int        `json:"o,omitempty"`
	Phase  int        `json:"p,omitempty"`
}

func (t pageToken) String() string {
	text, err := json.Marshal(t)
	if err != nil { // only strings and numbers
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (t pageToken) cursor() Cursor {
	c := Cursor{Name: t.Name, ID: t.ID}
	if t.Micros != 0 {
		c.Time = time.UnixMicro(t.Micros).UTC()
	}
	return c
}

// open gives a request's bound and place. A token of another kind of list, or none at all, is ErrInvalid.
func (p PageRequest) open(kind string) (int, pageToken, error) {
	size := p.Size
	if size <= 0 {
		size = 50
	}
	size = min(size, MaxPageSize)
	if p.Token == "" {
		return size, pageToken{Kind: kind}, nil
	}
	var t pageToken
	text, err := base64.RawURLEncoding.DecodeString(p.Token)
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil || t.Kind != kind || t.Offset < 0 || t.Seq < 0 {
		return 0, t, fmt.Errorf("%w page token", ErrInvalid)
	}
	return size, t, nil
}
