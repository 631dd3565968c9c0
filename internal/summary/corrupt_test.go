package summary_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// small is a fact with a bit of everything.
func small(t testing.TB) []byte {
	tab := value.NewTable()
	key := tab.List(tab.Const("orders"), tab.Leaf(value.Param, 1, 0, ""))
	e := summary.Effect{Func: "(*Client).Upload", Pos: summary.Pos{Pkg: "m/store", File: "store.go", Line: 7, Col: 2}}
	e.Slots[summary.Key] = key
	e.Slots[summary.Content] = tab.Struct("m.T", tab.Leaf(value.Param, 0, 0, ""), []string{"N"}, []*value.Value{tab.Int(1)})
	f := summary.Encode(&summary.Package{
		Path:     "m/store",
		Carriers: []string{"m/store.Job"}, Judged: []uint64{3, 1 << 40},
		Fields:   []summary.Field{{Name: "m/store.Store.client", Value: tab.Nil()}},
		Calls:    []models.Call{{Func: "m/store.Put", Role: models.Write, Said: true, Key: []models.Path{"arg1"}, Actions: map[string]models.Role{"put": models.Write}, Lease: models.Quantity{Default: 30}}},
		Messages: []models.Message{{Type: "m/store.Job", Identity: []string{"ID"}, Returned: true}},
		Functions: []*summary.Summary{{
			Name: "m/store.Put", Params: 2, Results: []*value.Value{nil, tab.Unknown()}, Effects: []summary.Effect{e},
			Outcomes: []summary.Outcome{{Custody: summary.Held, Worked: true, Results: []summary.Known{summary.Absent}}},
			Windows:  []summary.Window{{Func: "m/store.Run", Receive: e, Effects: []summary.Effect{e}, Known: []uint64{1}}},
		}},
	})
	if _, err := f.Decode(value.NewTable()); err != nil {
		t.Fatal(err)
	}
	return f.Data
}

// decode reads bytes that may be anything: the answer is an error or a package that
// can be written, never a panic.
func decode(t testing.TB, data []byte) error {
	p, err := (&summary.Fact{Data: data}).Decode(value.NewTable())
	if (p == nil) == (err == nil) {
		t.Fatalf("Decode of %x returns %v and %v", data, p, err)
	}
	if err != nil {
		return err
	}
	// What could be read is stable from then on.
	once := summary.Encode(p).Data
	q, err := (&summary.Fact{Data: once}).Decode(value.NewTable())
	if err != nil {
		t.Fatalf("what was made of %x cannot be read: %v", data, err)
	}
	if again := summary.Encode(q).Data; !bytes.Equal(once, again) {
		t.Fatalf("%x became %x and then %x", data, once, again)
	}
	return nil
}

// TestCorrupt: every way of cutting a fact short is an error, and no change of its
// bytes makes Decode panic.
func TestCorrupt(t *testing.T) {
	data := small(t)
	for n := range data {
		if decode(t, data[:n]) == nil {
			t.Errorf("the first %d of %d bytes pass for a fact", n, len(data))
		}
	}
	for i := range data {
		for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff, data[i] + 1, data[i] ^ 0x40} {
			changed := bytes.Clone(data)
			changed[i] = b
			decode(t, changed)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		changed := bytes.Clone(data)
		for range 1 + rnd.IntN(4) {
			changed[rnd.IntN(len(changed))] = byte(rnd.Uint32())
		}
		decode(t, changed)
	}
}

// FuzzDecode: go test -fuzz=FuzzDecode ./internal/summary
func FuzzDecode(f *testing.F) {
	data := small(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add([]byte{0, 1, 200, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) { decode(t, data) })
}
