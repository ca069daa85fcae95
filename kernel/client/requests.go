package client

import (
	"context"

	"sextant/kernel/wire"
)

// Each of these makes one request and waits for its reply until ctx ends. A reply that says error is an [*Error].

// KernelInfo asks who the kernel is.
func (c *Client) KernelInfo(ctx context.Context) (r wire.KernelInfoReply, err error) {
	err = c.call(ctx, wire.Shell, "kernel_info_request", nil, &r)
	return r, err
}

// Complete asks for completions at cursor, which counts Unicode code points.
func (c *Client) Complete(ctx context.Context, code string, cursor int) (r wire.CompleteReply, err error) {
	err = c.call(ctx, wire.Shell, "complete_request", wire.CompleteRequest{Code: code, CursorPos: cursor}, &r)
	return r, err
}

// Inspect asks what is at cursor, which counts Unicode code points. Detail is 0 or 1.
func (c *Client) Inspect(ctx context.Context, code string, cursor, detail int) (r wire.InspectReply, err error) {
	err = c.call(ctx, wire.Shell, "inspect_request", wire.InspectRequest{Code: code, CursorPos: cursor, DetailLevel: detail}, &r)
	return r, err
}

// IsComplete asks whether code can be run as it stands.
func (c *Client) IsComplete(ctx context.Context, code string) (r wire.IsCompleteReply, err error) {
	err = c.call(ctx, wire.Shell, "is_complete_request", wire.IsCompleteRequest{Code: code}, &r)
	return r, err
}

// History asks for earlier inputs.
func (c *Client) History(ctx context.Context, req wire.HistoryRequest) (r wire.HistoryReply, err error) {
	err = c.call(ctx, wire.Shell, "history_request", req, &r)
	return r, err
}

// CommInfo asks for the open comms of a target, or of all with an empty name.
func (c *Client) CommInfo(ctx context.Context, target string) (r wire.CommInfoReply, err error) {
	err = c.call(ctx, wire.Shell, "comm_info_request", wire.CommInfoRequest{TargetName: target}, &r)
	return r, err
}

// Interrupt asks the kernel to stop what runs. Kernels whose spec says interrupt_mode signal do not know the request: send
// those SIGINT.
func (c *Client) Interrupt(ctx context.Context) error {
	return c.call(ctx, wire.Control, "interrupt_request", nil, &wire.InterruptReply{})
}

// Shutdown asks the kernel to end itself; restart tells it that another will take its place. The reply is the kernel's
// last word, not its end: wait for the process, or for Done.
func (c *Client) Shutdown(ctx context.Context, restart bool) (r wire.ShutdownReply, err error) {
	err = c.call(ctx, wire.Control, "shutdown_request", wire.ShutdownRequest{Restart: restart}, &r)
	return r, err
}

// CreateSubshell asks for a new subshell (JEP 91) and returns its id.
func (c *Client) CreateSubshell(ctx context.Context) (string, error) {
	var r wire.CreateSubshellReply
	err := c.call(ctx, wire.Control, "create_subshell_request", nil, &r)
	return r.SubshellID, err
}

// DeleteSubshell ends a subshell.
func (c *Client) DeleteSubshell(ctx context.Context, id string) error {
	return c.call(ctx, wire.Control, "delete_subshell_request", wire.DeleteSubshellRequest{SubshellID: id}, &wire.DeleteSubshellReply{})
}

// ListSubshells returns the ids of the subshells.
func (c *Client) ListSubshells(ctx context.Context) ([]string, error) {
	var r wire.ListSubshellReply
	err := c.call(ctx, wire.Control, "list_subshell_request", nil, &r)
	return r.SubshellID, err
}
