package role_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/storage"
)

// world is an account with a queue "orders", looked at from outside of any instance.
type world struct {
	*testing.T
	account *storage.Account
	queue   *azqueue.QueueClient
}

// inWorld runs a test in virtual time.
func inWorld(t *testing.T, test func(w world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := storage.New("demo")
		clients, err := account.Dial(account, policy.RetryOptions{MaxRetries: -1})
		if err != nil {
			t.Fatal(err)
		}
		w := world{T: t, account: account, queue: clients.Queues.NewQueueClient("orders")}
		_, err = w.queue.Create(t.Context(), nil)
		w.must(err)
		test(w)
	})
}

func (w world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// messages is how many messages the queue has, hidden ones included.
func (w world) messages() int64 {
	w.Helper()
	answer, err := w.queue.GetProperties(w.Context(), nil)
	w.must(err)
	return *answer.ApproximateMessagesCount
}

// start begins the life of an instance, which is killed when the test ends.
func (w world) start(r role.Role) *role.Instance {
	w.Helper()
	if r.ScratchDir == "" {
		r.ScratchDir = w.TempDir()
	}
	in, err := role.Start(w.Context(), w.account, r, "test_IN_0")
	w.must(err)
	w.Cleanup(func() {
		in.Kill()
		<-in.Done()
	})
	return in
}

// put is one request of an instance.
func put(ctx context.Context, in *role.Instance, body string) error {
	_, err := in.Clients().Queues.NewQueueClient("orders").EnqueueMessage(ctx, body, nil)
	return err
}

// asleep is a role that does nothing until it is stopped.
var asleep = role.Role{Name: "asleep"}
