// Package link is what the server and the agent beside a kernel say to each other over one unix socket.
//
// Either side sends frames: a length, a kind, and a payload. Kernel messages travel as frames of the Jupyter websocket
// protocol v1 (kernel/wire), so that what an agent sends is passed on to a browser as it is. Everything that a kernel says
// has a position in the agent's journal, counted from 1: a server that was away names the last position it has, and gets
// what came after it, exactly once and in order.
//
//	server → agent   Hello, then messages for the kernel and calls
//	agent → server   Welcome, then messages of the kernel, and an answer to each call
package link
