// Package git writes and reads histories by the git program: a stream for git fast-import, the log of a branch, and the
// content of its files. It knows nothing of Sextant's documents.
//
// The program does the work rather than a library: every machine that has a repository to read has it, it writes packs at the
// speed of the disk whatever the size of a file, and the binary stays small.
package git
