package api

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sextant/server/web"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// problems gives the errors that huma finds itself, in requests against the description, the form of all others.
func problems(ctx huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &web.Problem{Title: found.Title, Status: found.Status, Detail: found.Detail, RequestID: web.FromContext(ctx.Context()).ID}
	for _, e := range found.Errors {
		p.Errors = append(p.Errors, web.FieldError{Location: e.Location, Message: e.Message})
	}
	return p, nil
}

// selected keeps only the fields that ?fields=id,name asks for: of the answer, or of each item where it is a page.
func selected(ctx huma.Context, status string, v any) (any, error) {
	fields := ctx.Query("fields")
	if fields == "" || !strings.HasPrefix(status, "2") {
		return v, nil
	}
	names := strings.Split(fields, ",") // Fields bounds its length
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var page struct {
		Items []map[string]json.RawMessage `json:"items"`
		Next  string                       `json:"nextPageToken,omitempty"`
	}
	if json.Unmarshal(text, &page) == nil && page.Items != nil {
		for i, item := range page.Items {
			page.Items[i] = pick(item, names)
		}
		return page, nil
	}
	var one map[string]json.RawMessage
	if json.Unmarshal(text, &one) != nil {
		return v, nil // no object: there is nothing to choose from
	}
	return pick(one, names), nil
}

func pick(all map[string]json.RawMessage, names []string) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(names))
	for _, name := range names {
		if value, ok := all[strings.TrimSpace(name)]; ok {
			out[strings.TrimSpace(name)] = value
		}
	}
	return out
}
