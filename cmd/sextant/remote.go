package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"text/tabwriter"
	"time"

	"sextant/server/api"
	"sextant/server/client"
)

// defaultServer is where a server is that was started with nothing configured.
const defaultServer = "http://127.0.0.1:8888/"

// remoteFlags say which server a command speaks to, and as whom.
type remoteFlags struct {
	Server    string `name:"server" env:"SEXTANT_SERVER" default:"${server}" placeholder:"URL" help:"The server, with its base path."`
	Token     string `name:"token" env:"SEXTANT_TOKEN" placeholder:"TOKEN" help:"A token; better set by environment or file than by flag."`
	TokenFile string `name:"token-file" env:"SEXTANT_TOKEN_FILE" placeholder:"FILE" help:"A file that holds the token."`
	JSON      bool   `name:"json" help:"Print JSON, one value a line."`
}

func (f *remoteFlags) open() (*client.Client, error) {
	token := f.Token
	if token == "" && f.TokenFile != "" {
		text, err := os.ReadFile(f.TokenFile)
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(text))
	}
	return client.New(f.Server, token, nil)
}

// printer prints values as JSON, or as rows of a table.
type printer struct {
	json *json.Encoder
	rows *tabwriter.Writer
}

func (f *remoteFlags) printer(t *terminal) *printer {
	if f.JSON {
		return &printer{json: json.NewEncoder(t.out)}
	}
	return &printer{rows: tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)}
}

// add prints one value; columns are its row.
func (p *printer) add(value any, columns ...any) error {
	if p.json != nil {
		return p.json.Encode(value)
	}
	texts := make([]string, len(columns))
	for i, c := range columns {
		switch v := c.(type) {
		case time.Time:
			texts[i] = v.Local().Format("2006-01-02 15:04")
		case *time.Time:
			texts[i] = "-"
			if v != nil {
				texts[i] = v.Local().Format("2006-01-02 15:04")
			}
		default:
			texts[i] = strings.Map(func(r rune) rune { // what others wrote must not steer the terminal
				if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
					return ' '
				}
				return r
			}, fmt.Sprint(v))
		}
	}
	_, err := fmt.Fprintln(p.rows, strings.Join(texts, "\t"))
	return err
}

// close prints what is left.
func (p *printer) close() error {
	if p.rows == nil {
		return nil
	}
	return p.rows.Flush()
}

// list prints every item of a list.
func list[T any](t *terminal, f *remoteFlags, path string, query url.Values, columns func(T) []any) error {
	c, err := f.open()
	if err != nil {
		return err
	}
	p := f.printer(t)
	err = client.Each(t.ctx, c, path, query, func(item T) error { return p.add(item, columns(item)...) })
	if closed := p.close(); err == nil {
		err = closed
	}
	return err
}

// call sends one request that answers nothing worth printing.
func call(t *terminal, f *remoteFlags, method, path string, body any) error {
	c, err := f.open()
	if err != nil {
		return err
	}
	return c.Call(t.ctx, client.Request{Method: method, Path: path, Body: body}, nil)
}

// found opens the server and finds a resource.
func (f *remoteFlags) found(t *terminal, pathOrID string) (*client.Client, api.Resource, error) {
	c, err := f.open()
	if err != nil {
		return nil, api.Resource{}, err
	}
	r, err := c.Resolve(t.ctx, pathOrID)
	if err != nil {
		return nil, api.Resource{}, fmt.Errorf("%s: %w", pathOrID, err)
	}
	return c, r, nil
}

// onResource is a command about one resource.
type onResource struct {
	remoteFlags
	Path string `arg:"" predictor:"remote" help:"A document or folder, by its path from the root or its id."`
}

// resource opens the server and finds the resource.
func (o *onResource) resource(t *terminal) (*client.Client, api.Resource, error) {
	return o.found(t, o.Path)
}

// send finds the resource and sends a request below it.
func (o *onResource) send(t *terminal, method string, body, out any, more ...string) error {
	server, r, err := o.resource(t)
	if err != nil {
		return err
	}
	return server.Call(t.ctx, client.Request{Method: method, Path: client.Path(append([]string{"resources", r.ID}, more...)...), Body: body}, out)
}

// input opens a file, or standard input where it is "-". The caller closes it.
func input(t *terminal, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(t.in), nil
	}
	return os.Open(name)
}

// split gives the folder and the name of a path from the root.
func split(p string) (folder, name string, err error) {
	if !strings.HasPrefix(p, "/") || strings.Trim(p, "/") == "" {
		return "", "", fmt.Errorf("%q: want a path from the root, such as /finance/q3.sql", p)
	}
	p = path.Clean(p)
	return path.Dir(p), path.Base(p), nil
}

// isMissing reports whether an error is the server's answer that something is not there.
func isMissing(err error) bool { return statusOf(err) == http.StatusNotFound }
