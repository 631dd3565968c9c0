package storage_test

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// BenchmarkQueue is the life of a message through the official client, put, received and
// deleted, which is three operations: in process, with a thousand other messages in the
// queue, and over the loopback interface.
func BenchmarkQueue(b *testing.B) {
	for _, place := range []struct {
		name   string
		dial   func(*storage.Account) (storage.Clients, error)
		others int
	}{
		{"inprocess", func(a *storage.Account) (storage.Clients, error) { return a.Dial(a, noRetries) }, 0},
		{"inprocess-full", func(a *storage.Account) (storage.Clients, error) { return a.Dial(a, noRetries) }, 1000},
		{"network", func(a *storage.Account) (storage.Clients, error) { return serve(b, a), nil }, 0},
	} {
		b.Run(place.name, func(b *testing.B) {
			c, err := place.dial(storage.New("demo"))
			if err != nil {
				b.Fatal(err)
			}
			q := c.Queues.NewQueueClient("orders")
			if _, err := q.Create(b.Context(), nil); err != nil {
				b.Fatal(err)
			}
			hidden := int32(week)
			for range place.others {
				if _, err := q.EnqueueMessage(b.Context(), "other", &azqueue.EnqueueMessageOptions{VisibilityTimeout: &hidden}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := q.EnqueueMessage(b.Context(), "hello", nil); err != nil {
					b.Fatal(err)
				}
				got, err := q.DequeueMessage(b.Context(), nil)
				if err != nil {
					b.Fatal(err)
				}
				m := got.Messages[0]
				if _, err := q.DeleteMessage(b.Context(), *m.MessageID, *m.PopReceipt, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(3*float64(b.N)/b.Elapsed().Seconds(), "operations/s")
		})
	}
}
