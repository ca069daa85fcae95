package render

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"modernc.org/quickjs"
)

// The bundles are made by js/build.mjs from pinned packages; their licences lie beside them.
var (
	//go:embed js/chart.min.js
	chartSource string
	//go:embed js/math.min.js
	mathSource string
)

// prelude is what the libraries expect of a browser and the engine lacks. None of it reaches outside.
const prelude = `globalThis.console={log(){},warn(){},error(){},info(){},debug(){}};
globalThis.setTimeout=(f,_,...a)=>{Promise.resolve().then(()=>f(...a));return 0};globalThis.clearTimeout=()=>{};
globalThis.structuredClone=globalThis.structuredClone||((v)=>JSON.parse(JSON.stringify(v)));
globalThis.self=globalThis;`

var (
	errEngineTime = errors.New("it took too long")
	errEngine     = errors.New("the engine failed")
)

// enginePool lends JavaScript engines that hold one program. An engine that misbehaved is not lent again, and one that
// was used often is replaced, so that what a script left behind does not add up.
type enginePool struct {
	source string
	memory uintptr
	slots  chan struct{}
	mu     sync.Mutex
	idle   []*engine
	closed bool
}

type engine struct {
	vm   *quickjs.VM
	uses int
}

const maxEngineUses = 20_000

func newEnginePool(n int, source string, memory uintptr) *enginePool {
	return &enginePool{source: source, memory: memory, slots: make(chan struct{}, n)}
}

// use runs f with an engine of which nobody else knows, for at most limit of JavaScript's time a call.
func (p *enginePool) use(ctx context.Context, limit time.Duration, f func(vm *quickjs.VM) error) (err error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.slots }()
	p.mu.Lock()
	var e *engine
	if n := len(p.idle); n > 0 {
		e, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return fmt.Errorf("%w: the renderer is closed", errEngine)
	}
	if e == nil {
		if e, err = p.start(); err != nil {
			return err
		}
	}
	good := false
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%w: %v", errEngine, broken)
			return // the engine's state is unknown: it is left to the collector
		}
		if e.uses++; good && e.uses < maxEngineUses {
			p.mu.Lock()
			defer p.mu.Unlock()
			if !p.closed {
				p.idle = append(p.idle, e)
				return
			}
		}
		_ = e.vm.Close()
	}()
	if err := e.vm.SetEvalTimeout(limit); err != nil {
		return err
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		e.vm.Interrupt()
	})
	err = f(e.vm)
	good = err == nil
	if !stop() { // the interrupt is not to reach who comes next, nor what is closed
		<-interrupted
		good = false
	}
	if err != nil && (strings.Contains(err.Error(), "interrupt") || strings.Contains(err.Error(), "timeout")) {
		err = errEngineTime
	}
	return err
}

func (p *enginePool) start() (*engine, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errEngine, err)
	}
	vm.SetMemoryLimit(p.memory)
	vm.SetMaxStackSize(1 << 20)
	for _, source := range []string{prelude, p.source} {
		v, err := vm.EvalValue(source, quickjs.EvalGlobal)
		if err != nil {
			_ = vm.Close()
			return nil, fmt.Errorf("%w: %v", errEngine, err)
		}
		v.Free()
	}
	return &engine{vm: vm}, nil
}

func (p *enginePool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, e := range p.idle {
		_ = e.vm.Close()
	}
	p.idle = nil
}
