package jupyter

import (
	"net/http"

	"sextant/server/web"
)

// kernels answers for a server that runs no kernels: there are none, and none can be started.
func (r routes) kernels() {
	none := web.Access{Open: "this server runs no kernels, so there are none"}
	off := func(http.ResponseWriter, *http.Request) error {
		return &apiError{status: http.StatusNotImplemented, message: "This server keeps notebooks but runs no kernels: open, edit and save them here, and run them in a Jupyter that has the kernel"}
	}
	for _, what := range []string{"kernels", "sessions"} {
		r.api("GET /api/"+what, none, func(w http.ResponseWriter, _ *http.Request) error {
			return web.WriteJSON(w, http.StatusOK, []struct{}{})
		})
		r.api("POST /api/"+what, none, off)
	}
	r.api("GET /api/terminals", none, func(http.ResponseWriter, *http.Request) error {
		return notFound("terminals are off")
	})
}
