package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"sextant/server"
	"sextant/server/auth"
)

// serverFlags are the server's configuration with the file that it is read from.
type serverFlags struct {
	File configFile `name:"config" env:"SEXTANT_CONFIG" placeholder:"FILE" help:"Configuration file in TOML, its keys the names of these flags (default: sextant/sextant.toml in XDG_CONFIG_HOME, where it is)."`

	server.Config `embed:""`
}

// configFile is the path of a configuration file.
type configFile string

// BeforeResolve reads the file and has kong take from it what neither a flag nor the environment says.
func (f *serverFlags) BeforeResolve(app *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	file, given := f.path(ctx)
	values, tables, err := readConfig(file, given)
	if err != nil {
		return err
	}
	if values == nil {
		return nil
	}
	f.File, f.Providers, f.Quotas = configFile(file), tables.Providers, tables.Quotas
	known := map[string]bool{}
	for _, flag := range ctx.Selected().Flags {
		known[flag.Name] = true
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !known[key] || key == "config" {
			return fmt.Errorf("%s: unknown key %q", file, key)
		}
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if _, set := os.LookupEnv(name); set {
				return nil, nil
			}
		}
		value, ok := values[flag.Name]
		if !ok {
			return nil, nil
		}
		if list, ok := value.([]any); ok {
			items := make([]string, len(list))
			for i, item := range list {
				items[i] = fmt.Sprint(item)
			}
			return strings.Join(items, ","), nil
		}
		return fmt.Sprint(value), nil
	}))
	return nil
}

// path is the file to read, and whether somebody named it.
func (f *serverFlags) path(ctx *kong.Context) (file string, given bool) {
	for _, flag := range ctx.Selected().Flags {
		if flag.Name == "config" {
			if named, ok := ctx.FlagValue(flag).(configFile); ok && named != "" {
				return string(named), true
			}
		}
	}
	dir, err := os.UserConfigDir()
	if xdg := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(xdg) {
		dir, err = xdg, nil
	}
	if err != nil {
		return "", false // without a home there is no file
	}
	return filepath.Join(dir, "sextant", "sextant.toml"), false
}

// configTables are the tables of a configuration file.
type configTables struct {
	Providers []auth.Provider `toml:"oidc"`
	Quotas    []server.Quota  `toml:"quota"`
}

// readConfig reads a file's keys and its tables. A file that nobody named may be missing.
func readConfig(file string, given bool) (_ map[string]any, tables configTables, _ error) {
	if file == "" {
		return nil, tables, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return nil, tables, nil
	}
	if err != nil {
		return nil, tables, err
	}
	values := map[string]any{}
	if _, err := toml.Decode(string(text), &values); err != nil {
		return nil, tables, fmt.Errorf("%s: %w", file, err)
	}
	meta, err := toml.Decode(string(text), &tables)
	if err != nil {
		return nil, tables, fmt.Errorf("%s: %w", file, err)
	}
	for _, key := range meta.Undecoded() {
		if (key[0] == "oidc" || key[0] == "quota") && len(key) > 1 {
			return nil, tables, fmt.Errorf("%s: unknown key %q", file, key.String())
		}
	}
	delete(values, "oidc")
	delete(values, "quota")
	return values, tables, nil
}
