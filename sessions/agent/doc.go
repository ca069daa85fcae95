// Package agent is the process that stands beside each kernel: it starts the kernel in its sandbox, owns the ZeroMQ
// sockets, tells a kernel that is busy from one that hangs or has died, kills one that ignores an interrupt, and keeps a
// journal of what the kernel said. It runs on when the server stops, so that a cell that runs meanwhile ends with its
// outputs recorded; without a server for too long it ends, and its kernel always ends with it.
package agent
