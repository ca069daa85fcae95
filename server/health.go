package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// health adds the routes that tell how the server is.
func (a *App) health(metrics *web.Metrics) {
	a.router.Handle("GET /healthz", web.Access{Open: "it tells that the process answers, nothing else"}, func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	a.router.Handle("GET /readyz", web.Access{Open: "it tells whether the stores answer, nothing else"}, func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if a.stopping.Load() {
			return &web.StatusError{Status: http.StatusServiceUnavailable, Text: "the server is stopping"}
		}
		if _, err := a.service.Changes(ctx, content.FeedStart, 1); err != nil {
			a.log.Error("not ready", "error", err)
			return &web.StatusError{Status: http.StatusServiceUnavailable, Text: "the store does not answer"}
		}
		return web.WriteJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	figures := metrics.Handler()
	a.router.Handle("GET /metrics", web.Access{Operation: "Maintain"}, func(w http.ResponseWriter, r *http.Request) error {
		if !a.config.OpenMetrics {
			held, err := a.service.TestIamPermissions(r.Context(), content.RootID, []iam.Permission{iam.SystemMaintain})
			if err != nil {
				return err
			}
			if !slices.Contains(held, iam.SystemMaintain) {
				if content.ActorFrom(r.Context()).Principal == "" {
					return content.ErrUnauthenticated
				}
				return content.ErrDenied
			}
		}
		figures.ServeHTTP(w, r)
		return nil
	})
}
