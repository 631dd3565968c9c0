package table_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/storage/table"
)

// What single changes come to is told by the conformance tests (TestTables in
// runtime/storage), which play them against Azurite too. Here is what only this service
// promises: time, versions, snapshots.

func TestTimestampIsTheClockOfTheBubble(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		at := table.Key{Partition: "p", Row: "r"}
		must(c.AddEntity(ctx, body(t, "p", "r", nil), nil))(t)
		began := time.Now().UTC()
		if got := account.Tables.Snapshot()["orders"][at].Timestamp; !got.Equal(began) {
			t.Errorf("added at %v, Timestamp %v", began, got)
		}
		time.Sleep(90 * time.Minute)
		must(c.UpdateEntity(ctx, body(t, "p", "r", nil), nil))(t)
		if got := account.Tables.Snapshot()["orders"][at].Timestamp; got.Sub(began) != 90*time.Minute {
			t.Errorf("changed 90m later, Timestamp %v later", got.Sub(began))
		}
	})
}

func TestVersionsWithinOneInstantDiffer(t *testing.T) {
	versions := func() (all []azcore.ETag) {
		bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
			e := body(t, "p", "r", map[string]any{"Count": int32(1)})
			for range 20 {
				all = append(all, must(c.AddEntity(ctx, e, nil))(t).ETag)
				all = append(all, must(c.UpdateEntity(ctx, e, &aztables.UpdateEntityOptions{UpdateMode: merge}))(t).ETag)
				all = append(all, must(c.UpsertEntity(ctx, e, &aztables.UpsertEntityOptions{UpdateMode: replace}))(t).ETag)
				must(c.DeleteEntity(ctx, "p", "r", nil))(t)
			}
		})
		return all
	}
	first := versions()
	seen := map[azcore.ETag]bool{}
	for _, v := range first {
		if seen[v] {
			t.Errorf("%s is the version of two changes", v)
		}
		seen[v] = true
	}
	if again := versions(); !reflect.DeepEqual(first, again) {
		t.Errorf("the same changes in the same instant have other versions: %v, %v", first, again)
	}
}

func TestETagIsOfTheServicesForm(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		time.Sleep(1234567800 * time.Nanosecond)
		got := must(c.AddEntity(ctx, body(t, "p", "r", nil), nil))(t).ETag
		if want := azcore.ETag(`W/"datetime'2000-01-01T00%3A00%3A01.2345678Z'"`); got != want {
			t.Errorf("ETag %s, want %s", got, want)
		}
	})
}

// The loop that idempotency is made of: read, change, write if nobody else did.
func TestCompareAndSwapLosesNothing(t *testing.T) {
	const workers, each = 8, 10
	synctest.Test(t, func(t *testing.T) {
		account, c := orders(t)
		must(c.AddEntity(t.Context(), body(t, "p", "r", map[string]any{"Count": int32(0)}), nil))(t)
		increment := func(ctx context.Context) error {
			got, err := c.GetEntity(ctx, "p", "r", nil)
			if err != nil {
				return err
			}
			var e struct{ Count int32 }
			if err := json.Unmarshal(got.Value, &e); err != nil {
				return err
			}
			_, err = c.UpdateEntity(ctx, body(t, "p", "r", map[string]any{"Count": e.Count + 1}), &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: merge})
			return err
		}
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for done := 0; done < each; {
					err := increment(t.Context())
					var refusal *azcore.ResponseError
					switch {
					case err == nil:
						done++
					case !errors.As(err, &refusal) || refusal.StatusCode != http.StatusPreconditionFailed:
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		e := account.Tables.Snapshot()["orders"][table.Key{Partition: "p", Row: "r"}]
		if got := e.Properties["Count"]; got != int32(workers*each) {
			t.Errorf("Count = %v after %d increments", got, workers*each)
		}
	})
}

func TestSnapshotHasGoTypes(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		since := time.Date(2008, 7, 10, 1, 2, 3, 400, time.UTC)
		given := map[string]any{
			"String": "s", "Bool": true, "Int32": int32(-1), "Int64": aztables.EDMInt64(1 << 40), "Double": 1.5,
			"Since": aztables.EDMDateTime(since), "Raw": aztables.EDMBinary{1, 2}, "Id": aztables.EDMGUID("4185404A-5818-48C3-B9BE-F217DF0DBA6F"),
		}
		added := must(c.AddEntity(ctx, body(t, "p", "r", given), nil))(t)
		want := map[string]map[table.Key]table.Entity{"orders": {{Partition: "p", Row: "r"}: {
			Properties: map[string]any{
				"String": "s", "Bool": true, "Int32": int32(-1), "Int64": int64(1 << 40), "Double": 1.5,
				"Since": since, "Raw": []byte{1, 2}, "Id": table.GUID("4185404a-5818-48c3-b9be-f217df0dba6f"),
			},
			ETag:      string(added.ETag),
			Timestamp: time.Now().UTC(),
		}}}
		if got := account.Tables.Snapshot(); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}

func TestSnapshotIsACopy(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		must(c.AddEntity(ctx, body(t, "p", "r", map[string]any{"Raw": aztables.EDMBinary{1}}), nil))(t)
		at := table.Key{Partition: "p", Row: "r"}
		taken := account.Tables.Snapshot()
		taken["orders"][at].Properties["Raw"].([]byte)[0] = 9
		taken["orders"][at].Properties["More"] = 1
		delete(taken, "orders")
		must(c.UpdateEntity(ctx, body(t, "p", "r", map[string]any{"B": int32(2)}), nil))(t)
		got := account.Tables.Snapshot()["orders"][at].Properties
		if want := map[string]any{"Raw": []byte{1}, "B": int32(2)}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// A trap of aztables 1.4.1: the option is there, but not sent.
func TestUpsertIgnoresItsETag(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		first := must(c.AddEntity(ctx, body(t, "p", "r", map[string]any{"Count": int32(1)}), nil))(t).ETag
		must(c.UpdateEntity(ctx, body(t, "p", "r", map[string]any{"Count": int32(2)}), nil))(t)
		must(c.UpsertEntity(ctx, body(t, "p", "r", map[string]any{"Count": int32(3)}), &aztables.UpsertEntityOptions{ETag: first, UpdateMode: replace}))(t)
		e := account.Tables.Snapshot()["orders"][table.Key{Partition: "p", Row: "r"}]
		if e.Properties["Count"] != int32(3) {
			t.Errorf("Count = %v", e.Properties["Count"])
		}
	})
}

func TestTransactionHasOneTimestamp(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		must(c.AddEntity(ctx, body(t, "p", "before", nil), nil))(t)
		must(c.SubmitTransaction(ctx, []aztables.TransactionAction{
			{ActionType: aztables.TransactionTypeAdd, Entity: body(t, "p", "a", nil)},
			{ActionType: aztables.TransactionTypeAdd, Entity: body(t, "p", "b", nil)},
		}, nil))(t)
		all := account.Tables.Snapshot()["orders"]
		a, b, before := all[table.Key{Partition: "p", Row: "a"}], all[table.Key{Partition: "p", Row: "b"}], all[table.Key{Partition: "p", Row: "before"}]
		if a.Timestamp != b.Timestamp || !a.Timestamp.After(before.Timestamp) {
			t.Errorf("before %v, then %v and %v", before.Timestamp, a.Timestamp, b.Timestamp)
		}
	})
}

// What a handler sees of a transaction that failed: no code to switch on.
func TestRefusedTransactionHasNoCode(t *testing.T) {
	bubble(t, func(ctx context.Context, account *storage.Account, c *aztables.Client) {
		before := account.Tables.Snapshot()
		_, err := c.SubmitTransaction(ctx, []aztables.TransactionAction{
			{ActionType: aztables.TransactionTypeAdd, Entity: body(t, "p", "r", nil)},
			{ActionType: aztables.TransactionTypeDelete, Entity: body(t, "p", "missing", nil)},
		}, nil)
		refused(t, err, http.StatusAccepted, "")
		if after := account.Tables.Snapshot(); !reflect.DeepEqual(before, after) {
			t.Errorf("before %v, after %v", before, after)
		}
	})
}
