// Package livefeed shows what happens now: whoever is not there misses it, so that the
// broker may settle as it sends. Nothing outlives the process.
package livefeed

import (
	"fmt"
	"io"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

type Feed struct {
	mu      sync.Mutex
	viewers map[string]chan<- string
}

func (f *Feed) Follow(ch *amqp.Channel) error {
	q, err := ch.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		return err
	}
	if err := ch.QueueBind(q.Name, "#", "news", false, nil); err != nil {
		return err
	}
	news, err := ch.Consume(q.Name, "", true, true, false, false, nil)
	if err != nil {
		return err
	}
	for d := range news {
		f.mu.Lock()
		for _, v := range f.viewers {
			select {
			case v <- string(d.Body):
			default:
			}
		}
		f.mu.Unlock()
	}
	return io.EOF
}

func (f *Feed) String() string { return fmt.Sprintf("%d viewers", len(f.viewers)) }
