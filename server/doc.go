// Package server wires everything together: Open a Config into an App, Run it, Close it.
package server
