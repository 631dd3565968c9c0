// Package okdedup throws the error of its settle away, and may: what it sends carries
// the message's own id, and the mail house looks at it.
package okdedup

import "context"

// Letter is a received message.
//
//idemlint:message identity=ID count=Tries
type Letter struct {
	ID, To, Text string
	Tries        int
}

// Box is the queue.
type Box struct {
	receive func() (Letter, error)
	forget  func(id string) error
}

//idemlint:receive
func (b *Box) Next() (Letter, error) { return b.receive() }

//idemlint:settle
func (b *Box) Forget(id string) error { return b.forget(id) }

// House prints letters and sends them.
type House interface {
	//idemlint:send key=1 value=2 dedup=3
	Post(ctx context.Context, to, text, id string) error
	//idemlint:call verb=POST value=1 dedup=2
	Charge(ctx context.Context, to, id string) error
}

// Work posts one letter.
func Work(ctx context.Context, b *Box, h House) error {
	l, err := b.Next()
	if err != nil {
		return err
	}
	if err := h.Charge(ctx, l.To, "charge-"+l.ID); err != nil {
		return err
	}
	if err := h.Post(ctx, l.To, l.Text, l.ID); err != nil {
		return err
	}
	b.Forget(l.ID)
	return nil
}
