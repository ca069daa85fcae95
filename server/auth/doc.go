// Package auth finds out who sends a request: by a session's cookie, a token, a password, a link that is followed once,
// or an OpenID Connect provider. What somebody may do is decided in content/iam.
package auth
