// Package mq pulls jobs and gives them to whoever is registered.
package mq

import "context"

// Job is a received message.
type Job struct {
	ID   string
	Data []byte
}

// Worker works on jobs.
type Worker interface {
	//idemlint:handler
	Work(ctx context.Context, j *Job) error
}

type server interface {
	//idemlint:receive lease=90s
	pull(ctx context.Context) (*Job, error)
	//idemlint:settle
	finish(ctx context.Context, j *Job) error
}

// Pump gives jobs to a worker.
type Pump struct {
	server server
	worker Worker
}

// Run settles a job before the worker has it.
func (p *Pump) Run(ctx context.Context) error {
	for {
		j, err := p.server.pull(ctx)
		if err != nil {
			return err
		}
		if err := p.server.finish(ctx, j); err != nil { // want `settled before the work is done: mq.Worker Work comes after.*\(earlydelete\)`
			return err
		}
		if err := p.worker.Work(ctx, j); err != nil {
			return err
		}
	}
}
