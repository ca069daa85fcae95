// Package environment is the specifications of environments and data sources: strict TOML, read, checked and given their
// defaults. It is pure: what paths, secrets and kernels are named is found elsewhere.
package environment
