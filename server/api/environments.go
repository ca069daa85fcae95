package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/iam"
	"sextant/content/notebook"
	"sextant/server/web"
)

// Environments is what the API needs of the part that starts kernels.
type Environments interface {
	// Test opens a data source that the actor may use, as a session does. It takes seconds.
	Test(ctx context.Context, id content.ResourceID) (SourceTest, error)
	// Packages tells how far the packages of an environment that the actor may use are; with build it begins to install them
	// where they are not, or could not be.
	Packages(ctx context.Context, id content.ResourceID, build bool) (Packages, error)
}

// SourceTest is what came of opening a data source.
type SourceTest struct {
	OK      bool     `json:"ok"`
	Message string   `json:"message,omitempty" doc:"What is wrong, or is left out"`
	Tables  []string `json:"tables" nullable:"false" doc:"At most 1000"`
	Seconds float64  `json:"seconds"`
}

// Packages is how far an environment's Python packages are.
type Packages struct {
	State string `json:"state" enum:"none,building,ready,failed" doc:"none: there are none to install, or they are not installed yet"`
	Error string `json:"error,omitempty" doc:"Why it failed"`
	Bytes int64  `json:"bytes,omitempty"`
	Log   string `json:"log,omitempty" doc:"The end of what was said"`
}

// Secret tells of a secret, whose value nobody can read.
type Secret struct {
	Name      string    `json:"name"`
	SetBy     string    `json:"setBy"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func viewSecret(s content.Secret) Secret {
	return Secret{s.Name, string(s.SetBy), s.CreatedAt, s.UpdatedAt}
}

// SecretValue sets a secret.
type SecretValue struct {
	Name string `path:"name" maxLength:"100"`
	Body struct {
		Value string `json:"value" doc:"UTF-8 text of 4 to 16384 bytes; it is never given back"`
	}
}

// DocumentEnvironment is what a document runs in.
type DocumentEnvironment struct {
	ID   string `json:"id,omitempty" doc:"Absent: it names none, or none that one may see"`
	Name string `json:"name,omitempty"`
	// Shareable is of who may set the environment's policy.
	Shareable bool `json:"shareable,omitempty" doc:"One may let others use it"`
}

// documentEnvironment finds the environment that a document names. What cannot be read as a document names none.
func (a *API) documentEnvironment(ctx context.Context, id content.ResourceID) (out DocumentEnvironment, err error) {
	s := a.o.Service
	reading, err := s.Read(ctx, id, content.ReadOptions{SourceOnly: true})
	if err != nil {
		return out, err
	}
	defer reading.Body.Close() // it only releases
	if t := reading.Resource.Type; t != content.Notebook && t != content.SQL || reading.Size > maxNaming {
		return out, nil
	}
	text, err := io.ReadAll(reading.Body)
	if err != nil {
		return out, err
	}
	named := ""
	if reading.Resource.Type == content.Notebook {
		if nb, _, err := notebook.Read(text); err == nil {
			named = environment.OfNotebook(nb)
		}
	} else if script, err := notebook.ParseScript(string(text)); err == nil {
		named = script.Header.Environment
	}
	found, err := a.environment(ctx, named)
	if err != nil || found.Type != content.Environment {
		return out, err
	}
	may, err := s.TestIamPermissions(ctx, found.ID, []iam.Permission{iam.ResourcesSetIamPolicy})
	return DocumentEnvironment{string(found.ID), strings.TrimSuffix(found.Name, ".toml"), len(may) > 0}, err
}

// environment is the environment of an id, a path or a name; a zero resource where there is none that the actor may see.
func (a *API) environment(ctx context.Context, named string) (r content.Resource, err error) {
	s := a.o.Service
	switch {
	case named == "":
		return r, nil
	case strings.HasPrefix(named, "/"):
		r, err = s.Resolve(ctx, named)
	default:
		var usable []content.Resource
		if usable, err = s.Usable(ctx, content.Environment); err != nil {
			return r, err
		}
		if e, ok := content.Named(usable, named); ok {
			return e, nil
		}
		r, err = s.Get(ctx, content.ResourceID(named))
	}
	if errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) || errors.Is(err, content.ErrInvalid) {
		return content.Resource{}, nil
	}
	return r, err
}

// maxNaming bounds the source that is read for the environment that it names, in bytes.
const maxNaming = 64 << 20

var errNoSessions = &web.StatusError{Status: http.StatusNotImplemented, Text: "this server runs no kernels"}

func (a *API) environments() {
	const tag = "environments"
	s := a.o.Service
	usable := func(kind content.Type) func(context.Context, *struct{}) (*Body[Page[Resource]], error) {
		return func(ctx context.Context, _ *struct{}) (*Body[Page[Resource]], error) {
			found, err := s.Usable(ctx, kind)
			return body(Page[Resource]{Items: viewAll(found, viewResource)}), err
		}
	}
	add(a, route{"getDocumentEnvironment", http.MethodGet, "/resources/{id}/environment", "Tell which environment a notebook or SQL script names, as far as one may see it", tag, uses("Read"), 0},
		func(ctx context.Context, in *ByID) (*Body[DocumentEnvironment], error) {
			out, err := a.documentEnvironment(ctx, in.id())
			return body(out), err
		})
	add(a, route{"listEnvironments", http.MethodGet, "/environments", "List the environments that one may use, newest first, at most 200", tag, uses("Usable"), 0},
		usable(content.Environment))
	add(a, route{"listDataSources", http.MethodGet, "/data-sources", "List the data sources that one may use, newest first, at most 200", tag, uses("Usable"), 0},
		usable(content.DataSource))
	packages := func(build bool) func(context.Context, *ByID) (*Body[Packages], error) {
		return func(ctx context.Context, in *ByID) (*Body[Packages], error) {
			// Who may not use it learns nothing of it, not even whether this server runs kernels.
			if _, err := s.UseEnvironment(ctx, in.id(), ""); err != nil {
				return nil, err
			}
			if a.o.Environments == nil {
				return nil, errNoSessions
			}
			state, err := a.o.Environments.Packages(ctx, in.id(), build)
			return body(state), err
		}
	}
	add(a, route{"getPackages", http.MethodGet, "/environments/{id}/packages", "Tell how far an environment's Python packages are, with the log", tag, uses("UseEnvironment"), 0},
		packages(false))
	add(a, route{"buildPackages", http.MethodPost, "/environments/{id}/packages", "Begin to install an environment's Python packages", tag, uses("UseEnvironment"), http.StatusAccepted},
		packages(true))
	add(a, route{"testDataSource", http.MethodPost, "/data-sources/{id}/test", "Open a data source, as a session does", tag, uses("UseDataSource"), 0},
		func(ctx context.Context, in *ByID) (*Body[SourceTest], error) {
			if _, err := s.UseDataSource(ctx, in.id(), ""); err != nil {
				return nil, err
			}
			if a.o.Environments == nil {
				return nil, errNoSessions
			}
			t, err := a.o.Environments.Test(ctx, in.id())
			return body(t), err
		})
	secrets := func(ctx context.Context, id content.ResourceID) (*Body[Page[Secret]], error) {
		all, err := s.Secrets(ctx, id)
		return body(Page[Secret]{Items: viewAll(all, viewSecret)}), err
	}
	put := func(ctx context.Context, id content.ResourceID, in SecretValue) (*None, error) {
		err := s.PutSecret(ctx, id, in.Name, in.Body.Value)
		if errors.Is(err, content.ErrNoSecretKey) {
			err = &web.StatusError{Status: http.StatusNotImplemented, Text: err.Error()}
		}
		return nil, err
	}
	add(a, route{"listSecrets", http.MethodGet, "/resources/{id}/secrets", "List the secrets that a folder, an environment or a data source holds", tag, uses("Secrets"), 0},
		func(ctx context.Context, in *ByID) (*Body[Page[Secret]], error) { return secrets(ctx, in.id()) })
	add(a, route{"putSecret", http.MethodPut, "/resources/{id}/secrets/{name}", "Set a secret of a folder, an environment or a data source", tag, uses("PutSecret"), 0},
		func(ctx context.Context, in *struct {
			ByID
			SecretValue
		}) (*None, error) {
			return put(ctx, in.id(), in.SecretValue)
		})
	add(a, route{"deleteSecret", http.MethodDelete, "/resources/{id}/secrets/{name}", "Delete a secret", tag, uses("DeleteSecret"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Name string `path:"name" maxLength:"100"`
		}) (*None, error) {
			return nil, s.DeleteSecret(ctx, in.id(), in.Name)
		})
	add(a, route{"listOwnSecrets", http.MethodGet, "/me/secrets", "List one's own secrets", tag, uses("Secrets"), 0},
		func(ctx context.Context, _ *struct{}) (*Body[Page[Secret]], error) { return secrets(ctx, "") })
	add(a, route{"putOwnSecret", http.MethodPut, "/me/secrets/{name}", "Set a secret of one's own", tag, uses("PutSecret"), 0},
		func(ctx context.Context, in *SecretValue) (*None, error) { return put(ctx, "", *in) })
	add(a, route{"deleteOwnSecret", http.MethodDelete, "/me/secrets/{name}", "Delete a secret of one's own", tag, uses("DeleteSecret"), 0},
		func(ctx context.Context, in *struct {
			Name string `path:"name" maxLength:"100"`
		}) (*None, error) {
			return nil, s.DeleteSecret(ctx, "", in.Name)
		})
}
