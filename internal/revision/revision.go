// Package revision tells which lines changed since a revision of the repository, and
// so which findings are new since then.
package revision

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Since is what changed since a revision: commits, what is staged, what is not, and
// files that git does not know yet.
type Since struct {
	root    string // of the working tree, links resolved
	commit  string
	changed map[string][]lines // by name below the root
	whole   map[string]bool    // files that are new altogether
}

// lines is a range of lines that changed, both ends in it.
type lines struct{ from, to int }

// Find looks a revision up, in the repository that dir lies in. The error is one clear
// line.
func Find(dir, rev string) (*Since, error) {
	if rev == "" || strings.HasPrefix(rev, "-") {
		return nil, fmt.Errorf("%q is no revision", rev)
	}
	root, err := git(dir, "rev-parse", "--show-toplevel")
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the git command is not in the PATH")
	case errors.As(err, &exit) && strings.Contains(string(exit.Stderr), "not a git repository"):
		return nil, errors.New("this is no git repository")
	case err != nil:
		return nil, said(err)
	}
	commit, err := git(dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return nil, errors.New("git knows no such revision here (a shallow clone has few)")
	}
	s := &Since{commit: line(commit), changed: map[string][]lines{}, whole: map[string]bool{}}
	s.root, err = filepath.EvalSymlinks(line(root))
	return s, err
}

func line(out []byte) string { return strings.TrimRight(string(out), "\r\n") }

// Load reads what changed.
func (s *Since) Load() error {
	// The prefixes are said because the user's settings may have others.
	diff, err := git(s.root, "diff", "-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv",
		"--src-prefix=a/", "--dst-prefix=b/", s.commit, "--")
	if err != nil {
		return said(err)
	}
	if err := s.read(diff); err != nil {
		return err
	}
	unknown, err := git(s.root, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return said(err)
	}
	for name := range bytes.SplitSeq(unknown, []byte{0}) {
		s.whole[string(name)] = true
	}
	return nil
}

// Changed reports whether one of the lines from–to of a file changed. Where lines were
// only taken out, those before and after the gap count as changed.
func (s *Since) Changed(file string, from, to int) bool {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	name, err := filepath.Rel(s.root, file)
	if err != nil {
		return false
	}
	name = filepath.ToSlash(name)
	if s.whole[name] {
		return true
	}
	for _, c := range s.changed[name] {
		if c.from <= to && from <= c.to {
			return true
		}
	}
	return false
}

func git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"-c", "core.quotePath=false"}, args...)...)
	cmd.Dir = dir
	// Git tells the hooks of a linked working tree which repository it is, and not which
	// tree; with the one alone, git takes any directory for the tree's root. Without both
	// it finds out by itself.
	if os.Getenv("GIT_DIR") != "" && os.Getenv("GIT_WORK_TREE") == "" {
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_DIR=") })
	}
	return cmd.Output()
}

// said is git's own word on what went wrong, in one line.
func said(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		first, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		if first != "" {
			return errors.New("git says: " + first)
		}
	}
	return fmt.Errorf("git: %w", err)
}
