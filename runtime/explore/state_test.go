package explore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// All of a blob counts that outlives its writer, not only its content: here two messages say
// something of the blob total, and the delete of the first one is lost, so that it comes back
// and has the last word.
func TestAllOfABlobCounts(t *testing.T) {
	for _, test := range []struct {
		what string
		set  func(ctx context.Context, b *blob.Client, value string) error
	}{
		{"tier", func(ctx context.Context, b *blob.Client, value string) error {
			tier := map[string]blob.AccessTier{"one": blob.AccessTierCool, "two": blob.AccessTierCold}[value]
			_, err := b.SetTier(ctx, tier, nil)
			return err
		}},
		{"tags", func(ctx context.Context, b *blob.Client, value string) error {
			_, err := b.SetTags(ctx, map[string]string{"order": value}, nil)
			return err
		}},
		{"metadata", func(ctx context.Context, b *blob.Client, value string) error {
			_, err := b.SetMetadata(ctx, map[string]*string{"Order": &value}, nil)
			return err
		}},
		{"Content-Type", header(func(h *blob.HTTPHeaders) **string { return &h.BlobContentType })},
		{"Cache-Control", header(func(h *blob.HTTPHeaders) **string { return &h.BlobCacheControl })},
		{"Content-Disposition", header(func(h *blob.HTTPHeaders) **string { return &h.BlobContentDisposition })},
		{"Content-Encoding", header(func(h *blob.HTTPHeaders) **string { return &h.BlobContentEncoding })},
		{"Content-Language", header(func(h *blob.HTTPHeaders) **string { return &h.BlobContentLanguage })},
	} {
		t.Run(test.what, func(t *testing.T) {
			h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
				return test.set(ctx, in.Blobs.NewContainerClient("stats").NewBlobClient("total"), *m.MessageText)
			})
			does(t, orders("one", "two"), h, "C@1.3", explore.Changed)
			does(t, orders("one", "two"), h, "D@1.3", "")
		})
	}
}

func header(field func(*blob.HTTPHeaders) **string) func(context.Context, *blob.Client, string) error {
	return func(ctx context.Context, b *blob.Client, value string) error {
		var h blob.HTTPHeaders
		*field(&h) = to.Ptr(value)
		_, err := b.SetHTTPHeaders(ctx, h, nil)
		return err
	}
}

// A snapshot of a blob for each attempt is one too many after two attempts.
func TestSnapshotsCount(t *testing.T) {
	h := explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		_, err := in.Blobs.NewContainerClient("stats").NewBlobClient("total").CreateSnapshot(ctx, nil)
		return errors.Join(err, thumbnail(ctx, in, m))
	})
	does(t, orders("cat"), h, "C@1.4", explore.Changed)
}

// Seconds since 1970 have nine digits in the year 2000, and as float64 they have a fraction:
// a term in them grows with each delivery as any other.
func TestTermsInSeconds(t *testing.T) {
	for name, seconds := range map[string]func(time.Time) any{
		"int64":   func(at time.Time) any { return at.Unix() },
		"int32":   func(at time.Time) any { return int32(at.Unix()) },
		"float64": func(at time.Time) any { return float64(at.UnixMilli()) / 1000 },
		"string":  func(at time.Time) any { return fmt.Sprint(float64(at.UnixMilli()) / 1000) },
	} {
		t.Run(name, func(t *testing.T) {
			renews := func(days int) explore.Handler {
				return explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
					until := time.Now().Add(time.Duration(days) * 24 * time.Hour)
					return insert(ctx, in, *m.MessageText, map[string]any{"Until": seconds(until)})
				})
			}
			does(t, rows("ann"), renews(30), "C@1.3", explore.Changed)
			does(t, rows("ann"), renews(30), "B@1.1", "")
			does(t, rows("ann"), renews(0), "C@1.3", "")
		})
	}
}
