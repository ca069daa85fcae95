// Package web is the plumbing under every HTTP route: one list of routes with the permission each needs, one table from
// the meaning of an error to its status, request ids, logs, limits and the protection of browsers.
package web
