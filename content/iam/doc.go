// Package iam decides who may do what. It is pure: no I/O, no clock, no state but a cache of compiled conditions.
//
// The model is Google Cloud's. A Policy on a resource is a list of bindings; a Binding gives one Role to members, with
// an optional Condition in CEL. Policies are inherited down the tree and only ever add: what no binding grants is
// denied. A Subject is a principal with every group it is in, so that a decision needs no further look-up.
package iam

import "errors"

// ErrInvalid is wrapped by every error about a malformed member, role, condition or policy. Its text is safe to show
// to whoever sent the value.
var ErrInvalid = errors.New("invalid")

// ErrLastOwner is wrapped by CheckReplace where a policy would leave its resource without an owner.
var ErrLastOwner = errors.New("the last owner cannot be removed")
