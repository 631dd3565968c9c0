// Package earlyack works on a queue of the house that speaks lines over TCP: nothing
// but the directives says what its methods do.
package earlyack

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
)

// Task is one line of the queue.
type Task struct {
	ID   string
	Body string
}

// Queue is a connection to the queue server.
type Queue struct {
	conn net.Conn
	in   *bufio.Reader
}

// Pull asks for the next task and waits for it; it is hidden from others for a minute.
//
//idemlint:receive lease=60s
func (q *Queue) Pull(ctx context.Context) (Task, error) {
	if _, err := fmt.Fprintln(q.conn, "PULL"); err != nil {
		return Task{}, err
	}
	line, err := q.in.ReadString('\n')
	if err != nil {
		return Task{}, err
	}
	id, body, _ := strings.Cut(strings.TrimSpace(line), " ")
	return Task{ID: id, Body: body}, nil
}

// Done tells the server that the task is finished.
//
//idemlint:settle
func (q *Queue) Done(ctx context.Context, t Task) error {
	_, err := fmt.Fprintln(q.conn, "DONE", t.ID)
	return err
}

// Ledger keeps bookings on another server.
type Ledger struct{ conn net.Conn }

// Book writes a booking under its id.
//
//idemlint:write key=1 value=2
func (l *Ledger) Book(ctx context.Context, id string, b Booking) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(l.conn, "PUT %s %s\n", id, text)
	return err
}

// Booking is one entry.
type Booking struct {
	ID     string
	Amount int
}

// Run books what comes.
func Run(ctx context.Context, q *Queue, l *Ledger) error {
	for {
		t, err := q.Pull(ctx)
		if err != nil {
			return err
		}
		if err := q.Done(ctx, t); err != nil { // want `settled before the work is done: earlyack.Ledger Book comes after the settle.*\(earlydelete\)`
			return err
		}
		var b Booking
		if err := json.Unmarshal([]byte(t.Body), &b); err != nil {
			continue
		}
		if err := l.Book(ctx, b.ID, b); err != nil {
			return err
		}
	}
}
