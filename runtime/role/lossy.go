package role

import (
	"errors"
	"net/http"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Loss says what becomes of one request.
type Loss int

const (
	// LoseNothing lets the request through.
	LoseNothing Loss = iota
	// LoseRequest loses it on its way: it is not executed.
	LoseRequest
	// LoseAnswer loses the answer: it has been executed, and the caller gets an error.
	LoseAnswer
)

// ErrLost is the caller's error for a lost request and for a lost answer: it cannot tell
// which.
var ErrLost = errors.New("role: connection lost")

// Lossy is a network before next that loses what lose says. lose is called for one
// request at a time, with the number of the request, from 1; it must not wait.
func Lossy(next policy.Transporter, lose func(n int, r *http.Request) Loss) policy.Transporter {
	return &lossy{next: next, lose: lose}
}

type lossy struct {
	next policy.Transporter
	lose func(n int, r *http.Request) Loss

	mu sync.Mutex
	n  int
}

func (l *lossy) Do(r *http.Request) (*http.Response, error) {
	switch l.decide(r) {
	case LoseRequest:
		return nil, ErrLost
	case LoseAnswer:
		if answer, err := l.next.Do(r); err == nil {
			answer.Body.Close()
		}
		return nil, ErrLost
	}
	return l.next.Do(r)
}

func (l *lossy) decide(r *http.Request) Loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return l.lose(l.n, r)
}
