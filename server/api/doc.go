// Package api is Sextant's own JSON API under /v1, described by openapi.json beside this file. Handlers translate: they
// read the request, call one method of content.Service and write the answer.
package api
