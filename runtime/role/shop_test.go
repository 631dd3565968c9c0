package role_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/worker"
)

// The whole of it: customers order from a web role, which enqueues; a worker role adds the
// orders up in a table; the web role shows the sum. Every connection loses requests and
// answers, instances are killed and frozen, and in the end each order counts once.
//
// The web role has a window of its own: it enqueues, and its answer is lost. The customer
// orders again, and there are two messages of one order. So the identity of an order is
// the customer's, not the queue's.

type purchase struct {
	ID    string // the customer's
	Cents int
}

type sales struct{ Cents, Orders int }

func salesCell(tables *aztables.ServiceClient) idem.Cell {
	return idem.Entity(tables.NewClient("sales"), "sales", "total")
}

var front = role.Role{Name: "front", Handler: func(in *role.Instance) (http.Handler, error) {
	orders := in.Clients().Queues.NewQueueClient("orders")
	total := salesCell(in.Clients().Tables)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders/{id}/{cents}", func(w http.ResponseWriter, r *http.Request) {
		body := fmt.Sprintf(`{"ID": %q, "Cents": %s}`, r.PathValue("id"), r.PathValue("cents"))
		if _, err := orders.EnqueueMessage(r.Context(), body, nil); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("GET /sales", func(w http.ResponseWriter, r *http.Request) {
		sum, _, err := idem.Load[sales](r.Context(), total)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "%d orders, %d cents", sum.Orders, sum.Cents)
	})
	return mux, nil
}}

var back = role.Role{Name: "back", Run: func(ctx context.Context, in *role.Instance) error {
	total := salesCell(in.Clients().Tables)
	loop, err := worker.New(in.Clients().Queues.NewQueueClient("orders"), func(ctx context.Context, m worker.Message) error {
		var p purchase
		if err := json.Unmarshal([]byte(m.Body), &p); err != nil {
			return err
		}
		_, err := idem.Update(ctx, total, p.ID, func(s *sales) error {
			s.Cents += p.Cents
			s.Orders++
			return nil
		})
		return err
	}, worker.Options{Visibility: in.Visibility(), PollMax: 5 * time.Second, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return loop.Run(ctx)
}}

// often loses a tenth of the requests and a tenth of the answers.
func often(next policy.Transporter, seed uint64) policy.Transporter {
	random := rand.New(rand.NewPCG(seed, 0))
	return role.Lossy(next, func(int, *http.Request) role.Loss {
		return []role.Loss{role.LoseRequest, role.LoseAnswer, 9: role.LoseNothing}[random.IntN(10)]
	})
}

func TestShop(t *testing.T) {
	inWorld(t, func(w world) {
		clients, err := w.account.Dial(w.account, policy.RetryOptions{MaxRetries: -1})
		w.must(err)
		_, err = clients.Tables.CreateTable(w.Context(), "sales", nil)
		w.must(err)

		network := service{w.account, often(w.account, 1)}
		fronts, err := role.Deploy(w.Context(), network, front, 2)
		w.must(err)
		defer fronts.Close()
		backs, err := role.Deploy(w.Context(), network, back, 3)
		w.must(err)
		defer backs.Close()
		trouble := role.Trouble{Instances: 3, For: time.Hour, Up: 10 * time.Minute, Down: 5 * time.Minute}
		played := make(chan error, 1)
		go func() { played <- backs.Play(w.Context(), role.RandomPlan(1, trouble)) }()

		// Customers who do not get an answer order again, under the same name.
		customer := role.Client(often(fronts, 2))
		const orders = 100
		for i := range orders {
			for accepted := false; !accepted; {
				time.Sleep(10 * time.Second)
				answer, err := customer.Post(fmt.Sprintf("http://shop/orders/order-%d/%d", i, i), "", strings.NewReader(""))
				if err == nil {
					accepted = answer.StatusCode == http.StatusAccepted
					answer.Body.Close()
				}
			}
		}
		w.must(<-played)
		for w.messages() > 0 {
			time.Sleep(time.Minute)
		}

		sold := ""
		for !strings.HasSuffix(sold, "cents") {
			answer, err := customer.Get("http://shop/sales")
			if err != nil {
				continue
			}
			text, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			w.must(err)
			sold = string(text)
		}
		if want := "100 orders, 4950 cents"; sold != want {
			w.Errorf("sold %s, want %s", sold, want)
		}
	})
}
