package idem_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/storage"
)

// world is an account with a container "stats" and a table "stats", in virtual time, seen
// through cells of one of the two kinds.
type world struct {
	*testing.T
	account *storage.Account
	kind    kind
}

// kind makes a cell called name out of an account's clients.
type kind struct {
	name string
	cell func(c storage.Clients, name string) idem.Cell
}

var kinds = []kind{
	{"blob", func(c storage.Clients, name string) idem.Cell {
		return idem.Blob(c.Blobs.NewContainerClient("stats").NewBlockBlobClient(name))
	}},
	{"entity", func(c storage.Clients, name string) idem.Cell {
		return idem.Entity(c.Tables.NewClient("stats"), "stats", name)
	}},
}

// eachKind runs a test once for each kind of cell.
func eachKind(t *testing.T, test func(w world)) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world{T: t, account: storage.New("demo"), kind: k}
				clients := w.dial(w.account, 0)
				_, err := clients.Blobs.CreateContainer(t.Context(), "stats", nil)
				w.must(err)
				_, err = clients.Tables.CreateTable(t.Context(), "stats", nil)
				w.must(err)
				test(w)
			})
		})
	}
}

func (w world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w world) dial(via policy.Transporter, retries int32) storage.Clients {
	w.Helper()
	if retries == 0 {
		retries = -1 // none: zero is azcore's default of three
	}
	clients, err := w.account.Dial(via, policy.RetryOptions{MaxRetries: retries})
	w.must(err)
	return clients
}

// cell is the cell of this name on a network without faults.
func (w world) cell(name string) idem.Cell {
	w.Helper()
	return w.through(w.account, name)
}

// through is the cell of this name behind a network.
func (w world) through(via policy.Transporter, name string) idem.Cell {
	w.Helper()
	return w.kind.cell(w.dial(via, 0), name)
}

// losing is a network that loses the n-th write.
func (w world) losing(n int, loss role.Loss) policy.Transporter {
	writes := 0
	return role.Lossy(w.account, func(_ int, r *http.Request) role.Loss {
		if r.Method == http.MethodGet {
			return role.LoseNothing
		}
		if writes++; writes == n {
			return loss
		}
		return role.LoseNothing
	})
}

// downWhen is a network that loses everything while down.
func (w world) downWhen(down *bool) policy.Transporter {
	return role.Lossy(w.account, func(int, *http.Request) role.Loss {
		if *down {
			return role.LoseRequest
		}
		return role.LoseNothing
	})
}

// instance is a process that can be frozen and killed; it does work and is done.
func (w world) instance(name string, work func(ctx context.Context, in *role.Instance) error) *role.Instance {
	w.Helper()
	// A request may take as long as the test freezes.
	in, err := role.Start(w.Context(), w.account, role.Role{Timeout: 24 * time.Hour, Run: work}, name)
	w.must(err)
	w.Cleanup(func() {
		in.Kill()
		<-in.Done()
	})
	return in
}
