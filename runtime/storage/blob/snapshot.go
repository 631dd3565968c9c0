package blob

import (
	"bytes"
	"time"
)

// Blob is one blob as [Service.Snapshot] shows it.
type Blob struct {
	Type        string // "BlockBlob", "AppendBlob" or "PageBlob"
	Content     []byte // never nil
	ContentType string // "application/octet-stream" if none was given
	// The other HTTP headers that the blob is served with, "" if none was given.
	CacheControl, ContentDisposition, ContentEncoding, ContentLanguage string

	Metadata  map[string]string
	Tags      map[string]string
	Tier      string // "" until one was set
	Snapshots int    // how many there are of it
	ETag      string // in quotes; only equal to that of the same state in the same schedule
	Created   time.Time
	Modified  time.Time // to the second
	Leased    bool      // a write needs the id of a lease now
	LeaseID   string    // of that lease, "" if there is none
}

// Snapshot returns all that is committed, by container and name, as a copy of its own.
// Uncommitted blocks and the contents of blobs' snapshots are not part of it.
func (s *Service) Snapshot() map[string]map[string]Blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	all := make(map[string]map[string]Blob, len(s.containers))
	for name, c := range s.containers {
		blobs := make(map[string]Blob, len(c.entries))
		for name, e := range c.entries {
			if e.base != nil {
				b := e.base.show(now)
				b.Snapshots = len(e.snapshots)
				blobs[name] = b
			}
		}
		all[name] = blobs
	}
	return all
}

// show is o for others to keep.
func (o *object) show(now time.Time) Blob {
	b := Blob{
		Type: o.kind, Content: bytes.Clone(o.read(0, o.length())),
		ContentType:  firstOf(o.props.contentType, "application/octet-stream"),
		CacheControl: o.props.cacheControl, ContentDisposition: o.props.disposition,
		ContentEncoding: o.props.encoding, ContentLanguage: o.props.language,
		Metadata: mapOf(o.metadata), Tags: mapOf(o.tags), Tier: o.tier,
		ETag: o.etag, Created: o.created, Modified: o.modified,
	}
	if b.Content == nil {
		b.Content = []byte{}
	}
	if o.lease.locked(now) {
		b.Leased, b.LeaseID = true, o.lease.id
	}
	return b
}

func mapOf(pairs []pair) map[string]string {
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		m[p.name] = p.value
	}
	return m
}
