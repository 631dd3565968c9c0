// Demo is a shop on one page: a web role takes orders and pictures, a worker role counts
// the orders and makes thumbnails of the pictures. Both use the official Azure clients, on
// a storage account in this process.
//
//	go run ./cmd/demo                     all goes well: 3 orders, 1 thumbnail
//	go run ./cmd/demo -lose C             the delete of the first order is lost: 4 orders
//	go run ./cmd/demo -lose C -idem       the same, and the count is right
//
// The thumbnail does not care: it is written twice, and is the same.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/worker"
)

const lease = 2 * time.Second

type total struct{ Orders int }

func main() {
	lose := flag.String("lose", "", `the message of the loop that is lost once: "C" is the delete of the first order`)
	withIdem := flag.Bool("idem", false, "keep the ids of the orders counted beside the count")
	flag.Parse()
	if *lose != "" && *lose != "C" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "demo: -lose takes C, and there are no arguments")
		os.Exit(2)
	}
	if err := run(os.Stdout, *lose == "C", *withIdem); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, loseC, withIdem bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	account := storage.New("shop")
	clients, err := account.Dial(account, policy.RetryOptions{MaxRetries: -1})
	if err != nil {
		return err
	}
	if _, err := clients.Queues.CreateQueue(ctx, "work", nil); err != nil {
		return err
	}
	for _, name := range []string{"pictures", "thumbnails", "stats"} {
		if _, err := clients.Blobs.NewContainerClient(name).Create(ctx, nil); err != nil {
			return err
		}
	}

	network := network{account, told(out, account, loseC)}
	front, err := role.Start(ctx, account, role.Role{Name: "front", Handler: shop}, "front")
	if err != nil {
		return err
	}
	defer front.Kill()
	back, err := role.Start(ctx, network, role.Role{Name: "back", Visibility: lease, Run: func(ctx context.Context, in *role.Instance) error {
		return work(ctx, in, withIdem)
	}}, "back")
	if err != nil {
		return err
	}
	defer back.Kill()

	customer := role.Client(front)
	for _, order := range []string{"apples", "bread", "cheese"} {
		if err := send(customer, "http://shop/orders/"+order, nil); err != nil {
			return err
		}
	}
	if err := send(customer, "http://shop/pictures/tree", picture(400, 300)); err != nil {
		return err
	}
	for len(account.Queues.Snapshot()["work"]) > 0 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}

	sum, _, err := idem.Load[total](ctx, count(clients))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "3 orders were made, %d were counted\n", sum.Orders)
	for name, thumbnail := range account.Blobs.Snapshot()["thumbnails"] {
		small, err := png.DecodeConfig(bytes.NewReader(thumbnail.Content))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "thumbnail of %s: %d x %d\n", name, small.Width, small.Height)
	}
	return ctx.Err()
}

func send(customer *http.Client, url string, body []byte) error {
	answer, err := customer.Post(url, "", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return nil
}

// shop is the web role: it puts what it is given where the worker finds it, and enqueues.
func shop(in *role.Instance) (http.Handler, error) {
	queue := in.Clients().Queues.NewQueueClient("work")
	mux := http.NewServeMux()
	accept := func(w http.ResponseWriter, r *http.Request, message string) {
		if _, err := queue.EnqueueMessage(r.Context(), message, nil); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		accept(w, r, "order "+r.PathValue("id"))
	})
	mux.HandleFunc("POST /pictures/{name}", func(w http.ResponseWriter, r *http.Request) {
		pictures := in.Clients().Blobs.NewContainerClient("pictures")
		if _, err := pictures.NewBlockBlobClient(r.PathValue("name")).UploadStream(r.Context(), r.Body, nil); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		accept(w, r, "picture "+r.PathValue("name"))
	})
	return mux, nil
}

// work is the worker role.
func work(ctx context.Context, in *role.Instance, withIdem bool) error {
	loop, err := worker.New(in.Clients().Queues.NewQueueClient("work"), func(ctx context.Context, m worker.Message) error {
		kind, name, _ := strings.Cut(m.Body, " ")
		switch {
		case kind == "picture":
			return thumbnail(ctx, in.Clients(), name)
		case withIdem:
			_, err := idem.Update(ctx, count(in.Clients()), name, func(t *total) error { t.Orders++; return nil })
			return err
		}
		return addOne(ctx, count(in.Clients()))
	}, worker.Options{
		Visibility: in.Visibility(), PollMin: 50 * time.Millisecond, PollMax: 200 * time.Millisecond,
		DeleteTries: 1, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	return loop.Run(ctx)
}

// count is the blob that holds the number of orders.
func count(c storage.Clients) idem.Cell {
	return idem.Blob(c.Blobs.NewContainerClient("stats").NewBlockBlobClient("orders"))
}
