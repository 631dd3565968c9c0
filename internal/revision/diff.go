package revision

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var hunk = regexp.MustCompile(`^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// read takes the changed lines of the new files out of a diff without context. Hunks
// are left by counting their lines, because a line of a file may look like a header.
func (s *Since) read(diff []byte) error {
	name := ""
	inHunk := 0
	for row := range bytes.Lines(diff) {
		text := strings.TrimSuffix(string(row), "\n")
		switch {
		case strings.HasPrefix(text, `\`): // "\ No newline at end of file"
		case inHunk > 0:
			inHunk--
		case strings.HasPrefix(text, "+++ "):
			var err error
			if name, err = target(strings.TrimPrefix(text, "+++ ")); err != nil {
				return err
			}
		case strings.HasPrefix(text, "@@ "):
			m := hunk.FindStringSubmatch(text)
			if m == nil {
				return fmt.Errorf("git's diff is not understood: %q", text)
			}
			removed, added := number(m[1]), number(m[3])
			first, _ := strconv.Atoi(m[2])
			inHunk = removed + added
			at := lines{first, first + added - 1}
			if added == 0 {
				at = lines{first, first + 1} // the gap lies after the line that is named
			}
			if name != "" {
				s.changed[name] = append(s.changed[name], at)
			}
		}
	}
	return nil
}

// number is a hunk's count of lines, which git leaves out where it is 1.
func number(s string) int {
	if s == "" {
		return 1
	}
	n, _ := strconv.Atoi(s)
	return n
}

// target is the file of a "+++" line, empty where the file is gone. Git puts a tab
// behind names with blanks and writes unusual ones as C strings do.
func target(s string) (string, error) {
	s = strings.TrimSuffix(s, "\t")
	if strings.HasPrefix(s, `"`) {
		plain, err := strconv.Unquote(s)
		if err != nil {
			return "", fmt.Errorf("git's diff is not understood: a file named %s", s)
		}
		s = plain
	}
	if s == "/dev/null" {
		return "", nil
	}
	return strings.TrimPrefix(s, "b/"), nil
}
