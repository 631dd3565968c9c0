package fixes

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVet: go vet -fix, which applies fixes by code that is not ours, makes the same
// golden files.
func TestVet(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command and vets what the cases import")
	}
	command := filepath.Join(t.TempDir(), "idemlint")
	if out, err := exec.Command("go", "build", "-o", command, "github.com/idemlint/idemlint/cmd/idemlint").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	copied, err := os.MkdirTemp(".", "_vet")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(copied)
	want := map[string][]byte{}
	args := []string{"vet", "-vettool=" + command, "-fix"}
	for _, dir := range cases(t) {
		golden, err := os.ReadFile(filepath.Join(dir, "handler.go.golden"))
		if err != nil {
			continue // no fix
		}
		src, err := os.ReadFile(filepath.Join(dir, "handler.go"))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(copied, strings.ReplaceAll(strings.TrimPrefix(dir, "./testdata/"), "/", "_"))
		if err := os.Mkdir(to, 0o777); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(to, "handler.go")
		if err := os.WriteFile(file, src, 0o666); err != nil {
			t.Fatal(err)
		}
		want[file] = golden
		args = append(args, "./"+filepath.ToSlash(to))
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		t.Logf("go vet -fix: %v\n%s", err, out) // it tells what it left
	}
	for file, golden := range want {
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, golden) {
			t.Errorf("%s: %v, go vet -fix makes\n%s\nwant\n%s", file, err, got, golden)
		}
	}
}
