package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress is one line on a terminal that is overwritten and at last removed. It
// appears when a run takes longer than patience.
type progress struct {
	mu   sync.Mutex
	what string
	stop chan struct{} // nil where there is no terminal
	gone chan struct{}
}

const (
	patience = 2 * time.Second
	refresh  = 200 * time.Millisecond
)

func newProgress(out *os.File) *progress {
	p := &progress{}
	if term.IsTerminal(int(out.Fd())) {
		p.stop, p.gone = make(chan struct{}), make(chan struct{})
		go p.show(out)
	}
	return p
}

// show writes the line until it is told to stop.
func (p *progress) show(out *os.File) {
	defer close(p.gone)
	start := time.Now()
	wait := time.NewTimer(patience)
	defer wait.Stop()
	shown := false
	for {
		select {
		case <-p.stop:
			if shown {
				fmt.Fprint(out, "\r\x1b[K")
			}
			return
		case <-wait.C:
			p.mu.Lock()
			what := p.what
			p.mu.Unlock()
			fmt.Fprintf(out, "\r\x1b[Kidemlint: %s (%.0f s)", what, time.Since(start).Seconds())
			shown = true
			wait.Reset(refresh)
		}
	}
}

// stage tells what is going on now.
func (p *progress) stage(what string) {
	p.mu.Lock()
	p.what = what
	p.mu.Unlock()
}

// done removes the line.
func (p *progress) done() {
	if p.stop != nil {
		close(p.stop)
		<-p.gone
	}
}
