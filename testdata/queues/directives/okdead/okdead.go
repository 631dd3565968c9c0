// Package okdead gives up on a message after five deliveries: it puts it aside, where
// somebody looks at it. That is no settle of failed work.
package okdead

import "context"

// Parcel is a received message.
//
//idemlint:message identity=Code count=Seen
type Parcel struct {
	Code string
	Seen int
}

//idemlint:settle
func (p *Parcel) Ack() error { return post("ack", p.Code) }

//idemlint:nack
func (p *Parcel) Nack(requeue bool) error { return post("nack", p.Code) }

//idemlint:deadletter
func (p *Parcel) PutAside(reason string) error { return post("aside", p.Code+" "+reason) }

var post func(verb, text string) error

// Parcels come one by one.
type Parcels interface {
	//idemlint:receive
	Subscribe(ctx context.Context) (<-chan *Parcel, error)
}

// Depot stores parcels.
type Depot interface {
	//idemlint:create
	Store(ctx context.Context, code string) error
}

// Unload stores what comes.
func Unload(ctx context.Context, parcels Parcels, d Depot) error {
	ch, err := parcels.Subscribe(ctx)
	if err != nil {
		return err
	}
	for p := range ch {
		err := d.Store(ctx, p.Code)
		switch {
		case err == nil:
			err = p.Ack()
		case p.Seen > 5:
			err = p.PutAside(err.Error())
		default:
			err = p.Nack(true)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
