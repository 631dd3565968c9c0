package explore

import (
	"reflect"
	"testing"
	"time"
)

func TestSchedulesAreWords(t *testing.T) {
	for _, test := range []struct {
		word string
		want Schedule
	}{
		{"none", Schedule{Messages: []int{1, 2}, Workers: 1}},
		{"C@1.4", Schedule{Messages: []int{1, 2}, Workers: 1, Faults: []Fault{{LoseRequest, 1, 4, 'C'}}}},
		{"2,1:B@1.1,crash+@2.3", Schedule{Messages: []int{2, 1}, Workers: 1, Faults: []Fault{{LoseAnswer, 1, 1, 'B'}, {CrashAfter, 2, 3, 0}}}},
		{"2:freeze@1.2", Schedule{Messages: []int{2}, Workers: 1, Faults: []Fault{{Freeze, 1, 2, 0}}}},
		{"busy@1.2", Schedule{Messages: []int{1, 2}, Workers: 1, Faults: []Fault{{Busy, 1, 2, 0}}}},
		{"/2:none", Schedule{Messages: []int{1, 2}, Workers: 2}},
		{"1/2:overlap@1.2,crash-@1.2", Schedule{Messages: []int{1}, Workers: 2, Faults: []Fault{{Overlap, 1, 2, 0}, {CrashBefore, 1, 2, 0}}}},
	} {
		test.want.world = 2
		got, err := ParseSchedule(test.word, 2)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s is read as %+v (%v), want %+v", test.word, got, err, test.want)
		}
		if got.String() != test.word {
			t.Errorf("%s is written as %s", test.word, got)
		}
	}
}

// A message is done when its worker goes on to the delete; only then must what comes
// later be handled after it.
func TestPrecedence(t *testing.T) {
	got := func(at, instance int, m ...int) step {
		s := step{at: time.Duration(at), instance: instance, role: receive}
		for _, n := range m {
			s.messages = append(s.messages, delivered{message: n})
		}
		return s
	}
	deletes := func(at, instance, m int) step {
		return step{at: time.Duration(at), instance: instance, role: settle, fault: LoseRequest, messages: []delivered{{message: m}}}
	}
	writes := func(at, instance int) step {
		return step{at: time.Duration(at), instance: instance, role: write}
	}
	for _, test := range []struct {
		name  string
		steps []step
		want  [][2]int
	}{
		{"one after the other", []step{got(1, 1, 1), writes(2, 1), deletes(3, 1, 1), got(4, 1, 2), deletes(5, 1, 2)}, [][2]int{{1, 2}}},
		{"failed before its delete", []step{got(1, 1, 1), writes(2, 1), got(4, 1, 2), deletes(5, 1, 2), got(6, 1, 1), deletes(7, 1, 1)}, nil},
		{"at the same time", []step{got(1, 1, 1), got(2, 2, 2), deletes(3, 1, 1), deletes(4, 2, 2)}, nil},
		{"works on after its delete", []step{got(1, 1, 1), deletes(2, 1, 1), got(3, 2, 2), writes(4, 1), deletes(5, 2, 2)}, nil},
	} {
		o := &outcome{steps: test.steps}
		if pairs := o.precedence(); !reflect.DeepEqual(pairs, test.want) {
			t.Errorf("%s: %v, want %v", test.name, pairs, test.want)
		}
	}
}
