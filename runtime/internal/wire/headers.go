package wire

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Common sets the headers that every answer has: the version, the time, the number of
// the request as its id, and the id that the client gave it (at most 1,024 characters,
// see https://learn.microsoft.com/rest/api/storageservices/get-messages).
func Common(h http.Header, r *http.Request, request uint64, now time.Time) {
	h.Set("X-Ms-Version", Version)
	h.Set("X-Ms-Request-Id", ID(request))
	h.Set("Date", Stamp(now))
	if id := r.Header.Get("X-Ms-Client-Request-Id"); id != "" && len(id) <= 1024 {
		h.Set("X-Ms-Client-Request-Id", id)
	}
}

// ID is the n-th identifier in the form of a GUID. The service's own are random; these
// are counted, so that a run can be played again.
func ID(n uint64) string {
	id := []byte("00000000-0000-4000-8000-000000000000")
	for place := len(id) - 1; n > 0; place-- {
		if place == 23 {
			place = 12 // The rest goes before the two groups that tell a GUID's kind.
		}
		id[place] = "0123456789abcdef"[n&15]
		n >>= 4
	}
	return string(id)
}

// metadataLimit is the size of all names and values, in bytes:
// https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources
const metadataLimit = 8 << 10

const metadataPrefix = "X-Ms-Meta-"

// Metadata is what the x-ms-meta- headers of a request say, nil when there are none.
// Names are C# identifiers, without regard to case
// (https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata);
// they come in lower case, since net/http does not keep their case.
func Metadata(h http.Header) (map[string]string, *Error) {
	var all map[string]string
	size := 0
	for _, header := range slices.Sorted(maps.Keys(h)) {
		if !strings.HasPrefix(header, metadataPrefix) {
			continue
		}
		name := strings.ToLower(header[len(metadataPrefix):])
		switch {
		case name == "":
			return nil, Refuse(http.StatusBadRequest, "EmptyMetadataKey", "The key for one of the metadata key-value pairs is empty.")
		case !identifier(name) || len(h[header]) != 1:
			return nil, Refuse(http.StatusBadRequest, "InvalidMetadata", "The metadata specified is invalid. It has characters that are not permitted.")
		}
		value := strings.TrimSpace(h[header][0])
		if size += len(name) + len(value); size > metadataLimit {
			return nil, Refuse(http.StatusBadRequest, "MetadataTooLarge", "The size of the specified metadata exceeds the maximum size permitted.")
		}
		if all == nil {
			all = map[string]string{}
		}
		all[name] = value
	}
	return all, nil
}

// SetMetadata writes what Metadata read.
func SetMetadata(h http.Header, all map[string]string) {
	for name, value := range all {
		h.Set(metadataPrefix+name, value)
	}
}

// identifier tells a C# identifier, of the characters that a header's name can have.
func identifier(name string) bool {
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r < '0' || '9' < r) {
			return false
		}
	}
	return name != ""
}
