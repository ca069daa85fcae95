package main

import (
	"errors"
	"fmt"

	"sextant/server"
)

// serveCommand runs the server.
type serveCommand struct {
	serverFlags
}

// Run implements the command.
func (c *serveCommand) Run(t *terminal) (err error) {
	config := c.Config
	if err := config.Complete(); err != nil {
		return err
	}
	log := config.Logger()
	log.Info("sextant", "version", version, "file", string(c.File))
	for _, line := range config.Lines() {
		log.Info("configuration", "is", line)
	}
	app, err := server.Open(t.ctx, config, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	link, err := app.SignInURL(t.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Sextant is at %s\n", app.URL())
	if link != "" {
		fmt.Fprintf(t.out, "Sign in once, within a day, as %s:\n    %s\n", config.Admin, link)
	}
	return app.Run(t.ctx)
}

// configCommand looks at the configuration.
type configCommand struct {
	Check   configCheck   `cmd:"" help:"Print the configuration without secrets, and tell what is wrong with it."`
	Example configExample `cmd:"" help:"Print a configuration file with every key and its default."`
}

type configExample struct{}

// Run implements the command.
func (configExample) Run(t *terminal) error {
	_, err := fmt.Fprint(t.out, server.Example())
	return err
}

type configCheck struct {
	serverFlags
}

// Run implements the command.
func (c *configCheck) Run(t *terminal) error {
	config := c.Config
	err := config.Complete()
	if c.File != "" {
		fmt.Fprintf(t.out, "# from %s, the environment and flags\n", c.File)
	}
	for _, line := range config.Lines() {
		fmt.Fprintln(t.out, line)
	}
	return err
}
