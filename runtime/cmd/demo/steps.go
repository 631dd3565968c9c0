package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/storage"
)

// network stands between the worker role and the account.
type network struct {
	*storage.Account
	via policy.Transporter
}

func (n network) Do(r *http.Request) (*http.Response, error) { return n.via.Do(r) }

// told tells the steps of the message loop as they pass, and loses message C once if it is
// asked to.
func told(out io.Writer, account *storage.Account, loseC bool) policy.Transporter {
	lossy := role.Lossy(account, func(_ int, r *http.Request) role.Loss {
		if loseC && r.Method == http.MethodDelete {
			loseC = false
			return role.LoseRequest
		}
		return role.LoseNothing
	})
	return &teller{out: out, next: lossy, account: account}
}

type teller struct {
	out     io.Writer
	next    policy.Transporter
	account *storage.Account
	mu      sync.Mutex
	body    string // of the message at hand
}

func (t *teller) Do(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	answer, err := t.next.Do(r)
	switch {
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/messages") && err == nil:
		t.received()
	case r.Method == http.MethodDelete && err != nil:
		fmt.Fprintf(t.out, "  7      DELETE %q sent (C): lost; in %v the queue shows the message again\n", t.body, lease)
	case r.Method == http.MethodDelete:
		fmt.Fprintf(t.out, "  7–11   DELETE %q sent (C), deleted, OK (D)\n", t.body)
	case r.Method == http.MethodPut && strings.Contains(r.Host+r.URL.Host, ".blob."):
		fmt.Fprintf(t.out, "  6      writes %s\n", strings.TrimPrefix(r.URL.Path, "/"))
	}
	return answer, err
}

// received tells which message was hidden just now.
func (t *teller) received() {
	for _, m := range t.account.Queues.Snapshot()["work"] {
		if m.DequeueCount > 0 && m.NextVisible.After(m.Inserted) && (t.body != m.Body || m.DequeueCount > 1) {
			t.body = m.Body
			fmt.Fprintf(t.out, "  1–5    GET (A), %q hidden for %v, OK (B); delivery %d\n", m.Body, lease, m.DequeueCount)
			return
		}
	}
}
