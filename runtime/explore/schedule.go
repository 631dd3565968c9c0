package explore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is what goes wrong at an operation.
type Kind uint8

// The kinds of faults.
const (
	// LoseRequest: the request never reaches the service, the client sees a timeout.
	// Message A of a receive, C of a delete.
	LoseRequest Kind = iota + 1
	// LoseAnswer: the request is executed, its answer never arrives, the client sees a
	// timeout. Message B of a receive, D of a delete.
	LoseAnswer
	// CrashBefore: the instance crashes before the request is sent.
	CrashBefore
	// CrashAfter: the instance crashes after the request was executed, before its answer.
	CrashAfter
	// Stop: the instance is told to stop before the request: its context is cancelled, as at
	// each deployment, and another instance takes its place.
	Stop
	// Overlap: the instance is held before the request while another one does what it can,
	// then goes on. The lease does not end in the meantime.
	Overlap
	// Freeze: the instance is frozen before the request for longer than the lease; another
	// one receives the message and works to its end; then the first goes on, and its
	// request is sent.
	Freeze
	// Busy: the service answers 503 ServerBusy and does nothing. To a client that looks at
	// nothing but whether there is an error that is a lost request without the wait, so it is
	// played only where clients try again (World.Retry), or where World.Busy asks for it.
	Busy
)

var kindNames = [...]string{
	LoseRequest: "request", LoseAnswer: "answer", CrashBefore: "crash-", CrashAfter: "crash+",
	Stop: "stop", Overlap: "overlap", Freeze: "freeze", Busy: "busy",
}

// String is the kind's word in a replay.
func (k Kind) String() string {
	if int(k) < len(kindNames) && k > 0 {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Fault is one thing that goes wrong: at an operation of an instance, both counted from 1.
type Fault struct {
	Kind      Kind
	Instance  int
	Operation int
	// Message is the letter of the message of the message loop that is lost by it, A to D,
	// or 0.
	Message byte
}

// String is the fault's word in a replay.
func (f Fault) String() string {
	kind := f.Kind.String()
	if f.Message != 0 {
		kind = string(f.Message)
	}
	return fmt.Sprintf("%s@%d.%d", kind, f.Instance, f.Operation)
}

// Schedule is what the surroundings of a handler do: in which order messages come, how
// many instances there are, and what goes wrong.
type Schedule struct {
	// Messages are numbers of the world's messages, from 1, in the order of delivery.
	Messages []int
	// Workers is how many instances there are at the start.
	Workers int
	// Faults go wrong, in this order of time.
	Faults []Fault

	world int // how many messages the world has
}

// String is the schedule as -explore.replay takes it.
func (s Schedule) String() string {
	var b strings.Builder
	if !s.natural() {
		for i, m := range s.Messages {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(m))
		}
	}
	if s.Workers != 1 {
		fmt.Fprintf(&b, "/%d", s.Workers)
	}
	if b.Len() > 0 {
		b.WriteByte(':')
	}
	if len(s.Faults) == 0 {
		b.WriteString("none")
	}
	for i, f := range s.Faults {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// natural tells whether the messages are all of the world's, in their order.
func (s Schedule) natural() bool {
	if len(s.Messages) != s.world {
		return false
	}
	for i, m := range s.Messages {
		if m != i+1 {
			return false
		}
	}
	return true
}

// with is s with one more fault.
func (s Schedule) with(f Fault) Schedule {
	s.Faults = append(slices.Clone(s.Faults), f)
	return s
}

// interleaves tells whether two instances are at work at once.
func (s Schedule) interleaves() bool {
	return s.Workers > 1 || slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Kind == Overlap || f.Kind == Freeze })
}

// fault is what goes wrong at this operation when its turn comes for the n-th time,
// counted from 0, and 0 if nothing does. An operation has a second turn after it was held.
func (s Schedule) fault(instance, operation, n int) Kind {
	for _, f := range s.Faults {
		if f.Instance != instance || f.Operation != operation {
			continue
		}
		if n == 0 {
			return f.Kind
		}
		n--
	}
	return 0
}

// ParseSchedule reads what [Schedule.String] writes, for a world of n messages.
func ParseSchedule(word string, n int) (Schedule, error) {
	s := Schedule{Workers: 1, world: n}
	head, faults, found := strings.Cut(word, ":")
	if !found {
		head, faults = "", word
	}
	order, workers, found := strings.Cut(head, "/")
	if found {
		count, err := strconv.Atoi(workers)
		if err != nil || count < 1 {
			return s, fmt.Errorf("explore: %q is no number of workers", workers)
		}
		s.Workers = count
	}
	var err error
	if s.Messages, err = parseMessages(order, n); err != nil {
		return s, err
	}
	for word := range strings.SplitSeq(faults, ",") {
		if word == "none" && faults == "none" {
			break
		}
		f, err := parseFault(word)
		if err != nil {
			return s, err
		}
		s.Faults = append(s.Faults, f)
	}
	return s, nil
}

func parseMessages(order string, n int) ([]int, error) {
	var messages []int
	if order == "" {
		for m := range n {
			messages = append(messages, m+1)
		}
		return messages, nil
	}
	for number := range strings.SplitSeq(order, ",") {
		m, err := strconv.Atoi(number)
		if err != nil || m < 1 || m > n || slices.Contains(messages, m) {
			return nil, fmt.Errorf("explore: %q is no order of messages 1 to %d", order, n)
		}
		messages = append(messages, m)
	}
	return messages, nil
}

func parseFault(word string) (Fault, error) {
	var f Fault
	wrong := fmt.Errorf("explore: %q is no fault: want kind@instance.operation", word)
	kind, place, _ := strings.Cut(word, "@")
	instance, operation, _ := strings.Cut(place, ".")
	var err1, err2 error
	f.Instance, err1 = strconv.Atoi(instance)
	f.Operation, err2 = strconv.Atoi(operation)
	if errors.Join(err1, err2) != nil || f.Instance < 1 || f.Operation < 1 {
		return f, wrong
	}
	switch kind {
	case "A", "C":
		f.Kind, f.Message = LoseRequest, kind[0]
	case "B", "D":
		f.Kind, f.Message = LoseAnswer, kind[0]
	default:
		k := slices.Index(kindNames[:], kind)
		if k < 1 {
			return f, wrong
		}
		f.Kind = Kind(k)
	}
	return f, nil
}
