package server

import (
	"context"
	"errors"

	"sextant/content"
	"sextant/content/environment"
	"sextant/server/jupyter"
)

// environments lists the environments that the actor may use, as Jupyter's clients are to see them.
func (a *App) environments(ctx context.Context) ([]jupyter.Environment, error) {
	if a.plans == nil {
		return nil, nil
	}
	found, err := a.service.Usable(ctx, content.Environment)
	if err != nil {
		return nil, err
	}
	var out []jupyter.Environment
	for _, r := range found {
		kernel, err := a.plans.kernelOf(ctx, r)
		if errors.Is(err, content.ErrNotFound) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, jupyter.Environment{ID: string(r.ID), Revision: string(r.Head), Title: title(r), Kernel: kernel})
	}
	return out, nil
}

// kernelOf is the kernel of an environment's newest revision, read once for each.
func (p *planner) kernelOf(ctx context.Context, r content.Resource) (string, error) {
	if known, ok := p.kernels.Load(r.Head); ok {
		return known.(string), nil
	}
	used, err := p.service.UseEnvironment(ctx, r.ID, "")
	if err != nil {
		return "", err
	}
	spec, err := environment.Parse(used.Content)
	if err != nil {
		return "", nil // it cannot be run in
	}
	p.kernels.Store(used.Revision.ID, spec.Kernel)
	return spec.Kernel, nil
}
