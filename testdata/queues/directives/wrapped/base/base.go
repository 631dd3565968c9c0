// Package base is what the house's services are made of.
package base

import "context"

// Delivery is a received message.
//
//idemlint:message identity=ID count=Attempt
type Delivery struct {
	ID      string
	Attempt int
	Body    []byte
}

// Broker is where deliveries come from and go to.
type Broker interface {
	//idemlint:receive lease=30s
	Next(ctx context.Context) (*Delivery, error)
	//idemlint:settle
	Ack(ctx context.Context, d *Delivery) error
	//idemlint:nack
	Nack(ctx context.Context, d *Delivery) error
	//idemlint:send key=1 value=2
	Publish(ctx context.Context, topic string, body []byte) error
}

// Service has a broker.
type Service struct{ Broker }

// Serve gives each delivery to work, with two more tries, and settles it.
func (s *Service) Serve(ctx context.Context, work func(ctx context.Context, body []byte) error) error {
	for ctx.Err() == nil {
		d, err := s.Next(ctx)
		if err != nil {
			return err
		}
		for range 3 {
			if err = work(ctx, d.Body); err == nil {
				break
			}
		}
		if err != nil && d.Attempt < 5 {
			err = s.Nack(ctx, d)
		} else {
			err = s.Ack(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
