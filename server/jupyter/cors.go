package jupyter

import (
	"net/http"
	"slices"

	"sextant/server/web"
)

// cors lets pages of trusted origins use the API with their reader's cookies, and answers what browsers ask beforehand; it
// reports whether it has answered. Pages of other origins can use it only by a token of their own.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || !ours(r.URL.Path+"/") {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if slices.Contains(s.o.TrustedOrigins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Headers", "accept, content-type, authorization, x-xsrftoken")
	h.Set("Access-Control-Allow-Methods", "GET, PUT, POST, PATCH, DELETE, OPTIONS")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// byTokenFrom lets a page of any origin read the answer to a request that it made by a token: it was given that token.
func byTokenFrom(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin != "" && web.FromContext(r.Context()).ByToken && w.Header().Get("Access-Control-Allow-Origin") == "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}
