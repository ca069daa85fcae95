// Package sessions runs kernels for people: a session is one user's kernel process in one environment, started when it is
// first needed, shared by that user's documents where the kernel has subshells, and ended when nobody uses it.
//
// Clients see ordinary Jupyter kernels. Behind each stands a session, in which the kernel may be one subshell of several
// (JEP 91). What a kernel says reaches every attached client, at its own pace, from the session's [feed]; a client that was
// away gets what it missed out of the agent's journal, in order and once.
package sessions
