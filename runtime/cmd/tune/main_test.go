package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as before (-update writes it):\n%.4000s", file, got)
	}
}

// tuned is the output of the command, which must succeed.
func tuned(t *testing.T, in string, args ...string) string {
	t.Helper()
	var out, errs strings.Builder
	if code := run(args, strings.NewReader(in), &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("tune %s: exit code %d, %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

var small = []string{"-messages", "50", "-screen", "1", "-runs", "3", "-visibility", "5s,1m", "-timeout", "1s", "-retry", "none,immediate:2"}

// From a file of the recorder to the table and the plot, to the letter.
func TestRecorded(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "plot.svg")
	args := append([]string{"-svg", svg}, small...)
	out := tuned(t, "", append(args, filepath.Join("testdata", "worker.jsonl"))...)
	golden(t, "worker.txt", []byte(out))
	picture, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "worker.svg", picture)
	wellFormed(t, picture)
}

func wellFormed(t *testing.T, picture []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(picture))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal("the plot is not XML:", err)
		}
	}
}

// Several files are one measurement, and - is the standard input.
func TestSeveralFiles(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("1s\n2s\n3s"), 0o600); err != nil { // no newline at its end
		t.Fatal(err)
	}
	out := tuned(t, "4s\n5s\n", append(small, plain, "-")...)
	if first, _, _ := strings.Cut(out, "\n"); first != "work    measured: 5, median 3s, mean 3s, p99 5s, longest 5s" {
		t.Error(first)
	}
}

// The other half: what becomes of sends.
func TestSends(t *testing.T) {
	golden(t, "sends.txt", []byte(tuned(t, "", "-sends", "-messages", "100", "-runs", "2", "-lost-answers", "0.02", "-timeout", "5s,none", "-retry", "none,exponential:3")))
}

// -h is no mistake.
func TestHelp(t *testing.T) {
	var out, errs strings.Builder
	if code := run([]string{"-h"}, nil, &out, &errs); code != 0 || !strings.HasPrefix(errs.String(), "usage: tune [flags] file...\n") || !strings.Contains(errs.String(), "-lost-answers") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
}

// A mistake is one line that says what is wrong, and exit code 2.
func TestMistakes(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"tune: no durations: name the files that the recorder kept, or -work short, medium or long for made-up ones":                                     {},
		`tune: no sample called "huge": there are short, medium and long`:                                                                                {"-work", "huge"},
		"tune: either files or -work, not both":                                                                                                          {"-work", "short", empty},
		"tune: -sends needs no files: nobody works there":                                                                                                {"-sends", empty},
		"tune: open nowhere: no such file or directory":                                                                                                  {"nowhere"},
		"tune: " + empty + ": there is no duration of work in it":                                                                                        {empty},
		`tune: standard input: line 1: "soon" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`:                                              {"-"},
		"tune: flag provided but not defined: -nonsense (tune -h lists the flags)":                                                                       {"-nonsense"},
		`tune: invalid value "yes" for flag -renew: renewal "yes": want no, or the part of the lease after which: 1/2 to 1/20 (tune -h lists the flags)`: {"-renew", "yes"},
		`tune: invalid value "0s" for flag -timeout: 0s is not a timeout; none is (tune -h lists the flags)`:                                             {"-timeout", "0s"},
		`tune: invalid value "-1" for flag -price-delay: want a number, not less than 0 (tune -h lists the flags)`:                                       {"-price-delay", "-1"},
		`tune: invalid value "NaN" for flag -lost-answers: want a number, not less than 0 (tune -h lists the flags)`:                                     {"-lost-answers", "NaN"},
		`tune: invalid value "soon" for flag -crash: want a time such as 90s or 24h, not less than 0 (tune -h lists the flags)`:                          {"-crash", "soon"},
		"tune: -workers 0: want more":                                                                          {"-work", "short", "-workers", "0"},
		"tune: visibility timeout 1ms: want whole seconds from 1s to 168h":                                     {"-work", "short", "-visibility", "1ms"},
		"tune: lost requests 1, lost answers 0.001: want less than 1":                                          {"-work", "short", "-lost-requests", "1"},
		"tune: 1 runs of each setting and 1 of those that may be chosen: want at least 1 and 2, at most 10000": {"-work", "short", "-screen", "1", "-runs", "1"},
	} {
		var out, errs strings.Builder
		if code := run(args, strings.NewReader("soon\n"), &out, &errs); code != 2 || errs.String() != want+"\n" || out.Len() > 0 {
			t.Errorf("tune %s: exit code %d\ngot  %swant %s\nand on the standard output: %s", strings.Join(args, " "), code, errs.String(), want, out.String())
		}
	}
}

// A plot that cannot be written is a mistake too, told before the table took its time.
func TestPlotNowhere(t *testing.T) {
	var out, errs strings.Builder
	nowhere := filepath.Join(t.TempDir(), "no", "plot.svg")
	if code := run(append([]string{"-work", "short", "-svg", nowhere}, small...), nil, &out, &errs); code != 2 || out.Len() > 0 || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("exit code %d, %s%s", code, out.String(), errs.String())
	}
}
