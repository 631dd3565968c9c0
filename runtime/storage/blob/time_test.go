package blob_test

import (
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	azblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

const (
	leaseA = "aaaaaaaa-0000-4000-8000-000000000000"
	leaseB = "bbbbbbbb-0000-4000-8000-000000000000"
)

// moment is the shortest time there is.
const moment = time.Nanosecond

// lease is a client of the lease of "a" that proposes or has this id.
func (w *world) lease(id string) *lease.BlobClient {
	l, err := lease.NewBlobClient(w.orders.NewBlockBlobClient("a"), &lease.BlobClientOptions{LeaseID: to.Ptr(id)})
	w.must(err)
	return l
}

// leased makes the blob "a" and leases it.
func (w *world) leased(id string, seconds int32) *lease.BlobClient {
	w.put("a", "hello")
	l := w.lease(id)
	w.must(failure(l.AcquireLease(w.ctx, seconds, nil)))
	return l
}

// write writes "a" with the id of a lease, or without when it is "".
func (w *world) write(id string) error {
	var c *azblob.AccessConditions
	if id != "" {
		c = &azblob.AccessConditions{LeaseAccessConditions: &azblob.LeaseAccessConditions{LeaseID: &id}}
	}
	return failure(w.orders.NewBlockBlobClient("a").Upload(w.ctx, reader("new"), &blockblob.UploadOptions{AccessConditions: c}))
}

// wantState verifies the state of the lease of "a".
func (w *world) wantState(want string) {
	w.t.Helper()
	r, err := w.orders.NewBlockBlobClient("a").GetProperties(w.ctx, nil)
	w.must(err)
	if got := string(*r.LeaseState); got != want {
		w.t.Errorf("the lease is %s, want %s", got, want)
	}
	locked := want == "leased" || want == "breaking"
	if b := w.blob("a"); b.Leased != locked || (b.LeaseID != "") != locked {
		w.t.Errorf("the snapshot says leased %t by %q, and it is %s", b.Leased, b.LeaseID, want)
	}
}

// A lease keeps the others off until its time is over, to the moment.
func TestLeaseExpires(t *testing.T) {
	inBubble(t, func(w *world) {
		w.leased(leaseA, 60)
		time.Sleep(60*time.Second - moment)
		w.want("412 LeaseIdMissing", w.write(""))
		w.want("ok", w.write(leaseA))
		w.wantState("leased")
		time.Sleep(moment)
		w.wantState("expired")
		w.want("412 LeaseLost", w.write(leaseA))
		w.want("412 LeaseNotPresentWithBlobOperation", w.write(leaseB))
		w.want("ok", w.write(""))
		w.wantState("available")
	})
}

// A lease that has expired can be renewed as long as nothing has happened to the blob:
// then its holder knows that the blob is as he left it.
func TestRenewExpired(t *testing.T) {
	inBubble(t, func(w *world) {
		l := w.leased(leaseA, 15)
		time.Sleep(time.Hour)
		w.want("ok", failure(l.RenewLease(w.ctx, nil)))
		w.wantState("leased")
		time.Sleep(15 * time.Second)
		w.wantState("expired")
		w.want("ok", w.write(""))
		w.want("409 LeaseIdMismatchWithLeaseOperation", failure(l.RenewLease(w.ctx, nil)))
	})
	inBubble(t, func(w *world) {
		l := w.leased(leaseA, 15)
		time.Sleep(15 * time.Second)
		w.want("ok", failure(w.lease(leaseB).AcquireLease(w.ctx, 15, nil)))
		w.want("409 LeaseIdMismatchWithLeaseOperation", failure(l.RenewLease(w.ctx, nil)))
		w.want("412 LeaseIdMismatchWithBlobOperation", w.write(leaseA))
	})
}

// Renewing in time keeps a lease for as long as one likes.
func TestRenew(t *testing.T) {
	inBubble(t, func(w *world) {
		l := w.leased(leaseA, 15)
		for range 100 {
			time.Sleep(14 * time.Second)
			w.must(failure(l.RenewLease(w.ctx, nil)))
		}
		w.wantState("leased")
		time.Sleep(15 * time.Second)
		w.wantState("expired")
	})
}

// A break lets the lease go on for the break period, but not longer than it had.
func TestBreak(t *testing.T) {
	for _, c := range []struct {
		name     string
		duration int32
		period   *int32
		left     time.Duration
	}{
		{"infinite, at once", -1, nil, 0},
		{"infinite, after a period", -1, to.Ptr[int32](20), 20 * time.Second},
		{"what is left", 60, nil, 50 * time.Second},
		{"a shorter period", 60, to.Ptr[int32](20), 20 * time.Second},
		{"a longer period", 60, to.Ptr[int32](55), 50 * time.Second},
		{"at once", 60, to.Ptr[int32](0), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(w *world) {
				l := w.leased(leaseA, c.duration)
				time.Sleep(10 * time.Second)
				r, err := l.BreakLease(w.ctx, &lease.BlobBreakOptions{BreakPeriod: c.period})
				w.must(err)
				if got := time.Duration(*r.LeaseTime) * time.Second; got != c.left {
					t.Errorf("%v left, want %v", got, c.left)
				}
				if c.left > 0 {
					time.Sleep(c.left - moment)
					w.wantState("breaking")
					time.Sleep(moment)
				}
				w.wantState("broken")
				w.want("409 LeaseIsBrokenAndCannotBeRenewed", failure(l.RenewLease(w.ctx, nil)))
				w.want("ok", failure(w.lease(leaseB).AcquireLease(w.ctx, -1, nil)))
			})
		})
	}
}

// A container that was deleted keeps its name for 30 seconds; its blobs are gone at once.
func TestDeletedContainer(t *testing.T) {
	inBubble(t, func(w *world) {
		w.put("a", "hello")
		w.must(failure(w.orders.Delete(w.ctx, nil)))
		w.want("404 ContainerNotFound", failure(w.orders.NewBlobClient("a").GetProperties(w.ctx, nil)))
		time.Sleep(30*time.Second - moment)
		w.want("409 ContainerBeingDeleted", failure(w.orders.Create(w.ctx, nil)))
		time.Sleep(moment)
		w.want("ok", failure(w.orders.Create(w.ctx, nil)))
		if blobs := w.account.Blobs.Snapshot()["orders"]; len(blobs) != 0 {
			t.Errorf("the new container has %v", blobs)
		}
	})
}

// Deleting a container needs the id of its lease; a lease of a container that has expired
// can be renewed even when the container has changed.
func TestContainerLease(t *testing.T) {
	inBubble(t, func(w *world) {
		l, err := lease.NewContainerClient(w.orders, &lease.ContainerClientOptions{LeaseID: to.Ptr(leaseA)})
		w.must(err)
		w.must(failure(l.AcquireLease(w.ctx, 15, nil)))
		w.want("412 LeaseIdMissing", failure(w.orders.Delete(w.ctx, nil)))
		w.want("ok", failure(w.orders.SetMetadata(w.ctx, nil)))
		time.Sleep(15 * time.Second)
		w.want("ok", failure(w.orders.SetMetadata(w.ctx, nil)))
		w.want("ok", failure(l.RenewLease(w.ctx, nil)))
		time.Sleep(15 * time.Second)
		w.want("412 LeaseLost", failure(w.orders.Delete(w.ctx, &container.DeleteOptions{AccessConditions: &container.AccessConditions{
			LeaseAccessConditions: &container.LeaseAccessConditions{LeaseID: to.Ptr(leaseA)}}})))
		w.want("ok", failure(w.orders.Delete(w.ctx, nil)))
	})
}

// Uncommitted blocks are kept for a week after the last of them.
func TestUncommittedBlocksExpire(t *testing.T) {
	inBubble(t, func(w *world) {
		const week = 7 * 24 * time.Hour
		a := w.orders.NewBlockBlobClient("a")
		w.stage("a", "001")
		time.Sleep(week - moment)
		w.stage("a", "002")
		time.Sleep(week - moment)
		list, err := a.GetBlockList(w.ctx, blockblob.BlockListTypeUncommitted, nil)
		w.must(err)
		if got := len(list.UncommittedBlocks); got != 2 {
			t.Errorf("%d uncommitted blocks, want 2", got)
		}
		time.Sleep(moment)
		w.want("404 BlobNotFound", failure(a.GetBlockList(w.ctx, blockblob.BlockListTypeUncommitted, nil)))
	})
}

// Every change has an ETag of its own, also within a second; times are cut to the second.
func TestStamps(t *testing.T) {
	inBubble(t, func(w *world) {
		time.Sleep(1500 * time.Millisecond)
		made := time.Now().Truncate(time.Second)
		seen := map[string]bool{}
		for range 3 {
			w.put("a", "hello")
			b := w.blob("a")
			if seen[b.ETag] {
				t.Errorf("the ETag %s again", b.ETag)
			}
			seen[b.ETag] = true
			if !b.Modified.Equal(made) {
				t.Errorf("modified %v, want %v", b.Modified, made)
			}
		}
		r, err := w.orders.NewBlobClient("a").GetProperties(w.ctx, nil)
		w.must(err)
		if !r.LastModified.Equal(made) || !r.CreationTime.Equal(made) {
			t.Errorf("modified %v, created %v, want %v", r.LastModified, r.CreationTime, made)
		}
	})
}

// Snapshots that are made at the same moment have different names.
func TestSnapshotsAtOnce(t *testing.T) {
	inBubble(t, func(w *world) {
		w.put("a", "hello")
		seen := map[string]bool{}
		for range 3 {
			s, err := w.orders.NewBlobClient("a").CreateSnapshot(w.ctx, nil)
			w.must(err)
			seen[*s.Snapshot] = true
		}
		if len(seen) != 3 {
			t.Errorf("%d names for 3 snapshots: %v", len(seen), seen)
		}
	})
}
