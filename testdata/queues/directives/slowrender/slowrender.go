// Package slowrender calls a renderer that may take 45 seconds for each of two pages,
// while the job is hidden for a minute.
package slowrender

import (
	"context"
	"net/rpc"
)

// Job names what to render.
type Job struct {
	ID, First, Second string
}

type jobs struct{ rpc *rpc.Client }

//idemlint:receive lease=1m
func (j jobs) next() (*Job, error) {
	job := new(Job)
	return job, j.rpc.Call("Jobs.Next", 60, job)
}

//idemlint:settle message=0
func (j jobs) finish(id string) error { return j.rpc.Call("Jobs.Finish", id, nil) }

type renderer struct{ rpc *rpc.Client }

// render gives up after 45 seconds.
//
//idemlint:call value=0 timeout=45s
func (r renderer) render(page string) error { return r.rpc.Call("Renderer.Render", page, nil) }

// Work renders jobs until there is an error.
func Work(ctx context.Context, queue, render *rpc.Client) error {
	j, r := jobs{queue}, renderer{render}
	for ctx.Err() == nil {
		job, err := j.next()
		if err != nil {
			return err
		}
		if err := r.render(job.First); err != nil { // want `the work can outlast the lease: known waits add up to 1m30s, the message is hidden for 1m0s.*\(visibility\)`
			return err
		}
		if err := r.render(job.Second); err != nil {
			return err
		}
		if err := j.finish(job.ID); err != nil {
			return err
		}
	}
	return ctx.Err()
}
