package kernel

import (
	"context"
	"encoding/json"

	"sextant/kernel/wire"
)

// Cell is what an execute_request asks a shell to run.
type Cell struct {
	Code       string
	Silent     bool
	AllowStdin bool
	// Metadata is the request's metadata, a JSON object.
	Metadata json.RawMessage
	// Count is the execution counter that the cell shows.
	Count int
}

// runCell handles one execute_request.
func (k *Kernel) runCell(ctx context.Context, l *lane, m *wire.Message) {
	k.framed(m, func() {
		k.idler.run()
		var req wire.ExecuteRequest
		if err := m.Read(&req); err != nil {
			rep := wire.ExecuteReply{Status: wire.StatusError, ExecutionCount: l.nextCount(false), Failure: failureOf(err).wire()}
			k.send(m, rep)
			return
		}
		count := l.nextCount(req.StoreHistory)
		if !req.Silent {
			k.publish(m, "execute_input", wire.ExecuteInput{Code: req.Code, ExecutionCount: count})
		}
		out := &output{k: k, lane: l, req: m, silent: req.Silent, allowStdin: req.AllowStdin, count: count}
		run := l.begin(ctx, m)
		err := k.protect("this cell", func() error {
			return l.shell.Run(run, Cell{Code: req.Code, Silent: req.Silent, AllowStdin: req.AllowStdin, Metadata: m.Metadata, Count: count}, out)
		})
		rep := wire.ExecuteReply{ExecutionCount: count}
		if err == nil {
			rep.UserExpressions = k.evaluate(run, l, req.UserExpressions)
			rep.Payload = out.payload
		}
		l.end()
		if req.StoreHistory && k.history != nil && l.id == "" {
			if err := k.history.Append(count, req.Code, out.text()); err != nil {
				k.log.Warn("history", "error", err)
			}
		}
		if err != nil {
			f := failureOf(err)
			rep.Status, rep.Failure = wire.StatusError, f.wire()
			if !req.Silent {
				k.publish(m, "error", f.wire())
			}
		}
		var waiting []*wire.Message
		if err != nil && req.StopOnError {
			waiting = l.failed(m)
		}
		k.send(m, rep)
		for _, w := range waiting {
			k.abort(w)
		}
	})
}

func (k *Kernel) send(m *wire.Message, content any) {
	if err := k.reply(m, content); err != nil {
		k.log.Error("reply", "to", m.Header.MsgType, "error", err)
	}
}

// evaluate gives each user expression's value, or its error in its place.
func (k *Kernel) evaluate(ctx context.Context, l *lane, expressions map[string]string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, expression := range expressions {
		var content any
		err := k.protect("a user expression", func() error {
			data, err := l.shell.Evaluate(ctx, expression)
			content = map[string]any{"status": wire.StatusOK, "data": data, "metadata": map[string]any{}}
			return err
		})
		if err != nil {
			content = wire.ErrorReply{Failure: failureOf(err).wire()}
		}
		if raw, err := wire.Marshal(content); err == nil {
			out[name] = raw
		}
	}
	return out
}
