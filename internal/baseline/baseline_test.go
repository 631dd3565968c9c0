package baseline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func entry(id, file string, count int) Entry {
	return Entry{ID: id, Check: "etag", File: file, Message: "m <1>", Count: count}
}

func TestEncode(t *testing.T) {
	const want = `{
  "version": 1,
  "findings": [
    {
      "id": "2",
      "check": "etag",
      "file": "a.go",
      "message": "m <1>",
      "count": 3
    },
    {
      "id": "1",
      "check": "etag",
      "file": "b.go",
      "message": "m <1>",
      "count": 1
    }
  ]
}
`
	entries := []Entry{entry("1", "b.go", 0), entry("2", "a.go", 1), entry("2", "a.go", 2)}
	for range 2 {
		if got := string(Encode(entries)); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		slices.Reverse(entries)
	}
	if got := string(Encode(nil)); got != "{\n  \"version\": 1,\n  \"findings\": []\n}\n" {
		t.Errorf("nothing is %q", got)
	}
}

func TestSet(t *testing.T) {
	s, err := Decode(Encode([]Entry{entry("1", "a.go", 2), entry("2", "b.go", 3), entry("3", "c.go", 1)}))
	if err != nil {
		t.Fatal(err)
	}
	var known []bool
	for _, id := range []string{"1", "1", "1", "2", "4"} {
		known = append(known, s.Known(id))
	}
	if want := []bool{true, true, false, true, false}; !slices.Equal(known, want) {
		t.Errorf("known: %v, want %v", known, want)
	}
	all := s.Gone(func(Entry) bool { return true })
	if want := []Entry{entry("2", "b.go", 2), entry("3", "c.go", 1)}; !slices.Equal(all, want) || Total(all) != 3 {
		t.Errorf("gone: %v, want %v", all, want)
	}
	defer func() {
		if s.Reset(); !s.Known("1") || Total(s.Gone(func(Entry) bool { return true })) != 5 {
			t.Error("after a reset the set is not what it was")
		}
	}()
	if some := s.Gone(func(e Entry) bool { return e.File == "c.go" }); len(some) != 1 || some[0].ID != "3" {
		t.Errorf("gone of c.go: %v", some)
	}
}

func TestDescribe(t *testing.T) {
	one := func(check, file string, n int) Entry { return Entry{Check: check, File: file, Count: n} }
	for want, entries := range map[string][]Entry{
		"etag in a":                         {one("etag", "a", 1)},
		"2 × etag in a, blobwrite in a":     {one("etag", "a", 1), one("blobwrite", "a", 1), one("etag", "a", 1)},
		"x in a, x in b, x in c and 5 more": {one("x", "a", 1), one("x", "b", 1), one("x", "c", 1), one("x", "d", 2), one("x", "e", 3)},
	} {
		if got := Describe(entries); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "it is no baseline: it is empty",
		" \n":                                    "it is no baseline: it is empty",
		"null":                                   "it is no baseline: it has no version",
		"{}":                                     "it is no baseline: it has no version",
		"[]":                                     "it is no baseline: line 1: array where struct",
		"{\n\"version\": 1,":                     "it is no baseline: line 2: unexpected end",
		"{\n\"version\": 1,\n}":                  "it is no baseline: line 3: invalid character",
		`{"version": "1"}`:                       "it is no baseline: line 1: string where int",
		`{"version": 0}`:                         "it is of version 0, and this idemlint reads version 1: write it anew",
		`{"version": 1, "findings": [], "x": 1}`: "it is no baseline: unknown field \"x\"",
		`{"version": 1, "findings": {}}`:         "it is no baseline: line 1: object where",
		`{"version": 1, "findings": [{"id": "1"}]}`:                 "it is no baseline: finding 1 needs an id and a count",
		`{"version": 1, "findings": [{"id": "", "count": 1}]}`:      "it is no baseline: finding 1 needs an id and a count",
		`{"version": 1, "findings": [{"id": "1", "count": 1}]} {}`:  "it is no baseline: line 1: invalid character '{' after top-level value",
		`{"version": 1, "findings": [{"id": "1", "count": -1}]}`:    "it is no baseline: finding 1 needs an id and a count",
		`{"version": 1, "findings": [{"id": "1", "count": 1e999}]}`: "it is no baseline: line 1: number 1e999 where int",
	} {
		_, err := Decode([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want one line that begins with %q", text, err, want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); err == nil || err.Error() != "no such file; -write-baseline makes it" {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil || err.Error() != "is a directory" {
		t.Errorf("a directory: %v", err)
	}
}

// FuzzDecode: whatever a file holds, it is read, or refused in one line; what was read
// is written and read again as it was.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version": 1, "findings": [{"id": "1", "check": "etag", "file": "a.go", "message": "m", "count": 2}]}`))
	f.Add([]byte(`{"version": 2}`))
	f.Add([]byte(`{"version": 1, "findings": null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than one line", err)
			}
			return
		}
		again, err := Decode(Encode(s.entries))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(Encode(again.entries)), string(Encode(s.entries)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "b.json")
	if err := os.WriteFile(name, Encode([]Entry{entry("1", "a.go", 1)}), 0o666); err != nil {
		t.Fatal(err)
	}
	if s, err := Read(name); err != nil || !s.Known("1") || s.Known("1") {
		t.Errorf("%v, %v", s, err)
	}
}
