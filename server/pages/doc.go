// Package pages serves documents to those who only read: a document's stored content and outputs as a page that needs no
// session, no script and no running of anything. It translates only: who may read is content.Service's to say, what a
// document looks like is content/render's.
package pages
