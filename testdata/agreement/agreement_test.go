// Package agreement holds the linter's word against the world: every handler of the
// corpus is linted and explored, and the two must say the same, or the reason is written
// down beside the handler.
package agreement

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/checkertest"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/runtime/explore"
)

// subject is one case of the corpus, with a world to play it in.
type subject struct {
	// name is its folder below testdata/handlers: "etag/counter".
	name string
	// world holds a message or two of the kind that the handler is written for, and what
	// it expects to find.
	world explore.World
	// handler runs the case's own code.
	handler explore.Handler
	// differs says why the linter and exploration do not agree, where they do not.
	differs string
	// unplayable says why the case cannot be played at all: another queue than Azure
	// Storage's, another store.
	unplayable string
}

// subjects are all of them; the files of this package add theirs.
var subjects []subject

func add(list ...subject) []subject {
	subjects = append(subjects, list...)
	return list
}

const corpus = "../handlers"

// cases lists the folders of the corpus that hold a case.
func cases(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(corpus, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, d := range dirs {
		if info, err := os.Stat(d); err != nil || !info.IsDir() {
			continue
		}
		rel, _ := filepath.Rel(corpus, d)
		list = append(list, filepath.ToSlash(rel))
	}
	return list
}

// verdicts are the checks that report something in each case.
func verdicts(t *testing.T) map[string][]string {
	t.Helper()
	pkgs, err := checkertest.Load("..", nil, "./handlers/...")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checkertest.Analyze(pkgs, analyzer.Analyzers()...)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	checks := map[*analysis.Analyzer]bool{}
	for _, a := range analyzer.Analyzers() {
		checks[a] = true
	}
	for act := range graph.All() {
		if !checks[act.Analyzer] {
			continue
		}
		list, _ := act.Result.([]finding.Finding)
		for _, f := range list {
			name := act.Package.Fset.Position(f.Pos).Filename
			_, rel, ok := strings.Cut(filepath.ToSlash(name), "/testdata/handlers/")
			if !ok {
				t.Fatalf("%s: not in the corpus", name)
			}
			parts := strings.SplitN(rel, "/", 3)
			c := parts[0] + "/" + parts[1]
			if !slices.Contains(found[c], f.Check) {
				found[c] = append(found[c], f.Check)
			}
		}
	}
	return found
}

// TestAgreement plays every case and prints, for each check, how many of the cases that
// it reports break and how many survive, and the same of those where all are silent.
func TestAgreement(t *testing.T) {
	lint := verdicts(t)
	known := map[string]*subject{}
	for i := range subjects {
		s := &subjects[i]
		if known[s.name] != nil {
			t.Errorf("%s stands here twice", s.name)
		}
		known[s.name] = s
	}
	type row struct{ breaks, survives, unplayable, differs int }
	rows := map[string]*row{}
	count := func(check string, f func(*row)) {
		if rows[check] == nil {
			rows[check] = &row{}
		}
		f(rows[check])
	}
	var played, schedules int
	for _, name := range cases(t) {
		s := known[name]
		if s == nil {
			t.Errorf("%s has no world to be played in", name)
			continue
		}
		delete(known, name)
		checks := lint[name]
		if len(checks) == 0 {
			checks = []string{"(silent)"}
		}
		if s.unplayable != "" {
			for _, c := range checks {
				count(c, func(r *row) { r.unplayable++ })
			}
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := s.world
			if w.Limits.Schedules == 0 {
				w.Limits.Schedules = 300
			}
			result := explore.Check(t, w, s.handler)
			if result.Err != nil {
				t.Fatal(result.Err)
			}
			played++
			schedules += result.Schedules
			breaks, reported := result.Failure != nil, len(lint[name]) > 0
			for _, c := range checks {
				count(c, func(r *row) {
					switch {
					case breaks:
						r.breaks++
					default:
						r.survives++
					}
					if s.differs != "" {
						r.differs++
					}
				})
			}
			switch {
			case breaks == reported && s.differs != "":
				t.Errorf("they agree now (breaks: %t): the reason is out of date: %s", breaks, s.differs)
			case breaks == reported, s.differs != "":
			case reported:
				t.Errorf("%s reports it, but it survives %d schedules", strings.Join(lint[name], ", "), result.Schedules)
			default:
				t.Errorf("no check reports it, but it breaks:\n%s", result.Failure)
			}
		})
	}
	for name := range known {
		t.Errorf("%s is no case of the corpus", name)
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "reported by\tbreaks\tsurvives\tof these listed with a reason\tcannot be played\t")
	for _, check := range slices.Sorted(maps.Keys(rows)) {
		r := rows[check]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", check, r.breaks, r.survives, r.differs, r.unplayable)
	}
	table.Flush()
	t.Logf("%d cases, %d schedules\n%s", played, schedules, b.String())
}
