// Package closeorder wraps every error it meets, its own among them: what it returns is
// never nil there.
package closeorder

import (
	"context"
	"encoding/json"

	"github.com/hibiken/asynq"
	"github.com/pkg/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var errClose = errors.New("order not closed")

// Orders are kept by another service.
type Orders interface {
	State(ctx context.Context, number string) (string, error)
	Cancel(ctx context.Context, number string) error
}

// Closer cancels orders that nobody paid for.
type Closer struct {
	Orders Orders
}

// ProcessTask closes one order.
func (c *Closer) ProcessTask(ctx context.Context, t *asynq.Task) error {
	var order struct{ Number string }
	if err := json.Unmarshal(t.Payload(), &order); err != nil {
		return errors.Wrapf(errClose, "payload: %v", err)
	}
	state, err := c.Orders.State(ctx, order.Number)
	if err != nil {
		return errors.Wrap(err, "state")
	}
	if state == "" {
		return status.Errorf(codes.NotFound, "order %s", order.Number)
	}
	if state == "waiting" {
		if err := c.Orders.Cancel(ctx, order.Number); err != nil {
			return annotate(err, order.Number)
		}
	}
	return nil
}

func annotate(err error, number string) error {
	if err == nil {
		return nil
	}
	return errors.WithMessage(err, number)
}

// Loose does the same, and wraps the wrong error: what it returns is nil.
type Loose struct {
	Orders Orders
}

// ProcessTask closes one order.
func (l *Loose) ProcessTask(ctx context.Context, t *asynq.Task) error {
	var order struct{ Number string }
	err := json.Unmarshal(t.Payload(), &order)
	if err != nil {
		return errors.Wrapf(errClose, "payload: %v", err)
	}
	if cancelled := l.Orders.Cancel(ctx, order.Number); cancelled != nil {
		return errors.Wrap(err, "cancel") // want `settled although the work failed.*\(deleteonerror\)`
	}
	return nil
}
