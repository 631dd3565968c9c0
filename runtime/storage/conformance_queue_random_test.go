package storage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// The same calls, drawn by lot, have the same results on both: who gets which message,
// on which delivery, with which text, and which receipts hold.
func TestQueueRandom(t *testing.T) {
	for seed := range uint64(6) {
		stories := map[string]string{}
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			eachWaiting(t, func(t *testing.T, c storage.Clients) {
				stories[t.Name()] = randomStory(t, newQueue(t, c), rand.New(rand.NewPCG(seed, 0)))
			})
		})
		var first, told string
		for name, story := range stories {
			if told == "" {
				first, told = name, story
			}
			if story != told {
				t.Errorf("%s:\n%s\n%s:\n%s", first, told, name, story)
			}
		}
	}
}

// delivery is what a worker holds: a message under the name of its first text, and the
// receipt.
type delivery struct{ name, id, receipt string }

// randomStory plays calls with leases that are long or none, so that no time matters but
// the order of the calls, and tells what came of each.
func randomStory(t *testing.T, q *azqueue.QueueClient, lots *rand.Rand) string {
	var story strings.Builder
	var held []delivery // also the ones that were settled or taken over
	names := map[string]string{}
	lease := func() int32 { return 3600 * max(0, lots.Int32N(4)-2) } // one in four
	draw := func() delivery { return held[lots.IntN(len(held))] }
	// A voided receipt is told by the two in different words: see TestQueueDifferences.
	told := func(err error) string {
		return strings.Replace(outcome(err), "400 PopReceiptMismatch", "404 MessageNotFound", 1)
	}
	for step := range 80 {
		time.Sleep(2 * time.Millisecond) // Azurite's clock ticks in milliseconds.
		action := lots.IntN(10)
		if len(held) == 0 {
			action = min(action, 5)
		}
		switch action {
		case 0, 1, 2:
			name := fmt.Sprint("m", step)
			m := putMessage(t, q, name, &azqueue.EnqueueMessageOptions{VisibilityTimeout: to.Ptr(lease())})
			names[*m.MessageID] = name
			held = append(held, delivery{name, *m.MessageID, *m.PopReceipt})
			fmt.Fprintf(&story, "put %s\n", name)
		case 3, 4:
			n := 1 + lots.Int32N(3)
			fmt.Fprintf(&story, "receive %d:", n)
			for _, m := range receiveMessages(t, q, n, 3600) {
				name := names[*m.MessageID]
				held = append(held, delivery{name, *m.MessageID, *m.PopReceipt})
				fmt.Fprintf(&story, " %s/%d %q", name, *m.DequeueCount, *m.MessageText)
			}
			fmt.Fprintln(&story)
		case 5:
			fmt.Fprintf(&story, "%d left, peek:", *queueProperties(t, q).ApproximateMessagesCount)
			answer, err := q.PeekMessages(t.Context(), &azqueue.PeekMessagesOptions{NumberOfMessages: to.Ptr[int32](3)})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range answer.Messages {
				fmt.Fprintf(&story, " %s/%d", names[*m.MessageID], *m.DequeueCount)
			}
			fmt.Fprintln(&story)
		case 6, 7:
			d := draw()
			_, err := q.DeleteMessage(t.Context(), d.id, d.receipt, nil)
			fmt.Fprintf(&story, "settle %s: %s\n", d.name, told(err))
		default:
			d, lease := draw(), lease()
			answer, err := q.UpdateMessage(t.Context(), d.id, d.receipt, fmt.Sprint("text", step), &azqueue.UpdateMessageOptions{VisibilityTimeout: &lease})
			if err == nil {
				held = append(held, delivery{d.name, d.id, *answer.PopReceipt})
			}
			fmt.Fprintf(&story, "renew %s for %d: %s\n", d.name, lease, told(err))
		}
	}
	return story.String()
}
