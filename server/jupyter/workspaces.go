package jupyter

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sextant/content"
)

const (
	workspaceSpace = "jupyter.workspaces"
	// maxWorkspaces bounds the layouts that one person can have; those that were not used for longest go first.
	maxWorkspaces = 64
)

func (r routes) workspaces() {
	r.api("GET /lab/api/workspaces", uses("Preferences"), r.listWorkspaces)
	r.api("GET /lab/api/workspaces/{name...}", uses("Preference"), r.getWorkspace)
	r.api("PUT /lab/api/workspaces/{name...}", uses("PutPreference"), r.putWorkspace)
	r.api("DELETE /lab/api/workspaces/{name...}", uses("DeletePreference"), r.deleteWorkspace)
	r.api("PUT /lab/api/workspaces", uses("PutPreference"), func(http.ResponseWriter, *http.Request) error {
		return badRequest("Workspace name is required for PUT.")
	})
	r.api("DELETE /lab/api/workspaces", uses("DeletePreference"), func(http.ResponseWriter, *http.Request) error {
		return badRequest("Workspace name is required for DELETE")
	})
}

// workspace is a layout of windows. What is in it is the front end's.
type workspace struct {
	Data     json.RawMessage `json:"data"`
	Metadata map[string]any  `json:"metadata"`
}

func workspaceOf(p content.Preference) (workspace, error) {
	var v workspace
	if err := json.Unmarshal(p.Value, &v); err != nil {
		return v, err
	}
	v.Metadata["last_modified"], v.Metadata["created"] = date(p.UpdatedAt), date(p.CreatedAt)
	return v, nil
}

func (s *Server) listWorkspaces(w http.ResponseWriter, r *http.Request) error {
	all, err := s.o.Service.Preferences(r.Context(), workspaceSpace)
	if err != nil {
		return err
	}
	out := struct {
		IDs    []any       `json:"ids"`
		Values []workspace `json:"values"`
	}{[]any{}, []workspace{}}
	for _, p := range all {
		v, err := workspaceOf(p)
		if err != nil {
			return err
		}
		out.IDs, out.Values = append(out.IDs, v.Metadata["id"]), append(out.Values, v)
	}
	return s.sendText(w, r, map[string]any{"workspaces": out})
}

func (s *Server) getWorkspace(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	p, err := s.o.Service.Preference(r.Context(), workspaceSpace, name)
	if errors.Is(err, content.ErrNotFound) {
		return s.sendText(w, r, workspace{json.RawMessage("{}"), map[string]any{"id": name}})
	}
	if err != nil {
		return err
	}
	v, err := workspaceOf(p)
	if err != nil {
		return err
	}
	return s.sendText(w, r, v)
}

func (s *Server) putWorkspace(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	var v workspace
	given, err := s.readJSON(w, r, &v)
	if err != nil {
		return err
	}
	id, _ := v.Metadata["id"].(string)
	if !given || id == "" {
		return badRequest("metadata.id is missing: it must be the workspace's name, '%s'", name)
	}
	if plain, err := url.PathUnescape(strings.TrimPrefix(id, "/")); err != nil || plain != name && strings.TrimPrefix(id, "/") != name {
		return badRequest("Workspace metadata ID mismatch: expected '%s' got '%s'", name, id)
	}
	if v.Data == nil {
		v.Data = json.RawMessage("{}")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := s.o.Service.PutPreference(r.Context(), workspaceSpace, name, text, maxWorkspaces); err != nil {
		return because(err, "the workspace "+name, "change")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) deleteWorkspace(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	err := s.o.Service.DeletePreference(r.Context(), workspaceSpace, name)
	if errors.Is(err, content.ErrNotFound) {
		return notFound("Workspace '%s' not found", name)
	}
	if err != nil {
		return because(err, "the workspace "+name, "delete")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
