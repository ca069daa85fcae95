// Package run executes documents and statements with nobody watching: jobs. A [Runner] prepares a copy of what is to be
// executed, starts a kernel for it as the sessions of people are started, hands it one cell after the other, and has the
// recorder put outputs where they belong. How far a job is stands in the store, so that the next server goes on where
// this one stopped.
package run
