package sessions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"sextant/content/iam"
)

// Binding ties a document, a console or a file that a client has open to the kernel that runs it: what Jupyter calls a
// session.
type Binding struct {
	ID   string `json:"id"`
	Path string `json:"path"`
	Name string `json:"name"`
	// Type is "notebook", "console" or "file".
	Type string `json:"type"`
	// Document is the id of the document at Path, or empty.
	Document string `json:"document,omitempty"`
}

// Bound is a binding with its kernel.
type Bound struct {
	Binding
	Kernel *Kernel
}

// Bind ties a binding to a kernel; one without an id gets one.
func (k *Kernel) Bind(b Binding) Binding {
	if b.ID == "" {
		b.ID = uuid.NewString()
	}
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	k.bindings = append(slices.DeleteFunc(k.bindings, func(o Binding) bool { return o.ID == b.ID }), b)
	k.locate()
	k.s.persist()
	return b
}

// Unbind takes a binding off, and reports whether any is left.
func (k *Kernel) Unbind(id string) bool {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	k.bindings = slices.DeleteFunc(k.bindings, func(o Binding) bool { return o.ID == id })
	k.locate()
	k.s.persist()
	return len(k.bindings) > 0
}

// locate takes the kernel's place from its bindings: a document's before others. The caller holds the session's lock.
func (k *Kernel) locate() {
	for i, b := range k.bindings {
		if i == 0 || k.document == "" && b.Document != "" {
			k.path, k.document = b.Path, b.Document
		}
	}
}

// Bindings lists what a user has open, in the order of kernels.
func (m *Manager) Bindings(user iam.Member) []Bound {
	var out []Bound
	for _, k := range m.Kernels(user) {
		k.s.mu.Lock()
		for _, b := range k.bindings {
			out = append(out, Bound{b, k})
		}
		k.s.mu.Unlock()
	}
	return out
}

// Binding finds a user's binding by its id.
func (m *Manager) Binding(user iam.Member, id string) (Bound, error) {
	for _, b := range m.Bindings(user) {
		if b.ID == id {
			return b, nil
		}
	}
	return Bound{}, fmt.Errorf("%w: no session %s", ErrNotFound, id)
}

// BindingAt finds what a user has open at a path.
func (m *Manager) BindingAt(user iam.Member, path string) (Bound, bool) {
	for _, b := range m.Bindings(user) {
		if strings.Trim(b.Path, "/") == strings.Trim(path, "/") {
			return b, true
		}
	}
	return Bound{}, false
}

// ShutdownUnused ends a kernel to which nothing is bound any more.
func (k *Kernel) ShutdownUnused(ctx context.Context) error {
	k.s.mu.Lock()
	used := len(k.bindings) > 0
	k.s.mu.Unlock()
	if used {
		return nil
	}
	return k.Shutdown(ctx)
}
