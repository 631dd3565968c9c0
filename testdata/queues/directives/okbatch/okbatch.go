// Package okbatch works on four messages, plain text, one after another; each call ends
// after 20 seconds, and the messages are hidden for two minutes.
package okbatch

import (
	"context"
	"net/rpc"
)

type lines struct{ rpc *rpc.Client }

//idemlint:receive batch=4 lease=2m
func (l lines) take() (list []string, err error) {
	err = l.rpc.Call("Lines.Take", 4, &list)
	return list, err
}

//idemlint:settle
func (l lines) drop(line string) error { return l.rpc.Call("Lines.Drop", line, nil) }

//idemlint:nack
func (l lines) giveBack(line string) error { return l.rpc.Call("Lines.GiveBack", line, nil) }

type translator struct{ rpc *rpc.Client }

//idemlint:write key=0 timeout=20s
func (t translator) translate(line string) error { return t.rpc.Call("T.Translate", line, nil) }

// Translate translates what is there.
func Translate(ctx context.Context, c *rpc.Client) error {
	l, t := lines{c}, translator{c}
	for ctx.Err() == nil {
		list, err := l.take()
		if err != nil {
			return err
		}
		for _, line := range list {
			if line == "" {
				if err := l.drop(line); err != nil {
					return err
				}
				continue
			}
			if err := t.translate(line); err != nil {
				if err := l.giveBack(line); err != nil {
					return err
				}
				continue
			}
			if err := l.drop(line); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
