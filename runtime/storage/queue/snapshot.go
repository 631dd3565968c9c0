package queue

import "time"

// Snapshot is a copy of all queues: their names, and their messages that have not
// expired, in the order in which they were put.
func (s *Service) Snapshot() map[string][]Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	all := make(map[string][]Message, len(s.queues))
	for name, q := range s.queues {
		messages := make([]Message, 0, len(q.messages))
		for _, m := range q.messages {
			if !m.expired(now) {
				messages = append(messages, *m)
			}
		}
		all[name] = messages
	}
	return all
}

// Visible is how many messages of a queue can be received now, 0 if there is no such
// queue.
func (s *Service) Visible(queue string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	n := 0
	if q := s.queues[queue]; q != nil {
		for _, m := range q.messages {
			if m.visible(now) && !m.expired(now) {
				n++
			}
		}
	}
	return n
}

// NextVisible is when the next hidden message of any queue becomes visible, and false
// if none does before it expires.
func (s *Service) NextVisible() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var next time.Time
	found := false
	for _, q := range s.queues {
		for _, m := range q.messages {
			if m.visible(now) || m.expired(m.NextVisible) {
				continue
			}
			if !found || m.NextVisible.Before(next) {
				next, found = m.NextVisible, true
			}
		}
	}
	return next, found
}
