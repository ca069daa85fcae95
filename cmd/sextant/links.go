package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sextant/server/api"
	"sextant/server/client"
)

// linkCommand is about links that open a document to whoever has them.
type linkCommand struct {
	Add    linkAdd    `cmd:"" help:"Make a link, and print its address."`
	List   linkList   `cmd:"" help:"List a document's links."`
	Revoke linkRevoke `cmd:"" help:"End a link at once."`
	Embed  linkEmbed  `cmd:"" help:"Print an address for a frame within another site's page."`
}

type linkAdd struct {
	onResource
	Title    string            `help:"What it is for; readers do not see it."`
	Expires  string            `placeholder:"WHEN" help:"When it ends: with a day (2027-01-31), a time (RFC 3339), or a duration from now (72h)."`
	Password bool              `help:"Readers need a password, which is read from standard input."`
	Revision string            `placeholder:"ID" help:"Show this revision, whatever is saved later."`
	Origin   []string          `placeholder:"URL" help:"A site that may show the document within its pages, such as https://intranet.x.org."`
	Name     string            `help:"What stands at the top of the page."`
	Logo     string            `type:"existingfile" placeholder:"FILE" help:"A picture beside the name: PNG, JPEG, WebP or SVG."`
	Result   string            `placeholder:"ID" help:"Show a stored result of the document in its place."`
	Where    []string          `sep:"none" placeholder:"CONDITION" help:"Of the result show only rows for which this holds, such as '2.eq.Lisbon': a column's number from 0, an operator and a value. May be repeated."`
	Columns  []int             `placeholder:"N" help:"Of the result show only these columns, by their numbers from 0."`
	Property map[string]string `placeholder:"NAME=VALUE" help:"A custom property of the page, such as accent=#9b1c31."`
}

// Run makes a link.
func (c *linkAdd) Run(t *terminal) error {
	body := api.NewShareLink{Title: c.Title, Revision: c.Revision, Origins: c.Origin}
	var err error
	if body.Expires, err = expiry(c.Expires, time.Now()); err != nil {
		return err
	}
	if c.Name != "" || c.Logo != "" || len(c.Property) > 0 {
		body.Look = &api.Look{Name: c.Name, Properties: c.Property}
		if c.Logo != "" {
			if body.Look.Logo, err = picture(c.Logo); err != nil {
				return err
			}
		}
	}
	if c.Password {
		if body.Password, err = readSecret(t, "Password: "); err != nil {
			return err
		}
	}
	if c.Result != "" {
		body.Shows = &api.ResultView{Result: c.Result, Where: c.Where, Columns: c.Columns}
	} else if len(c.Where)+len(c.Columns) > 0 {
		return errors.New("--where and --columns are about the --result that the link shows")
	}
	var made api.MadeShareLink
	if err := c.send(t, http.MethodPost, body, &made, "share-links"); err != nil {
		return err
	}
	p := c.printer(t)
	if err := p.add(made, strings.TrimSuffix(c.Server, "/")+"/"+made.Path); err != nil {
		return err
	}
	return p.close()
}

// expiry reads when something ends.
func expiry(s string, now time.Time) (*time.Time, error) {
	if s == "" {
		return nil, nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		at := now.Add(d)
		return &at, nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return &at, nil
	}
	if at, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		at = at.AddDate(0, 0, 1)
		return &at, nil
	}
	return nil, fmt.Errorf("%q: want a day such as 2027-01-31, a time in RFC 3339, or a duration such as 72h", s)
}

// maxLogo is the length of the longest picture that a link can hold.
const maxLogo = 48 << 10

// picture reads a picture as a data: URL.
func picture(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxLogo+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxLogo {
		return "", fmt.Errorf("%s: a logo has at most %d bytes", name, maxLogo)
	}
	kind := http.DetectContentType(text)
	if strings.EqualFold(filepath.Ext(name), ".svg") {
		kind = "image/svg+xml"
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(text), nil
}

type linkList struct{ onResource }

// Run lists a document's links.
func (c *linkList) Run(t *terminal) error {
	_, r, err := c.resource(t)
	if err != nil {
		return err
	}
	return list(t, &c.remoteFlags, client.Path("resources", r.ID, "share-links"), url.Values{}, func(l api.ShareLink) []any {
		state := "open"
		switch {
		case l.RevokedAt != nil:
			state = "revoked"
		case l.Expires != nil && l.Expires.Before(time.Now()):
			state = "expired"
		case l.Password:
			state = "password"
		}
		return []any{l.ID, state, l.CreatedBy, l.CreatedAt, l.Expires, l.Title}
	})
}

type linkRevoke struct {
	remoteFlags
	Link string `arg:"" help:"A link's id, as list prints it."`
}

// Run ends a link.
func (c *linkRevoke) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, client.Path("share-links", c.Link), nil)
}

type linkEmbed struct {
	remoteFlags
	Link string        `arg:"" help:"The id of a link that names the sites that may show it."`
	For  time.Duration `default:"10m" help:"How long the address opens; at most 24h."`
}

// Run prints an address that opens for a while.
func (c *linkEmbed) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var token api.EmbedToken
	err = server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: client.Path("share-links", c.Link, "embed-tokens"), Body: map[string]int{"seconds": int(c.For.Seconds())}}, &token)
	if err != nil {
		return err
	}
	p := c.printer(t)
	if err := p.add(token, strings.TrimSuffix(c.Server, "/")+"/"+token.Path); err != nil {
		return err
	}
	return p.close()
}
