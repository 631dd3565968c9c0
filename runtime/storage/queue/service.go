// Package queue is the queue service of a storage account.
package queue

import (
	"net/http"
	"sync"
	"time"
)

// Service is the queue service of one account. Safe for concurrent use.
type Service struct {
	now func() time.Time
	mu  sync.Mutex
}

// New returns an empty service that takes the time from now.
func New(now func() time.Time) *Service { return &Service{now: now} }

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	http.Error(w, "not built yet", http.StatusNotImplemented)
}
