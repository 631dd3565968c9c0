package storage_test

import (
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

const (
	leaseA = "aaaaaaaa-0000-4000-8000-000000000000"
	leaseB = "bbbbbbbb-0000-4000-8000-000000000000"
	leaseC = "cccccccc-0000-4000-8000-000000000000"
)

// lease is a client of the lease of a blob, which proposes or has this id.
func (p *blobPlayer) lease(name, id string) *lease.BlobClient {
	c, err := lease.NewBlobClient(p.blob(name), &lease.BlobClientOptions{LeaseID: to.Ptr(id)})
	p.must(err)
	return c
}

// leased makes the blob "a" with an infinite lease A.
func (p *blobPlayer) leased() *lease.BlobClient {
	p.put("a", "hello")
	l := p.lease("a", leaseA)
	p.must(failure(l.AcquireLease(p.ctx, -1, nil)))
	return l
}

// state notes the state of the lease of "a".
func (p *blobPlayer) state() {
	r, err := p.blob("a").GetProperties(p.ctx, nil)
	p.must(err)
	duration := ""
	if r.LeaseDuration != nil {
		duration = " " + string(*r.LeaseDuration)
	}
	p.say("%s %s%s", *r.LeaseStatus, *r.LeaseState, duration)
}

// withLease is a write, and a read, of "a" that say id.
func (p *blobPlayer) writeAndRead(id string) {
	var c *blob.AccessConditions
	if id != "" {
		c = holding(id)
	}
	p.note(failure(p.blob("a").Upload(p.ctx, upload("new"), &blockblob.UploadOptions{AccessConditions: c})))
	p.note(failure(p.blob("a").GetProperties(p.ctx, &blob.GetPropertiesOptions{AccessConditions: c})))
}

// blobLeaseScenarios are the tables of
// https://learn.microsoft.com/rest/api/storageservices/lease-blob#remarks as far as they
// need no waiting; what time does to leases is in blob/lease_test.go.
var blobLeaseScenarios = []blobScenario{
	{"use what is not leased", "unlocked available, ok, ok, 412 LeaseNotPresentWithBlobOperation, 412 LeaseNotPresentWithBlobOperation", func(p *blobPlayer) {
		p.put("a", "hello")
		p.state()
		p.writeAndRead("")
		p.writeAndRead(leaseA)
	}},
	{"use what is leased", "locked leased infinite, 412 LeaseIdMissing, ok, " +
		"412 LeaseIdMismatchWithBlobOperation, 412 LeaseIdMismatchWithBlobOperation, ok, ok, locked leased infinite", func(p *blobPlayer) {
		p.leased()
		p.state()
		p.writeAndRead("")
		p.writeAndRead(leaseB)
		p.writeAndRead(leaseA)
		p.state()
	}},
	{"use what is breaking", "locked breaking, 412 LeaseIdMissing, ok, " +
		"412 LeaseIdMismatchWithBlobOperation, 412 LeaseIdMismatchWithBlobOperation, ok, ok", func(p *blobPlayer) {
		p.must(failure(p.leased().BreakLease(p.ctx, &lease.BlobBreakOptions{BreakPeriod: to.Ptr[int32](60)})))
		p.state()
		p.writeAndRead("")
		p.writeAndRead(leaseB)
		p.writeAndRead(leaseA)
	}},
	{"use what is broken", "unlocked broken, 412 LeaseNotPresentWithBlobOperation, 412 LeaseNotPresentWithBlobOperation, unlocked broken, ok, ok, unlocked available", func(p *blobPlayer) {
		p.must(failure(p.leased().BreakLease(p.ctx, nil)))
		p.state()
		p.writeAndRead(leaseA)
		p.state()
		p.writeAndRead("")
		p.state()
	}},
	{"a lease id for what is not there", "412 LeaseNotPresentWithBlobOperation", func(p *blobPlayer) {
		p.putIf("a", holding(leaseA))
	}},
	{"every change of what is leased", "metadata 412 LeaseIdMissing, headers 412 LeaseIdMissing, block 412 LeaseIdMissing, " +
		"commit 412 LeaseIdMissing, delete 412 LeaseIdMissing, tags 412 LeaseIdMissing, tier 412 LeaseIdMissing, snapshot ok", func(p *blobPlayer) {
		p.leased()
		look := func(what string, err error) {
			p.note(err)
			p.notes[len(p.notes)-1] = what + " " + p.notes[len(p.notes)-1]
		}
		look("metadata", failure(p.blob("a").SetMetadata(p.ctx, nil, nil)))
		look("headers", failure(p.blob("a").SetHTTPHeaders(p.ctx, blob.HTTPHeaders{}, nil)))
		look("block", failure(p.blob("a").StageBlock(p.ctx, blockID("001"), upload("x"), nil)))
		look("commit", failure(p.blob("a").CommitBlockList(p.ctx, nil, nil)))
		look("delete", failure(p.blob("a").Delete(p.ctx, nil)))
		look("tags", failure(p.blob("a").SetTags(p.ctx, nil, nil)))
		look("tier", failure(p.blob("a").SetTier(p.ctx, blob.AccessTierCool, nil)))
		look("snapshot", failure(p.blob("a").CreateSnapshot(p.ctx, nil)))
	}},
	{"acquire", "409 LeaseAlreadyPresent, ok, locked leased fixed, 400 InvalidHeaderValue, 400 InvalidHeaderValue, 404 BlobNotFound", func(p *blobPlayer) {
		p.leased()
		p.note(failure(p.lease("a", leaseB).AcquireLease(p.ctx, -1, nil)))
		p.note(failure(p.lease("a", leaseA).AcquireLease(p.ctx, 15, nil)))
		p.state()
		p.put("b", "hello")
		p.note(failure(p.lease("b", leaseA).AcquireLease(p.ctx, 14, nil)))
		p.note(failure(p.lease("b", leaseA).AcquireLease(p.ctx, 61, nil)))
		p.note(failure(p.lease("c", leaseA).AcquireLease(p.ctx, 15, nil)))
	}},
	{"acquire with an id that is no GUID", "400 InvalidHeaderValue", func(p *blobPlayer) {
		p.put("a", "hello")
		p.note(failure(p.lease("a", "mine").AcquireLease(p.ctx, 15, nil)))
	}},
	{"conditions of a lease", "412 ConditionNotMet, ok, same", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		p.note(failure(p.lease("a", leaseA).AcquireLease(p.ctx, -1, &lease.BlobAcquireOptions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: staleETag}})))
		r, err := p.lease("a", leaseA).AcquireLease(p.ctx, -1, &lease.BlobAcquireOptions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &etag}})
		p.note(err)
		p.say("%s", map[bool]string{true: "same", false: "new"}[*r.ETag == etag])
	}},
	{"renew", "409 LeaseIdMismatchWithLeaseOperation, 409 LeaseIdMismatchWithLeaseOperation, ok, 409 LeaseIsBrokenAndCannotBeRenewed", func(p *blobPlayer) {
		p.put("b", "hello")
		p.note(failure(p.lease("b", leaseA).RenewLease(p.ctx, nil)))
		l := p.leased()
		p.note(failure(p.lease("a", leaseB).RenewLease(p.ctx, nil)))
		p.note(failure(l.RenewLease(p.ctx, nil)))
		p.must(failure(l.BreakLease(p.ctx, nil)))
		p.note(failure(l.RenewLease(p.ctx, nil)))
	}},
	{"change", "409 LeaseNotPresentWithLeaseOperation, 409 LeaseIdMismatchWithLeaseOperation, ok, ok, 409 LeaseIdMismatchWithLeaseOperation, " +
		"409 LeaseIsBreakingAndCannotBeChanged", func(p *blobPlayer) {
		p.put("b", "hello")
		p.note(failure(p.lease("b", leaseA).ChangeLease(p.ctx, leaseB, nil)))
		p.leased()
		p.note(failure(p.lease("a", leaseB).ChangeLease(p.ctx, leaseC, nil)))
		p.note(failure(p.lease("a", leaseA).ChangeLease(p.ctx, leaseB, nil)))
		p.note(failure(p.lease("a", leaseA).ChangeLease(p.ctx, leaseB, nil))) // Again: it has been done.
		p.note(failure(p.lease("a", leaseA).ChangeLease(p.ctx, leaseC, nil)))
		p.must(failure(p.lease("a", leaseB).BreakLease(p.ctx, &lease.BlobBreakOptions{BreakPeriod: to.Ptr[int32](60)})))
		p.note(failure(p.lease("a", leaseB).ChangeLease(p.ctx, leaseC, nil)))
	}},
	{"release", "409 LeaseIdMismatchWithLeaseOperation, 409 LeaseIdMismatchWithLeaseOperation, ok, unlocked available, 409 LeaseIdMismatchWithLeaseOperation", func(p *blobPlayer) {
		p.put("b", "hello")
		p.note(failure(p.lease("b", leaseA).ReleaseLease(p.ctx, nil)))
		l := p.leased()
		p.note(failure(p.lease("a", leaseB).ReleaseLease(p.ctx, nil)))
		p.note(failure(l.ReleaseLease(p.ctx, nil)))
		p.state()
		p.note(failure(l.RenewLease(p.ctx, nil)))
	}},
	{"break", "409 LeaseNotPresentWithLeaseOperation, 60 s, locked breaking, 10 s, 409 LeaseAlreadyPresent, 409 LeaseIsBreakingAndCannotBeAcquired, " +
		"0 s, unlocked broken, 0 s, ok, locked leased infinite", func(p *blobPlayer) {
		p.put("b", "hello")
		p.note(failure(p.lease("b", leaseA).BreakLease(p.ctx, nil)))
		l := p.leased()
		end := func(period *int32) {
			r, err := l.BreakLease(p.ctx, &lease.BlobBreakOptions{BreakPeriod: period})
			p.must(err)
			p.say("%s", fmt.Sprint(*r.LeaseTime, " s"))
		}
		end(to.Ptr[int32](60))
		p.state()
		end(to.Ptr[int32](10))
		p.note(failure(p.lease("a", leaseB).AcquireLease(p.ctx, -1, nil)))
		p.note(failure(p.lease("a", leaseA).AcquireLease(p.ctx, -1, nil)))
		end(to.Ptr[int32](0))
		p.state()
		end(nil)
		p.note(failure(p.lease("a", leaseB).AcquireLease(p.ctx, -1, nil)))
		p.state()
	}},
	{"break a lease for a time", "true", func(p *blobPlayer) {
		p.put("a", "hello")
		l := p.lease("a", leaseA)
		p.must(failure(l.AcquireLease(p.ctx, 60, nil)))
		r, err := l.BreakLease(p.ctx, nil)
		p.must(err)
		p.say("%t", *r.LeaseTime > 50 && *r.LeaseTime <= 60) // What was left of it.
	}},
}
