package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// serve puts an account behind a server on the loopback interface, for as long as the
// test runs, and returns clients that reach it by HTTP over TLS. They keep the account's
// own addresses, as they would anywhere: only the dialling differs.
func serve(t testing.TB, account *storage.Account) storage.Clients {
	server := httptest.NewTLSServer(account)
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	transport.TLSClientConfig.ServerName = "example.com" // Whom the test server's certificate names.
	t.Cleanup(transport.CloseIdleConnections)
	c, err := account.Dial(&http.Client{Transport: transport}, noRetries)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An account is an http.Handler: the official clients reach it over a network too, and
// get what they get without one.
func TestServe(t *testing.T) {
	account := storage.New("demo")
	far := serve(t, account)
	near, err := account.Dial(account, noRetries)
	if err != nil {
		t.Fatal(err)
	}
	blue := map[string]*string{"colour": to.Ptr("blue")}
	if _, err := far.Queues.CreateQueue(t.Context(), "orders", &azqueue.CreateOptions{Metadata: blue}); err != nil {
		t.Fatal(err)
	}
	sent := putMessage(t, near.Queues.NewQueueClient("orders"), "pay <7> & ship", nil)

	got := receiveMessages(t, far.Queues.NewQueueClient("orders"), 1, 60)
	if len(got) != 1 || *got[0].MessageID != *sent.MessageID || *got[0].MessageText != "pay <7> & ship" {
		t.Fatalf("received %q, want what was put", messageTexts(got))
	}
	if colour := lowered(queueProperties(t, far.Queues.NewQueueClient("orders")).Metadata)["colour"]; colour != "blue" {
		t.Errorf("colour %q, want blue", colour)
	}
	_, err = far.Queues.NewQueueClient("orders").DeleteMessage(t.Context(), *got[0].MessageID, *got[0].PopReceipt, nil)
	expect(t, "delete", err, "done")
	_, err = far.Queues.NewQueueClient("orders").DeleteMessage(t.Context(), *got[0].MessageID, *got[0].PopReceipt, nil)
	expect(t, "delete again", err, "404 MessageNotFound")
	_, err = far.Queues.NewQueueClient("nothing").EnqueueMessage(t.Context(), "a", nil)
	expect(t, "put into no queue", err, "404 QueueNotFound")
}

// A request whose context is over has no effect.
func TestDoCancelled(t *testing.T) {
	account := storage.New("demo")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, account.QueueURL("orders"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := account.Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if queues := account.Queues.Snapshot(); len(queues) != 0 {
		t.Errorf("queues %v, want none", queues)
	}
}

// A transport closes the body that it was given.
func TestDoCloses(t *testing.T) {
	account := storage.New("demo")
	body := &closing{Reader: strings.NewReader("")}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, account.QueueURL("orders"), body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := account.Do(r); err != nil || !body.closed {
		t.Errorf("error %v, closed %t; want none and true", err, body.closed)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// Inside a synctest bubble an account's clock is virtual: a worker that is lost with a
// message leased for two minutes costs no time at all.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := storage.New("demo")
		c, err := account.Dial(account, noRetries)
		if err != nil {
			t.Fatal(err)
		}
		q := newQueue(t, c)
		put := time.Now()
		putMessage(t, q, "pay", nil)
		receiveMessages(t, q, 1, 120) // By a worker that is never heard of again.

		var waited time.Duration
		for got := receiveMessages(t, q, 1, 120); ; got = receiveMessages(t, q, 1, 120) {
			if len(got) > 0 {
				if *got[0].DequeueCount != 2 {
					t.Errorf("delivery %d, want 2", *got[0].DequeueCount)
				}
				break
			}
			time.Sleep(time.Second)
			waited = time.Since(put)
		}
		if waited != 2*time.Minute {
			t.Errorf("received again after %v, want 2m0s", waited)
		}
		if next, hidden := account.Queues.NextVisible(); !hidden || next.Sub(put) != 4*time.Minute {
			t.Errorf("hidden until %v after the put (%t), want 4m0s", next.Sub(put), hidden)
		}
	})
}

// A client speaks to an account in the same process, without a network.
func Example() {
	ctx := context.Background()
	account := storage.New("demo")
	options := &azqueue.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: account}}
	orders, err := azqueue.NewQueueClientWithNoCredential(account.QueueURL("orders"), options)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := orders.Create(ctx, nil); err != nil {
		log.Fatal(err)
	}
	if _, err := orders.EnqueueMessage(ctx, "order 7", nil); err != nil {
		log.Fatal(err)
	}
	received, err := orders.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr[int32](120)})
	if err != nil {
		log.Fatal(err)
	}
	m := received.Messages[0]
	fmt.Println("received", *m.MessageText, "- visible to others:", account.Queues.Visible("orders"))
	if _, err := orders.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println("settled - left:", len(account.Queues.Snapshot()["orders"]))
	// Output:
	// received order 7 - visible to others: 0
	// settled - left: 0
}

// Any program can reach an account by HTTP, at a host whose second label names the
// service.
func ExampleAccount_ServeHTTP() {
	server := httptest.NewServer(storage.New("demo"))
	defer server.Close()

	r, err := http.NewRequest(http.MethodPut, server.URL+"/orders", nil)
	if err != nil {
		log.Fatal(err)
	}
	r.Host = "demo.queue.core.windows.net"
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status)
	// Output: 201 Created
}
