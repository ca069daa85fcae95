package content

import (
	"context"

	"sextant/content/iam"
)

// Actor is who makes a call and how they came. It travels in the context.
type Actor struct {
	// Principal is empty for somebody who has not signed in.
	Principal iam.Member
	// Permissions limits what the principal's own rights are used for, as a token's scope does; nil does not.
	Permissions        []iam.Permission
	Address, RequestID string

	// internal is what the server does by itself, with one permission and no other.
	internal iam.Permission
}

// systemMember stands in the log for what the server does by itself. It has no colon, so nobody can be it.
const systemMember iam.Member = "system"

type actorKey struct{}

// WithActor gives a context in which a calls. A context without one calls as somebody who has not signed in.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// WithMaintenance gives a context for the server's own upkeep: it may do what needs iam.SystemMaintain, nothing else.
// It must never carry a caller's request.
func WithMaintenance(ctx context.Context) context.Context {
	return WithActor(ctx, Actor{Principal: systemMember, internal: iam.SystemMaintain})
}

// ActorFrom is who calls in ctx.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
