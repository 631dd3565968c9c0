package storage_test

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"github.com/idemlint/idemlint/runtime/storage"
)

// blobVerdict tells how Azurite differs from what the service's documentation says, which
// the account in this process follows.
type blobVerdict struct{ azurite, documentation string }

// blobDifferences are all the differences that TestBlobConformance finds.
var blobDifferences = map[string]blobVerdict{
	"create a container again": {"ok",
		"A container of the same name can't be created for at least 30 seconds: " + restDocs + "delete-container#remarks"},
	"If-Match: * of a put where there is nothing": {"ok",
		"The conditions follow HTTP/1.1, where it is not met without a resource: " + conditionDocs},
	"If-None-Match: * of a change": {"ok",
		"Fail the operation if the resource does exist; 412 for a write: " + conditionDocs},
	"If-Match of a change where there is nothing": {"412 ConditionNotMet, 412 ConditionNotMet",
		"The conditions follow HTTP/1.1, where they count only if the request would succeed without them: " + conditionDocs},
	"If-Match of a read where there is nothing": {"412 ConditionNotMet",
		"As for a change: " + conditionDocs},
	"If-None-Match: * of a read": {"400 UnsatisfiableCondition",
		"Fail the operation if the resource does exist; 304 for a read: " + conditionDocs},
	"wrong hashes": {"400 InvalidOperation, 500 FeatureNotSupported, 404 BlobNotFound",
		"If the hashes do not match, 400, with these codes in azblob's recorded tests: " + restDocs + "put-blob#request-headers-all-blob-types"},
	"ranges": {`"ell" bytes 1-3/5, "lo" bytes 3-4/5, "lo" bytes 3-4/5, "" bytes 5-4/5, "" bytes 0--1/0`,
		"InvalidRange, as in azblob's recorded TestBlobDownloadDataOffsetOutOfRange: " + restDocs + "common-rest-api-error-codes"},
	"put drops uncommitted blocks": {`[] [001:2], ok, "aa"`,
		"If Put Blob is called on the blob, any uncommitted blocks are garbage-collected: " + restDocs + "put-block#remarks"},
	"an empty block": {"ok",
		"The length of a block must not be 0: " + restDocs + "put-block#request-headers"},
	"pages": {"ok, ok, 512-1023 1024-1535, ok, 512-1023, 2048 bytes, 512 set",
		"Ranges of valid pages; how they are divided is not said: " + restDocs + "get-page-ranges"},
	"pages out of place": {"416 Requested Range Not Satisfiable, 416 Requested Range Not Satisfiable, 400 InvalidOperation",
		"InvalidPageRange; InvalidHeaderValue in azblob's recorded TestBlobCreatePageSizeInvalid: " + restDocs + "blob-service-error-codes"},
	"tags": {"map[a:1 b:2], 2, 400 , 404 BlobNotFound",
		"An answer of an error names its code: " + restDocs + "status-and-error-codes2"},
	"tiers": {"Hot inferred, Cool, 400 AccessTierNotSupportedForBlobType",
		"InvalidHeaderValue in azblob's recorded TestBlobSetTierInvalidAndValid: " + restDocs + "set-blob-tier"},
	"conditions of a copy on its source": {"412 ConditionNotMet, 304 ConditionNotMet, ok",
		"412, and SourceConditionNotMet: " + restDocs + "copy-blob#request-headers"},
	"If-None-Match: * of a copy": {"409 BlobAlreadyExists",
		"If the specified condition isn't met, 412: " + restDocs + "copy-blob#request-headers"},
	"copy over a blob of another type": {"ok",
		"If the destination blob already exists, it must be of the same blob type: " + restDocs + "copy-blob#remarks"},
	"copy over a blob leased for a time": {"412 LeaseIdMissing, ok",
		"A finite-duration lease ID fails with 412: " + restDocs + "copy-blob#request-headers"},
	"a lease id for what is not there": {"ok",
		"A lease ID on a blob that doesn't yet exist is 412: " + restDocs + "put-blob#remarks"},
	"acquire with an id that is no GUID": {"ok",
		"400 if the proposed lease ID isn't in the correct format: " + restDocs + "lease-blob#request-headers"},
}

const (
	restDocs      = "https://learn.microsoft.com/rest/api/storageservices/"
	conditionDocs = restDocs + "specifying-conditional-headers-for-blob-service-operations"
)

// TestBlobConformance plays the scenarios against this package and against Azurite.
func TestBlobConformance(t *testing.T) {
	played := map[string]bool{}
	each(t, func(t *testing.T, c storage.Clients) {
		azurite := strings.HasSuffix(t.Name(), "/azurite")
		playBlobs(t, c, func(name, want string) string {
			played[name] = true
			d, differs := blobDifferences[name]
			if differs && d.azurite == want {
				t.Errorf("%s: there is no difference", name)
			}
			if differs && azurite {
				return d.azurite
			}
			return want
		})
	})
	for name := range blobDifferences {
		if !played[name] {
			t.Errorf("there is no scenario %q", name)
		}
	}
}

// TestBlobsServed plays the scenarios over a network: they see the same.
func TestBlobsServed(t *testing.T) {
	playBlobs(t, serve(t, storage.New("demo")), func(_, want string) string { return want })
}

// playBlobs plays all scenarios and compares what is seen with what is expected, which is
// what the scenario says if expected does not say otherwise.
func playBlobs(t *testing.T, c storage.Clients, expected func(name, want string) string) {
	for _, s := range slices.Concat(blobScenarios, blobTypeScenarios, blobChangeScenarios, blobLeaseScenarios) {
		t.Run(s.name, func(t *testing.T) {
			p := blobPlayer{t: t, ctx: t.Context(), clients: c, name: unique(t, "blobs")}
			p.container = c.Blobs.NewContainerClient(p.name)
			p.must(failure(p.container.Create(p.ctx, &container.CreateOptions{Metadata: map[string]*string{"made": to.Ptr("here")}})))
			s.play(&p)
			if got, want := strings.Join(p.notes, ", "), expected(s.name, s.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// blobPlayer plays a scenario in a container of its own and notes what it sees.
type blobPlayer struct {
	t         *testing.T
	ctx       context.Context
	clients   storage.Clients
	container *container.Client
	name      string // of the container
	notes     []string
}

// note notes "ok", or the status and the error code.
func (p *blobPlayer) note(err error) {
	var failed *azcore.ResponseError
	switch {
	case err == nil:
		p.say("ok")
	case errors.As(err, &failed):
		p.say("%d %s", failed.StatusCode, failed.ErrorCode)
	default:
		p.t.Fatal(err)
	}
}

func (p *blobPlayer) say(format string, arguments ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, arguments...))
}

func (p *blobPlayer) blob(name string) *blockblob.Client { return p.container.NewBlockBlobClient(name) }

// put uploads without any condition; it must succeed.
func (p *blobPlayer) put(name, content string) azcore.ETag {
	p.t.Helper()
	r, err := p.blob(name).Upload(p.ctx, upload(content), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return *r.ETag
}

// putIf notes an upload under conditions.
func (p *blobPlayer) putIf(name string, c *blob.AccessConditions) {
	p.note(failure(p.blob(name).Upload(p.ctx, upload("new"), &blockblob.UploadOptions{AccessConditions: c})))
}

// must ends the scenario unless err is nil.
func (p *blobPlayer) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// content notes what can be downloaded.
func (p *blobPlayer) content(name string) {
	p.t.Helper()
	r, err := p.blob(name).DownloadStream(p.ctx, nil)
	if err != nil {
		p.note(err)
		return
	}
	all, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.say("%q", all)
}

// plainMetadata is m without pointers.
func plainMetadata(m map[string]*string) map[string]string {
	all := map[string]string{}
	for name, value := range m {
		all[name] = *value
	}
	return all
}

// upload is content as the client takes it.
func upload(content string) io.ReadSeekCloser { return streaming.NopCloser(strings.NewReader(content)) }

// failure drops the result of a call.
func failure[R any](_ R, err error) error { return err }

func onlyIf(m blob.ModifiedAccessConditions) *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &m}
}

func holding(id string) *blob.AccessConditions {
	return &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: &id}}
}

var (
	anyETag   = to.Ptr(azcore.ETagAny)
	staleETag = to.Ptr(azcore.ETag(`"0x8D0000000000000"`))
	past      = to.Ptr(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	future    = to.Ptr(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC))
)

// blobScenario is a few calls and what is to be seen of them.
type blobScenario struct {
	name, want string
	play       func(p *blobPlayer)
}

var blobScenarios = []blobScenario{
	{"create a container twice", "409 ContainerAlreadyExists", func(p *blobPlayer) {
		p.note(failure(p.container.Create(p.ctx, nil)))
	}},
	{"list containers", "1, true, map[made:here], available", func(p *blobPlayer) {
		page, err := p.clients.Blobs.NewListContainersPager(&service.ListContainersOptions{
			Prefix: &p.name, Include: service.ListContainersInclude{Metadata: true}}).NextPage(p.ctx)
		p.must(err)
		r, err := p.container.GetProperties(p.ctx, nil)
		p.must(err)
		item := page.ContainerItems[0]
		p.say("%d, %t, %v, %s", len(page.ContainerItems), *item.Properties.ETag == *r.ETag, plainMetadata(item.Metadata), *item.Properties.LeaseState)
	}},
	{"create a container of a bad name", "400 InvalidResourceName", func(p *blobPlayer) {
		p.note(failure(p.clients.Blobs.CreateContainer(p.ctx, "Bad-Name", nil)))
	}},
	{"a deleted container", "ok, 404 ContainerNotFound, 404 ContainerNotFound, 404 ContainerNotFound", func(p *blobPlayer) {
		p.note(failure(p.container.Delete(p.ctx, nil)))
		p.note(failure(p.container.Delete(p.ctx, nil)))
		p.note(failure(p.container.GetProperties(p.ctx, nil)))
		p.putIf("a", nil)
	}},
	{"create a container again", "409 ContainerBeingDeleted", func(p *blobPlayer) {
		p.must(failure(p.container.Delete(p.ctx, nil)))
		p.note(failure(p.container.Create(p.ctx, nil)))
	}},
	{"metadata of a container", "ok, map[Color:blue], 412 ConditionNotMet", func(p *blobPlayer) {
		p.note(failure(p.container.SetMetadata(p.ctx, &container.SetMetadataOptions{Metadata: map[string]*string{"color": to.Ptr("blue")}})))
		r, err := p.container.GetProperties(p.ctx, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		p.say("%v", plainMetadata(r.Metadata))
		p.note(failure(p.container.SetMetadata(p.ctx, &container.SetMetadataOptions{
			ModifiedAccessConditions: &container.ModifiedAccessConditions{IfModifiedSince: future}})))
	}},
	{"access policies", "ok, 1 reader r blob", func(p *blobPlayer) {
		id := &container.SignedIdentifier{ID: to.Ptr("reader"), AccessPolicy: &container.AccessPolicy{Permission: to.Ptr("r"), Expiry: future}}
		p.note(failure(p.container.SetAccessPolicy(p.ctx, &container.SetAccessPolicyOptions{
			Access: to.Ptr(container.PublicAccessTypeBlob), ContainerACL: []*container.SignedIdentifier{id}})))
		r, err := p.container.GetAccessPolicy(p.ctx, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		p.say("%d %s %s %s", len(r.SignedIdentifiers), *r.SignedIdentifiers[0].ID, *r.SignedIdentifiers[0].AccessPolicy.Permission, *r.BlobPublicAccess)
	}},
	{"delete a leased container", "412 LeaseIdMissing, 412 LeaseIdMismatchWithContainerOperation, ok", func(p *blobPlayer) {
		l, err := lease.NewContainerClient(p.container, &lease.ContainerClientOptions{LeaseID: to.Ptr(leaseA)})
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := l.AcquireLease(p.ctx, -1, nil); err != nil {
			p.t.Fatal(err)
		}
		p.note(failure(p.container.Delete(p.ctx, nil)))
		for _, id := range []string{leaseB, leaseA} {
			p.note(failure(p.container.Delete(p.ctx, &container.DeleteOptions{AccessConditions: &container.AccessConditions{
				LeaseAccessConditions: &container.LeaseAccessConditions{LeaseID: &id}}})))
		}
	}},

	{"put and get", `"hello", text/plain br de inline no-cache map[Bc:2 Foobar:1] BlockBlob md5 true available unlocked`, func(p *blobPlayer) {
		_, err := p.blob("a/b c?d").Upload(p.ctx, upload("hello"), &blockblob.UploadOptions{
			Metadata: map[string]*string{"fooBar": to.Ptr("1"), "bc": to.Ptr("2")},
			HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain"), BlobContentEncoding: to.Ptr("br"),
				BlobContentLanguage: to.Ptr("de"), BlobContentDisposition: to.Ptr("inline"), BlobCacheControl: to.Ptr("no-cache")}})
		if err != nil {
			p.t.Fatal(err)
		}
		p.content("a/b c?d")
		r, err := p.blob("a/b c?d").GetProperties(p.ctx, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		sum := md5.Sum([]byte("hello"))
		p.say("%s %s %s %s %s %v %s md5 %t %s %s", *r.ContentType, *r.ContentEncoding, *r.ContentLanguage, *r.ContentDisposition,
			*r.CacheControl, plainMetadata(r.Metadata), *r.BlobType, string(r.ContentMD5) == string(sum[:]), *r.LeaseState, *r.LeaseStatus)
	}},
	{"get what is not there", "404 BlobNotFound, 404 BlobNotFound, 404 BlobNotFound", func(p *blobPlayer) {
		p.content("a")
		p.note(failure(p.blob("a").GetProperties(p.ctx, nil)))
		p.note(failure(p.blob("a").Delete(p.ctx, nil)))
	}},
	{"If-None-Match: * of a put", "ok, 409 BlobAlreadyExists, 409 BlobAlreadyExists", func(p *blobPlayer) {
		p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfNoneMatch: anyETag}))
		p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfNoneMatch: anyETag}))
		p.note(failure(p.blob("a").CommitBlockList(p.ctx, nil, &blockblob.CommitBlockListOptions{
			AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfNoneMatch: anyETag})})))
	}},
	{"If-Match of a put", "412 ConditionNotMet, ok, 412 ConditionNotMet, ok", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		for _, e := range []*azcore.ETag{staleETag, &etag, &etag, anyETag} {
			p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfMatch: e}))
		}
	}},
	{"If-Match of a put where there is nothing", "412 ConditionNotMet", func(p *blobPlayer) {
		p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfMatch: staleETag}))
	}},
	{"If-Match: * of a put where there is nothing", "412 ConditionNotMet", func(p *blobPlayer) {
		p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfMatch: anyETag}))
	}},
	{"other conditions of a put", "412 ConditionNotMet, 412 ConditionNotMet, 412 ConditionNotMet, ok, ok", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		for _, m := range []blob.ModifiedAccessConditions{{IfNoneMatch: &etag}, {IfModifiedSince: future}, {IfUnmodifiedSince: past},
			{IfModifiedSince: past}, {IfUnmodifiedSince: future}} {
			p.putIf("a", onlyIf(m))
		}
	}},
	{"two conditions of a put", "400 MultipleConditionHeadersNotSupported, ok", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfMatch: &etag, IfNoneMatch: staleETag}))
		p.putIf("a", onlyIf(blob.ModifiedAccessConditions{IfMatch: &etag, IfUnmodifiedSince: past}))
	}},
	{"If-None-Match: * of a change", "412 ConditionNotMet", func(p *blobPlayer) {
		p.put("a", "hello")
		p.note(failure(p.blob("a").SetMetadata(p.ctx, nil, &blob.SetMetadataOptions{
			AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfNoneMatch: anyETag})})))
	}},
	{"If-Match of a change where there is nothing", "404 BlobNotFound, 404 BlobNotFound", func(p *blobPlayer) {
		c := onlyIf(blob.ModifiedAccessConditions{IfMatch: staleETag})
		p.note(failure(p.blob("a").SetMetadata(p.ctx, nil, &blob.SetMetadataOptions{AccessConditions: c})))
		p.note(failure(p.blob("a").Delete(p.ctx, &blob.DeleteOptions{AccessConditions: c})))
	}},
	{"wrong hashes", "400 Md5Mismatch, 400 Crc64Mismatch, 404 BlobNotFound", func(p *blobPlayer) {
		p.note(failure(p.blob("a").Upload(p.ctx, upload("hello"), &blockblob.UploadOptions{
			TransactionalValidation: blob.TransferValidationTypeMD5(make([]byte, 16))})))
		p.note(failure(p.blob("a").Upload(p.ctx, upload("hello"), &blockblob.UploadOptions{
			TransactionalValidation: blob.TransferValidationTypeCRC64(1)})))
		p.content("a")
	}},
	{"conditions of a read", "304 ConditionNotMet, 412 ConditionNotMet, 304 ConditionNotMet, 412 ConditionNotMet, ok, ok", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		for _, m := range []blob.ModifiedAccessConditions{{IfNoneMatch: &etag}, {IfMatch: staleETag}, {IfModifiedSince: future},
			{IfUnmodifiedSince: past}, {IfNoneMatch: &etag, IfModifiedSince: past}, {IfNoneMatch: staleETag}} {
			p.note(failure(p.blob("a").GetProperties(p.ctx, &blob.GetPropertiesOptions{AccessConditions: onlyIf(m)})))
		}
	}},
	{"If-None-Match: * of a read", "304 ConditionNotMet", func(p *blobPlayer) {
		p.put("a", "hello")
		p.note(failure(p.blob("a").GetProperties(p.ctx, &blob.GetPropertiesOptions{
			AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfNoneMatch: anyETag})})))
	}},
	{"If-Match of a read where there is nothing", "404 BlobNotFound", func(p *blobPlayer) {
		p.note(failure(p.blob("a").DownloadStream(p.ctx, &blob.DownloadStreamOptions{
			AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfMatch: staleETag})})))
	}},
	{"ranges", `"ell" bytes 1-3/5, "lo" bytes 3-4/5, "lo" bytes 3-4/5, 416 InvalidRange, 416 InvalidRange`, func(p *blobPlayer) {
		p.put("a", "hello")
		p.put("empty", "")
		for _, r := range []struct {
			name string
			blob.HTTPRange
		}{{"a", blob.HTTPRange{Offset: 1, Count: 3}}, {"a", blob.HTTPRange{Offset: 3, Count: 100}}, {"a", blob.HTTPRange{Offset: 3}},
			{"a", blob.HTTPRange{Offset: 5}}, {"empty", blob.HTTPRange{Offset: 0, Count: 1}}} {
			got, err := p.blob(r.name).DownloadStream(p.ctx, &blob.DownloadStreamOptions{Range: r.HTTPRange})
			if err != nil {
				p.note(err)
				continue
			}
			all, err := io.ReadAll(got.Body)
			if err != nil {
				p.t.Fatal(err)
			}
			p.say("%q %s", all, *got.ContentRange)
		}
	}},
}
