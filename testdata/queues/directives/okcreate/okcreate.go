// Package okcreate claims a message by creating a row under its id, and appends to the
// journal only then: a row that is there already tells that the line is there, too.
package okcreate

import (
	"context"
	"errors"
)

// ErrExists says that there is a row under the id.
var ErrExists = errors.New("the row already exists")

// Entry is a received message.
//
//idemlint:message identity=ID returned
type Entry struct{ ID, Line string }

// Rows are unique by their id.
type Rows interface {
	//idemlint:create key=1
	Insert(ctx context.Context, id string, line string) error
}

// Writer writes entries.
type Writer struct{ rows Rows }

// Handle is given each entry by somebody else.
func (w *Writer) Handle(ctx context.Context, e *Entry) error {
	err := w.rows.Insert(ctx, e.ID, e.Line)
	if errors.Is(err, ErrExists) {
		return nil
	}
	return err
}
