package main

import (
	"net/http"
	"net/url"

	"sextant/server/api"
	"sextant/server/client"
)

// secretCommand is about secrets.
type secretCommand struct {
	List   secretList   `cmd:"" help:"List secrets, without their values."`
	Set    secretSet    `cmd:"" help:"Set a secret, read from standard input."`
	Delete secretDelete `cmd:"" help:"Delete a secret."`
}

// holder says who holds secrets.
type holder struct {
	remoteFlags
	On string `name:"on" placeholder:"PATH" predictor:"remote" help:"A folder, an environment or a data source; default: oneself."`
}

// path is the API's path of the holder's secrets.
func (h *holder) path(t *terminal, more ...string) (string, error) {
	if h.On == "" {
		return client.Path(append([]string{"me", "secrets"}, more...)...), nil
	}
	_, r, err := h.found(t, h.On)
	return client.Path(append([]string{"resources", r.ID, "secrets"}, more...)...), err
}

type secretList struct{ holder }

// Run lists secrets.
func (c *secretList) Run(t *terminal) error {
	path, err := c.path(t)
	if err != nil {
		return err
	}
	return list(t, &c.remoteFlags, path, url.Values{}, func(s api.Secret) []any { return []any{s.Name, s.SetBy, s.UpdatedAt} })
}

// namedSecret is a command about one secret.
type namedSecret struct {
	holder
	Name string `arg:"" help:"The secret's name."`
}

type secretSet struct{ namedSecret }

// Run sets a secret. It is read without being shown, and never from the command line, which others can see.
func (c *secretSet) Run(t *terminal) error {
	path, err := c.path(t, c.Name)
	if err != nil {
		return err
	}
	value, err := readSecret(t, "Value of "+c.Name+": ")
	if err != nil {
		return err
	}
	return call(t, &c.remoteFlags, http.MethodPut, path, map[string]string{"value": value})
}

type secretDelete struct{ namedSecret }

// Run deletes a secret.
func (c *secretDelete) Run(t *terminal) error {
	path, err := c.path(t, c.Name)
	if err != nil {
		return err
	}
	return call(t, &c.remoteFlags, http.MethodDelete, path, nil)
}
