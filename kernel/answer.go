package kernel

import (
	"time"

	"sextant/kernel/wire"
)

// lookTimeout bounds a request that only looks; what it has by then is its answer.
const lookTimeout = 2 * time.Second

const username = "kernel"

// framed brackets the handling of a request by busy and idle (messaging spec, "Kernel status").
func (k *Kernel) framed(m *wire.Message, f func()) {
	k.idler.begin()
	defer k.idler.end()
	k.publishStatus(m, wire.StateBusy)
	defer k.publishStatus(m, wire.StateIdle)
	f()
}

// answer handles a request between busy and idle; an error, or a panic, becomes the reply.
func (k *Kernel) answer(m *wire.Message, f func() error) {
	k.framed(m, func() {
		err := k.protect(m.Header.MsgType, f)
		if err == nil {
			return
		}
		if err := k.reply(m, wire.ErrorReply{Failure: failureOf(err).wire()}); err != nil {
			k.log.Error("error reply", "to", m.Header.MsgType, "error", err)
		}
	})
}

// abort answers a cell that will not run because one before it failed.
func (k *Kernel) abort(m *wire.Message) {
	k.framed(m, func() {
		content := wire.ExecuteReply{Status: wire.StatusAborted}
		content.EName, content.EValue = "Aborted", "a cell before this one failed"
		if err := k.reply(m, content); err != nil {
			k.log.Error("aborted reply", "error", err)
		}
	})
}

func (k *Kernel) reply(m *wire.Message, content any) error {
	rep, err := wire.NewReply(k.session, username, m, replyType(m.Header.MsgType), content)
	if err != nil {
		return err
	}
	return k.opts.Transport.Send(rep)
}

// publish broadcasts content as a message of the request m, or of nobody.
func (k *Kernel) publish(m *wire.Message, msgType string, content any) {
	out, err := wire.NewOutput(k.session, username, m, msgType, content)
	if err != nil {
		k.log.Error("output was dropped", "type", msgType, "error", err)
		return
	}
	out.Identities = [][]byte{[]byte("kernel." + k.session + "." + msgType)}
	if err := k.opts.Transport.Publish(out); err != nil {
		k.log.Warn("publish", "type", msgType, "error", err)
	}
}

func (k *Kernel) publishStatus(m *wire.Message, state string) {
	k.publish(m, "status", wire.Status{ExecutionState: state})
}
