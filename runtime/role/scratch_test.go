package role_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/runtime/role"
)

func TestScratchIsDiscarded(t *testing.T) {
	for name, end := range map[string]func(in *role.Instance) error{
		"stop":   (*role.Instance).Stop,
		"kill":   func(in *role.Instance) error { in.Kill(); return nil },
		"freeze": (*role.Instance).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				dir := w.TempDir()
				in := w.start(role.Role{ScratchDir: dir})
				w.must(in.Scratch().WriteFile("cache/a", []byte("something")))
				if n := folders(w, dir); n != 1 {
					w.Fatalf("%d folders before, want 1", n)
				}
				w.must(end(in))
				if n := folders(w, dir); n != 0 {
					w.Errorf("%d folders after, want none", n)
				}
				if n := in.Scratch().Used(); n != 0 {
					w.Errorf("%d bytes used after", n)
				}
			})
		})
	}
}

func folders(w world, dir string) int {
	w.Helper()
	entries, err := os.ReadDir(dir)
	w.must(err)
	return len(entries)
}

func TestScratchIsEmptyAfterAThaw(t *testing.T) {
	inWorld(t, func(w world) {
		in := w.start(asleep)
		w.must(in.Scratch().WriteFile("a", []byte("something")))
		w.must(in.Freeze())
		w.must(in.Thaw())
		if _, err := in.Scratch().ReadFile("a"); !errors.Is(err, fs.ErrNotExist) {
			w.Errorf("got %v, want no such file", err)
		}
		w.must(in.Scratch().WriteFile("a", []byte("new")))
	})
}

func TestScratchOfTheDead(t *testing.T) {
	inWorld(t, func(w world) {
		dir := w.TempDir()
		in := w.start(role.Role{ScratchDir: dir})
		in.Kill()
		if err := in.Scratch().WriteFile("a", nil); !errors.Is(err, role.ErrKilled) {
			w.Errorf("got %v, want ErrKilled", err)
		}
		if n := folders(w, dir); n != 0 {
			w.Errorf("%d folders, want none", n)
		}
	})
}

func TestScratchHasAQuota(t *testing.T) {
	inWorld(t, func(w world) {
		s := w.start(role.Role{Scratch: 10}).Scratch()
		w.must(s.WriteFile("a", []byte("12345")))
		w.must(s.Append("a", []byte("678")))

		var full *role.QuotaError
		if err := s.Append("b", []byte("9ab")); !errors.As(err, &full) {
			w.Fatalf("got %v, want a QuotaError", err)
		}
		if want := "b needs 3 bytes more, 8 of 10 are used"; !strings.Contains(full.Error(), want) {
			w.Errorf("the error says %q, not %q", full, want)
		}
		if _, err := s.ReadFile("b"); !errors.Is(err, fs.ErrNotExist) {
			w.Errorf("something of the refused file was written: %v", err)
		}
		if err := s.WriteFile("a", make([]byte, 11)); !errors.As(err, &full) {
			w.Errorf("got %v, want a QuotaError", err)
		}
		if data, err := s.ReadFile("a"); err != nil || string(data) != "12345678" {
			w.Errorf("after the refusal: %q, %v", data, err)
		}

		// What is replaced, renamed over or removed makes room.
		w.must(s.WriteFile("a", []byte("1234567890")))
		w.must(s.WriteFile("a", []byte("1")))
		w.must(s.WriteFile("b", []byte("123456789")))
		w.must(s.Rename("b", "a"))
		if s.Used() != 9 {
			w.Errorf("%d bytes used after a rename, want 9", s.Used())
		}
		w.must(s.Remove("a"))
		if s.Used() != 0 {
			w.Errorf("%d bytes used after a removal, want 0", s.Used())
		}
	})
}

func TestScratchHasNoWayOut(t *testing.T) {
	inWorld(t, func(w world) {
		dir := w.TempDir()
		in := w.start(role.Role{ScratchDir: dir})
		if err := in.Scratch().WriteFile("../escaped", nil); err == nil {
			w.Error("wrote outside of the folder")
		}
		if _, err := os.Stat(dir + "/escaped"); !errors.Is(err, fs.ErrNotExist) {
			w.Errorf("outside: %v", err)
		}
	})
}
