package idem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// Cell is a place that holds a document, with a version that changes with each write: a
// blob ([Blob]) or a table entity ([Entity]). It belongs to this package: whoever else
// writes to it must do so under the same condition, and keep the document's form.
type Cell interface {
	// Read returns the document and the version of that very document; "" when there is
	// none.
	Read(ctx context.Context) (document []byte, version azcore.ETag, err error)

	// Write replaces the document if its version is still version, or makes it if there
	// is still none and version is "". It returns the new version. When the condition
	// does not hold the error is ErrConflict; after any other error the document may have
	// been written.
	Write(ctx context.Context, document []byte, version azcore.ETag) (azcore.ETag, error)
}

var (
	// ErrConflict is a Cell's error when somebody else has written since the read. With
	// a client that retries it can be our own write, whose answer was lost.
	ErrConflict = errors.New("idem: written by somebody else since it was read")

	// ErrContended is the error when so many others write to a cell that this writer
	// lost each time. Nothing was written.
	ErrContended = errors.New("idem: too many writers")
)

// tries is how often a writer that loses begins again. With pauses that grow to a second
// it gives up after about a quarter of a minute, well within a lease.
const tries = 25

// pause waits after the try-th lost race. The jitter comes from key, not from chance, so
// that a schedule can be played again.
func pause(ctx context.Context, key string, try int) error {
	base := min(10*time.Millisecond<<min(try, 10), time.Second)
	h := fnv.New64a()
	fmt.Fprint(h, key, "/", try)
	timer := time.NewTimer(base/2 + time.Duration(h.Sum64()%uint64(base/2)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ErrForeign is the error of a cell that holds something else: it is neither read nor
// overwritten.
var ErrForeign = errors.New("idem: not a document of this package, or not of this type")

// readJSON reads a cell into v, which stays as it is when there is no document.
func readJSON(ctx context.Context, cell Cell, v any) (azcore.ETag, error) {
	document, version, err := cell.Read(ctx)
	if err != nil || version == "" {
		return "", err
	}
	if err := json.Unmarshal(document, v); err != nil {
		return "", fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return version, nil
}

func writeJSON(ctx context.Context, cell Cell, v any, version azcore.ETag) (azcore.ETag, error) {
	document, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return cell.Write(ctx, document, version)
}
