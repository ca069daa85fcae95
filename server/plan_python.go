package server

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sextant/content/environment"
	"sextant/kernel/wire"
)

// pythonSources is the code that gives Python sessions the module sextant_sources.
//
//go:embed sources.py
var pythonSources string

// pythonSource is a source as sextant_sources reads it from the environment.
type pythonSource struct {
	Name     string             `json:"name"`
	Kind     environment.Kind   `json:"kind"`
	Place    string             `json:"place,omitempty"`
	Writable bool               `json:"writable,omitempty"`
	Secret   *wire.LaunchSecret `json:"secret,omitempty"`
	// Extension is DuckDB's for it.
	Extension string `json:"extension,omitempty"`
	Options   string `json:"options,omitempty"`
	Host      string `json:"host,omitempty"`
	Port      int    `json:"port,omitempty"`
	Database  string `json:"database,omitempty"`
	User      string `json:"user,omitempty"`
	// PasswordEnv is the environment variable of its password or key.
	PasswordEnv string `json:"password_env,omitempty"`
}

// other plans for kernels that are not ours: sources come as environment variables and, in Python, as a module.
func (g *planning) other(attached []attachedSource) error {
	var list []pythonSource
	for _, a := range attached {
		s := a.source
		one := pythonSource{Name: a.name, Kind: s.Kind, Writable: a.writable, Secret: a.secret(), Extension: extensions[s.Kind], Host: s.Host, Port: s.Port,
			Database: s.Database, User: s.User, PasswordEnv: a.secretEnv}
		if s.Kind == environment.Postgres {
			one.Options = fmt.Sprintf("connect_timeout=%d", connectTimeout)
			if s.TLS != "" {
				one.Options += " sslmode=" + s.TLS
			}
		} else {
			one.Place = a.place()
			g.plan.Env["SEXTANT_SOURCE_"+strings.ToUpper(a.name)] = one.Place
		}
		list = append(list, one)
	}
	if len(list) > 0 {
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		g.plan.Env["SEXTANT_SOURCES"] = string(text)
	}
	if len(g.spec.Parameters) > 0 {
		text, err := json.Marshal(g.spec.Parameters)
		if err != nil {
			return fmt.Errorf("parameters: %w", err)
		}
		g.plan.Env["SEXTANT_PARAMETERS"] = string(text)
	}
	var init strings.Builder
	if strings.EqualFold(g.kernel.Language, "python") {
		if len(list) > 0 {
			init.WriteString(pythonSources)
		}
		for _, name := range slices.Sorted(maps.Keys(g.spec.Parameters)) {
			text, err := json.Marshal(g.spec.Parameters[name])
			if err != nil {
				return fmt.Errorf("parameter %s: %w", name, err)
			}
			literal, err := json.Marshal(string(text)) // a JSON string is one of Python's too
			if err != nil {
				return err
			}
			fmt.Fprintf(&init, "%s = __import__('json').loads(%s)\n", name, literal)
		}
	}
	init.WriteString(g.spec.Init)
	g.plan.Init = init.String()
	return nil
}
