package idem_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/role"
)

// counter counts messages.
type counter struct{ N int }

func count(c *counter) error { c.N++; return nil }

// expect checks the value in a cell, past all faults.
func (w world) expect(cell string, want int) {
	w.Helper()
	got, _, err := idem.Load[counter](w.Context(), w.cell(cell))
	w.must(err)
	if got.N != want {
		w.Errorf("the counter is %d, want %d", got.N, want)
	}
}

func (w world) update(cell idem.Cell, id string) error {
	_, err := idem.Update(w.Context(), cell, id, count)
	return err
}

// R₁ read 0 write 1 L(S₁) T R₂ read 1 with its own id: done.
func TestUpdateOnceForEachMessage(t *testing.T) {
	eachKind(t, func(w world) {
		cell := w.cell("counter")
		if _, found, err := idem.Load[counter](w.Context(), cell); found || err != nil {
			w.Errorf("before: found %v, %v", found, err)
		}
		for _, delivery := range []struct {
			id   string
			want int
		}{{"A", 1}, {"A", 1}, {"B", 2}, {"A", 2}, {"B", 2}, {"C", 3}} {
			got, err := idem.Update(w.Context(), cell, delivery.id, count)
			w.must(err)
			if got.N != delivery.want {
				w.Errorf("delivery of %s: %d, want %d", delivery.id, got.N, delivery.want)
			}
		}
		w.expect("counter", 3)
	})
}

// R₁ read 0 write 1 L(answer) T R₂ read 1 with its own id: done. And the same with the
// write itself lost.
func TestUpdateSurvivesALostWrite(t *testing.T) {
	for name, loss := range map[string]role.Loss{"request": role.LoseRequest, "answer": role.LoseAnswer} {
		for n, ids := range map[int][]string{1: {"A"}, 2: {"other", "A"}} { // the creating write, and a later one
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				eachKind(t, func(w world) {
					cell := w.through(w.losing(n, loss), "counter")
					for _, id := range ids[:n-1] {
						w.must(w.update(cell, id))
					}
					if err := w.update(cell, "A"); !errors.Is(err, role.ErrLost) {
						w.Errorf("first delivery: got %v, want the network's error", err)
					}
					w.must(w.update(cell, "A"))
					w.expect("counter", n)
				})
			})
		}
	}
}

// The SDK's retry runs into its own write: a conflict that is a success.
func TestUpdateTellsItsOwnWriteFromOthers(t *testing.T) {
	for n := range 2 {
		t.Run(fmt.Sprint("write ", n+1), func(t *testing.T) {
			eachKind(t, func(w world) {
				cell := w.kind.cell(w.dial(w.losing(n+1, role.LoseAnswer), 3), "counter")
				w.must(w.update(cell, "A"))
				w.must(w.update(cell, "B"))
				w.expect("counter", 2)
			})
		})
	}
}

// R₁(a) read 5, R₁(b) read 5, b writes 6, a writes 6 → conflict, reads 6, writes 7.
func TestUpdateBesideAnother(t *testing.T) {
	eachKind(t, func(w world) {
		cell := w.cell("counter")
		for _, first := range []bool{true, false} { // on an empty cell, and on a full one
			reads := 0
			_, err := idem.Update(w.Context(), cell, fmt.Sprint("a", first), func(c *counter) error {
				if reads++; reads == 1 {
					w.must(w.update(cell, fmt.Sprint("b", first)))
				}
				return count(c)
			})
			w.must(err)
			if reads != 2 {
				w.Errorf("%d reads, want 2", reads)
			}
		}
		w.expect("counter", 4)
	})
}

// R₁ read 0 [frozen] T R₂ read 0 write 1 S₂ [thawed] write → conflict, own id: done.
func TestUpdateOfAZombie(t *testing.T) {
	eachKind(t, func(w world) {
		result := make(chan error, 1)
		zombie := w.instance("zombie", func(ctx context.Context, in *role.Instance) error {
			_, err := idem.Update(ctx, w.kind.cell(in.Clients(), "counter"), "A", func(c *counter) error {
				time.Sleep(time.Minute) // frozen here, between read and write
				return count(c)
			})
			result <- err
			return err
		})
		time.Sleep(time.Second)
		w.must(zombie.Freeze())
		time.Sleep(5 * time.Minute)
		w.must(w.update(w.cell("counter"), "A"))
		w.must(zombie.Thaw())
		w.must(<-result)
		w.expect("counter", 1)
	})
}

func TestUpdateByMany(t *testing.T) {
	eachKind(t, func(w world) {
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				for delivery := range 2 {
					if err := w.update(w.cell("counter"), fmt.Sprint(i)); err != nil {
						w.Errorf("message %d, delivery %d: %v", i, delivery, err)
					}
				}
			})
		}
		all.Wait()
		w.expect("counter", 12)
	})
}

func TestUpdateEndsWithTheErrorOfItsChange(t *testing.T) {
	eachKind(t, func(w world) {
		refused := errors.New("overdrawn")
		_, err := idem.Update(w.Context(), w.cell("counter"), "A", func(c *counter) error {
			c.N = 100
			return refused
		})
		if !errors.Is(err, refused) {
			w.Errorf("got %v, want the change's error", err)
		}
		w.must(w.update(w.cell("counter"), "A"))
		w.expect("counter", 1)
	})
}

// A cell that vanishes between read and write is begun anew.
func TestUpdateOfWhatIsDeletedMeanwhile(t *testing.T) {
	eachKind(t, func(w world) {
		w.must(w.update(w.cell("counter"), "A"))
		reads := 0
		_, err := idem.Update(w.Context(), w.cell("counter"), "B", func(c *counter) error {
			if reads++; reads == 1 {
				w.remove("counter")
			}
			return count(c)
		})
		w.must(err)
		w.expect("counter", 1)
	})
}

func (w world) remove(name string) {
	w.Helper()
	clients := w.dial(w.account, 0)
	var err error
	if w.kind.name == "blob" {
		_, err = clients.Blobs.NewContainerClient("stats").NewBlobClient(name).Delete(w.Context(), nil)
	} else {
		_, err = clients.Tables.NewClient("stats").DeleteEntity(w.Context(), "stats", name, nil)
	}
	w.must(err)
}

// A missing container or table is an error, not an empty cell, and not a conflict that is
// tried for ever.
func TestUpdateWithoutContainerOrTable(t *testing.T) {
	eachKind(t, func(w world) {
		clients := w.dial(w.account, 0)
		_, err := clients.Blobs.DeleteContainer(w.Context(), "stats", nil)
		w.must(err)
		_, err = clients.Tables.DeleteTable(w.Context(), "stats", nil)
		w.must(err)
		var answer *azcore.ResponseError
		if err := w.update(w.cell("counter"), "A"); !errors.As(err, &answer) || !strings.HasSuffix(answer.ErrorCode, "NotFound") {
			w.Errorf("got %v, want the service's refusal", err)
		}
	})
}

// What is lost when ids are kept for less than their messages live:
// R₁ write 1 L(S₁) … forgotten … T R₂ read without its id: write 2.
func TestIDsForgottenTooEarly(t *testing.T) {
	eachKind(t, func(w world) {
		cell := w.cell("counter")
		short := idem.UpdateOptions{Keep: time.Hour} // but a message lives for 7 days
		deliver := func(id string) {
			_, err := idem.UpdateWith(w.Context(), cell, id, count, short)
			w.must(err)
		}
		deliver("A")
		time.Sleep(59 * time.Minute)
		deliver("A")
		w.expect("counter", 1)
		time.Sleep(2 * time.Minute)
		deliver("B") // this write forgets A
		deliver("A")
		w.expect("counter", 3) // of two messages
	})
}

// The default is enough for a message of the default time to live, to its last moment.
func TestIDsAreKeptForAWeekAndADay(t *testing.T) {
	eachKind(t, func(w world) {
		cell := w.cell("counter")
		w.must(w.update(cell, "A"))
		time.Sleep(8*24*time.Hour - time.Second)
		w.must(w.update(cell, "B"))
		w.must(w.update(cell, "A"))
		w.expect("counter", 2)
	})
}

func TestIDsKeptForEver(t *testing.T) {
	eachKind(t, func(w world) {
		for range 3 {
			_, err := idem.UpdateWith(w.Context(), w.cell("counter"), "A", count, idem.UpdateOptions{Keep: -1})
			w.must(err)
			time.Sleep(365 * 24 * time.Hour)
		}
		w.expect("counter", 1)
	})
}

// The number of ids is never a reason to forget one: the cell is full, until ids age.
func TestFullOfIDs(t *testing.T) {
	eachKind(t, func(w world) {
		deliver := func(id string) error {
			_, err := idem.UpdateWith(w.Context(), w.cell("counter"), id, count, idem.UpdateOptions{Max: 2})
			return err
		}
		w.must(deliver("A"))
		time.Sleep(24 * time.Hour)
		w.must(deliver("B"))
		if err := deliver("C"); !errors.Is(err, idem.ErrFull) {
			w.Errorf("got %v, want ErrFull", err)
		}
		w.must(deliver("A"))
		w.expect("counter", 2)
		time.Sleep(7*24*time.Hour + time.Minute) // A is 8 days old
		w.must(deliver("C"))
		w.expect("counter", 3)
	})
}

// As many ids as the default allows fit into a cell, an entity's 1 MiB included.
func TestAsManyIDsAsTheDefaultFit(t *testing.T) {
	eachKind(t, func(w world) {
		cell := w.cell("counter")
		ids := make([]string, 0, 8_000)
		for i := range 8_000 {
			ids = append(ids, fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
		}
		w.must(idem.Fill[counter](w.Context(), cell, ids[:7_999]))
		w.must(w.update(cell, ids[7_999]))
		w.must(w.update(cell, ids[0]))
		w.expect("counter", 1)
		if err := w.update(cell, "one more"); !errors.Is(err, idem.ErrFull) {
			w.Errorf("got %v, want ErrFull", err)
		}
	})
}

// Long documents are cut into properties, and short ones leave nothing of long ones.
func TestLongDocuments(t *testing.T) {
	eachKind(t, func(w world) {
		cell := w.cell("text")
		type text struct{ S string }
		for i, length := range []int{10, 100_000, 3, 32_768, 32_769, 0} {
			want := strings.Repeat("x", i) + strings.Repeat("é", length) // cuts fall within characters
			_, err := idem.Update(w.Context(), cell, fmt.Sprint(i), func(v *text) error { v.S = want; return nil })
			w.must(err)
			got, _, err := idem.Load[text](w.Context(), cell)
			w.must(err)
			if got.S != want {
				w.Errorf("%d characters became %d", len(want), len(got.S))
			}
		}
	})
}

func TestForeignDocument(t *testing.T) {
	eachKind(t, func(w world) {
		for i, foreign := range []string{"hello", `{"total": 5}`, `{"value": "no counter"}`} {
			cell := w.cell(fmt.Sprint("counter", i))
			_, err := cell.Write(w.Context(), []byte(foreign), "")
			w.must(err)
			if err := w.update(cell, "A"); !errors.Is(err, idem.ErrForeign) {
				w.Errorf("%s: got %v, want ErrForeign", foreign, err)
			}
		}
	})
}

// busy is a cell that somebody else always writes first.
type busy struct{ writes int }

func (b *busy) Read(context.Context) ([]byte, azcore.ETag, error) { return nil, "", nil }

func (b *busy) Write(context.Context, []byte, azcore.ETag) (azcore.ETag, error) {
	b.writes++
	return "", idem.ErrConflict
}

func TestContention(t *testing.T) {
	eachKind(t, func(w world) {
		began, cell := time.Now(), &busy{}
		if err := w.update(cell, "A"); !errors.Is(err, idem.ErrContended) {
			w.Errorf("got %v, want ErrContended", err)
		}
		if took := time.Since(began); took > 30*time.Second || cell.writes < 20 {
			w.Errorf("gave up after %d writes and %v", cell.writes, took)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if _, err := idem.Update(ctx, cell, "A", count); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("got %v, want the context's error", err)
		}
	})
}
