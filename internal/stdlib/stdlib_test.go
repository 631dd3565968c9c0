package stdlib_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/internal/stdlib"
)

// TestHas: every package that the go command calls standard is one, and a module whose
// path has no dot is not.
func TestHas(t *testing.T) {
	out, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if path = strings.TrimPrefix(path, "vendor/"); strings.Contains(strings.Split(path, "/")[0], ".") {
			continue // golang.org/x/… inside the standard library's vendor folder
		}
		if !stdlib.Has(path) {
			t.Errorf("%s is the standard library's", path)
		}
	}
	for _, path := range []string{"shop", "shop/orders", "m/p", "example.com/net/http", "github.com/a/b", "pubsub-worker/internal/queue"} {
		if stdlib.Has(path) {
			t.Errorf("%s is not the standard library's", path)
		}
	}
}
