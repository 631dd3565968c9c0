package explore

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// noon is when the schedules of these tests begin.
var noon = time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)

func TestTimesWithinTheRunAreStamps(t *testing.T) {
	c := clock{start: noon, end: 20 * time.Minute}
	at := noon.Add(90*time.Second + 123456789*time.Nanosecond)
	for _, text := range []string{
		at.Format(time.RFC3339), at.Format(time.RFC3339Nano), at.In(time.FixedZone("", 7200)).Format(time.RFC3339),
		at.String(), at.Format(time.DateTime), at.Format(time.RFC1123), at.Format(time.RFC1123Z),
		at.Format(time.ANSIC), at.Format(time.UnixDate), at.Format("20060102150405"), at.Format("20060102T150405Z"),
		"946728090", "946728090123", "946728090123456", "946728090123456789", "946728090.123",
	} {
		if got := c.mask("at "+text+".", writes{}); got != "at <time>." {
			t.Errorf("%s becomes %s", text, got)
		}
	}
	for _, text := range []string{
		"2026-11-23T00:00:00Z", "1764000000", "12345678", "4111111111111111", "00000000-0000-4000-8000-000000000001",
		"order 2000-01-01", "12:30", "9c2f4a1b-0ba8-403f-90c9-946728090123", "77f946728090123", "ab946728090",
	} {
		if got := c.mask(text, writes{}); got != text {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}

// A number is a time if it is one of the run, or one that arithmetic on the clock made when
// it was written: whole hours later, if it is days. Any other is a random number, of which
// one in thirteen lies in the year of the run.
func TestNumbersAreSeldomTimes(t *testing.T) {
	c := clock{start: noon, end: 20 * time.Minute}
	w := writes{last: "m1", latest: 3 * time.Second, first: map[string]time.Duration{"m1": 3 * time.Second}}
	for _, test := range []struct {
		text string
		w    writes
		want string
	}{
		{"946728090", w, "<time+1m30s>"},                         // 90 s after noon: a lock that is held so long
		{"946728000", w, "<time>"},                               // noon
		{"949320003", w, "<time+720h0m0s>"},                      // 30 days after the write
		{"949320003000", w, "<time+720h0m0s>"},                   // in milliseconds
		{"949320003", writes{}, "<time>"},                        // nobody knows when it was written, but then
		{"949322000", writes{}, "949322000"},                     // not half an hour later
		{"949321234", w, "949321234"},                            // a number
		{"913456789", w, "913456789"},                            // the same
		{"949321234567890123", w, "949321234567890123"},          // the same
		{"2000-02-01T12:33:54Z", w, "<time+744h33m50s>"},         // there is no doubt about this one
		{"9.46728003123e+08", w, "<time>"},                       // as %v writes a float64
		{"9.49320003e+08", w, "<time+720h0m0s>"},                 // the same
		{"1.5e+08 of 9.46728003001e+11", w, "1.5e+08 of <time>"}, // milliseconds, and a number
	} {
		if got := c.mask(test.text, test.w); got != test.want {
			t.Errorf("%s becomes %s, want %s", test.text, got, test.want)
		}
	}
}

// A term counts by its distance from the message's first write to the key.
func TestTermsAreDistances(t *testing.T) {
	c := clock{start: noon, end: 20 * time.Minute}
	term := func(after time.Duration) string { return noon.Add(after).Format(time.RFC3339) }
	once := writes{last: "m1", latest: 3 * time.Second, first: map[string]time.Duration{"m1": 3 * time.Second}}
	twice := writes{last: "m1", latest: 123 * time.Second, first: map[string]time.Duration{"m1": 3 * time.Second}}
	for _, test := range []struct {
		text string
		w    writes
		want string
	}{
		{term(3*time.Second + 24*time.Hour), once, "<time+24h0m0s>"},
		{term(123*time.Second + 24*time.Hour), twice, "<time+24h2m0s>"},
		{term(-48*time.Hour + 3*time.Second), once, "<time-48h0m0s>"},
		{term(5 * time.Minute), once, "<time+5m0s>"}, // in the future of its write
		{term(2 * time.Second), once, "<time>"},
		{term(24 * time.Hour), writes{}, "<time>"}, // nobody knows who wrote it
	} {
		if got := c.mask(test.text, test.w); got != test.want {
			t.Errorf("%s, written at %v, becomes %s, want %s", test.text, test.w.latest, got, test.want)
		}
	}
	conditional := twice
	conditional.conditional = true
	if got := c.mask(term(24*time.Hour), conditional); got != "<time>" {
		t.Errorf("a term under a condition becomes %s", got)
	}
}

func lines(texts ...string) []Line {
	var all []Line
	for _, text := range texts {
		name, value, _ := strings.Cut(text, ": ")
		all = append(all, Line{Name: name, Value: value})
	}
	return all
}

// fullCanon is what canonical does to lines.
func fullCanon(f *fresh, texts ...string) []string {
	var marked []string
	for _, text := range texts {
		marked = append(marked, f.mark(text))
	}
	names := nameFresh(marked, nil)
	for i, l := range marked {
		marked[i] = replaceFresh(l, func(token string) string { return names[token] })
		for _, p := range f.patterns {
			if p.line.MatchString(marked[i]) {
				marked[i] = p.as
			}
		}
	}
	slices.Sort(marked)
	return marked
}

const (
	uuid1 = "3f2a9c81-0000-4000-8000-000000000001"
	uuid2 = "1b2a9c81-0000-4000-8000-000000000002"
	uuid3 = "7c2a9c81-0000-4000-8000-000000000003"
)

// Consistent renaming: which id stands where counts, what it is does not.
func TestFreshIdentitiesAreRenamed(t *testing.T) {
	f := &fresh{constant: map[string]bool{}}
	a := fullCanon(f, "row a: id="+uuid1, "row b: id="+uuid2, "row by-id/"+uuid1+": x")
	b := fullCanon(f, "row a: id="+uuid2, "row b: id="+uuid3, "row by-id/"+uuid2+": x")
	other := fullCanon(f, "row a: id="+uuid1, "row b: id="+uuid2, "row by-id/"+uuid2+": x")
	if !slices.Equal(a, b) {
		t.Errorf("the same but for the ids:\n%q\n%q", a, b)
	}
	if slices.Equal(a, other) {
		t.Errorf("which row the id leads to is not told apart:\n%q", a)
	}
	f.know("order " + uuid1)
	if got := fullCanon(f, "row a: id="+uuid1); got[0] != "row a: id="+uuid1 {
		t.Errorf("the id of the message itself becomes %q", got)
	}
}

// Fresh values that are no UUIDs are known from two executions of the same schedule.
func TestFreshValuesAreLearned(t *testing.T) {
	for _, test := range []struct{ name, a, b, third, same string }{
		{"xid", "blob c/9m4e2mr0ui3e8a215n4g: x", "blob c/9m4e2mr0ui3e8a21abcd: x", "blob c/8k4e2mr0ui3e8a217777: x", ""},
		{"ulid", "blob c/01ARZ3NDEKTSV4RRFFQ69G5FAV: x", "blob c/01BX5ZZKBKACTAV9WEVGEMMVRZ: x", "blob c/01BX5ZZKBKACTAV9WEVGEMMVS0: x", ""},
		{"nanoid", "blob c/V1StGXR8_Z5jdHi6B-myT: x", "blob c/a7SuGXQ8-Z5jdHi7B_mQQ: x", "blob c/Q1StGZZ8_Z5jdH-6B1myT: x", ""},
		{"hex", "blob c/run-3f2a9c81d0: x", "blob c/run-ab2a9c81d7: x", "blob c/run-0011223344: x", "blob c/run-3f2a: x"},
		{"number", "blob c/8274639182736451: x", "blob c/827463918273645: x", "blob c/82746391827364519: x", "blob c/1000: x"},
		{"hex without digits", "blob c/3f2a9c81: x", "blob c/ab2a9c81: x", "blob c/abcdefab: x", "blob c/finished: x"},
		{"small number", "blob c/a: try 17 of 100", "blob c/a: try 93 of 100", "blob c/a: try 4 of 100", "blob c/a: try 4 of 99"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fresh{constant: map[string]bool{}}
			f.learn(lines(test.a), lines(test.b))
			f.learnPlaces(fullCanon(f, test.a), fullCanon(f, test.b))
			want := fullCanon(f, test.a)
			for _, text := range []string{test.b, test.third} {
				if got := fullCanon(f, text); !slices.Equal(got, want) {
					t.Errorf("%q becomes %q, want %q", text, got, want)
				}
			}
			if test.same != "" {
				if got := fullCanon(f, test.same); got[0] != test.same {
					t.Errorf("%q becomes %q", test.same, got)
				}
			}
		})
	}
}

// What is in both executions is not fresh, whatever it looks like.
func TestConstantsStay(t *testing.T) {
	f := &fresh{constant: map[string]bool{}}
	hash, id1, id2 := "d41d8cd98f00b204e9800998ecf8427e", "aaaa8cd98f00b204e9800998ecf84271", "bbbb8cd98f00b204e9800998ecf84272"
	f.learn(lines("blob c/"+hash+": "+id1), lines("blob c/"+hash+": "+id2))
	if got := fullCanon(f, "blob c/"+hash+": "+id1); got[0] != "blob c/"+hash+": <id1>" {
		t.Errorf("becomes %q", got)
	}
	if f.mark("finished everything") != "finished everything" {
		t.Error("words are taken for fresh values")
	}
}

// Two blobs are never one, even if nothing but time tells them apart.
func TestCardinalityStays(t *testing.T) {
	c := clock{start: noon, end: time.Hour}
	f := &fresh{constant: map[string]bool{}}
	two := fullCanon(f, c.mask("blob log/946728001000000000: x", writes{}), c.mask("blob log/946728121000000000: x", writes{}))
	if len(two) != 2 || two[0] != "blob log/<time>: x" || two[0] != two[1] {
		t.Errorf("becomes %q", two)
	}
}
