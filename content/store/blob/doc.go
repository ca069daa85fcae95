// Package blob keeps content by its SHA-256: on disk, where every acknowledged write has been synced, or in object
// storage by URL.
//
// A blob is stored in the zstd seekable format (facebook/zstd, contrib/seekable_format): independent frames of at most
// 1 MiB of content, each with a checksum, and a seek table at the end. So a range is read without what stands before
// it, every byte handed out has been checked, memory stays bounded, and `zstd -d` reads the file without Sextant.
package blob
