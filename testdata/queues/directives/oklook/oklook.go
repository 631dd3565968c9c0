// Package oklook asks another system after the settle; asking does nothing there.
package oklook

import (
	"context"
	"log"
)

// Ping is a received message.
type Ping struct{ Host string }

// Pings is the queue.
type Pings struct {
	pull func() (*Ping, error)
	drop func(*Ping) error
}

//idemlint:receive
func (p *Pings) Pull() (*Ping, error) { return p.pull() }

//idemlint:settle
func (p *Pings) Drop(ping *Ping) error { return p.drop(ping) }

// Hosts is a directory.
type Hosts interface {
	//idemlint:write key=1
	Mark(ctx context.Context, host string) error
	//idemlint:call value=1 verb=GET timeout=5s
	Lookup(ctx context.Context, host string) (string, error)
}

// Run marks hosts.
func Run(ctx context.Context, pings *Pings, hosts Hosts) error {
	ping, err := pings.Pull()
	if err != nil {
		return err
	}
	if err := hosts.Mark(ctx, ping.Host); err != nil {
		return err
	}
	if err := pings.Drop(ping); err != nil {
		return err
	}
	name, err := hosts.Lookup(ctx, ping.Host)
	if err != nil {
		return err
	}
	log.Printf("marked %s", name)
	return nil
}
