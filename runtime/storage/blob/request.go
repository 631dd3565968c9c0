package blob

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// pair is a name with a value: one item of metadata, one tag.
type pair struct{ name, value string }

// request is one request, taken apart, and its answer.
type request struct {
	r    *http.Request
	w    http.ResponseWriter
	head http.Header // of the answer
	now  time.Time
	date string // now, as headers say it

	container, blob string // blob is "" for an operation on a container

	seen     fields
	index    [fieldCount]uint8 // of values, counted from 1; 0 when not sent
	values   []string
	metadata []pair // sorted by name
	body     []byte

	single [24]string // the values of head, so that each needs no slice of its own
	used   int
}

// get is the value of a header or parameter, "" when it was not sent.
func (q *request) get(f field) string {
	if i := q.index[f]; i > 0 {
		return q.values[i-1]
	}
	return ""
}

// has says whether a header or parameter was sent with a value.
func (q *request) has(f field) bool { return q.get(f) != "" }

// put keeps the value of a header or parameter.
func (q *request) put(f field, value string) {
	q.values = append(q.values, value)
	q.seen.add(f)
	q.index[f] = uint8(len(q.values))
}

// set sets a header of the answer; name is in canonical form.
func (q *request) set(name, value string) {
	if q.used == len(q.single) {
		q.head[name] = []string{value}
		return
	}
	q.single[q.used] = value
	q.head[name] = q.single[q.used : q.used+1 : q.used+1]
	q.used++
}

// setNonempty is set for a value that may be absent.
func (q *request) setNonempty(name, value string) {
	if value != "" {
		q.set(name, value)
	}
}

// parse takes r apart; what it finds wrong is the error.
func (q *request) parse(r *http.Request) *wire.Error {
	q.r = r
	q.values = make([]string, 0, len(r.Header)+4)
	path := strings.TrimPrefix(r.URL.Path, "/")
	q.container, q.blob, _ = strings.Cut(path, "/")
	if failed := q.parseQuery(r.URL.RawQuery); failed != nil {
		return failed
	}
	// Of several refusals the one of the first name counts, so that it is always the same.
	var refusal *wire.Error
	refused := ""
	for name, values := range r.Header {
		if failed := q.parseHeader(name, values); failed != nil && (refusal == nil || name < refused) {
			refusal, refused = failed, name
		}
	}
	if refusal != nil {
		return refusal
	}
	return q.checkMetadata()
}

// parseHeader takes one header. Those of HTTP that the service does not know are left to
// clients and proxies; those of the service it must know.
func (q *request) parseHeader(name string, values []string) *wire.Error {
	if len(values) == 0 {
		return nil
	}
	value := strings.Join(values, ",")
	f, known := lookup(name)
	switch {
	case known && q.seen.has(f):
		return invalidHeader(f, "is there in two spellings")
	case known:
		q.put(f, value)
	case len(name) < 5 || !strings.EqualFold(name[:5], "x-ms-") || strings.EqualFold(name, "x-ms-return-client-request-id"):
	case strings.EqualFold(name, "x-ms-meta-"):
		return wire.Refuse(http.StatusBadRequest, "EmptyMetadataKey", "The key for one of the metadata key-value pairs is empty.")
	case len(name) > 10 && strings.EqualFold(name[:10], "x-ms-meta-"):
		q.metadata = append(q.metadata, pair{strings.ToLower(name[10:]), value})
	default:
		return wire.Refuse(http.StatusBadRequest, "UnsupportedHeader", "The header "+name+" is not supported.")
	}
	return nil
}

// parseQuery takes the query parameters; of one given twice the first counts.
func (q *request) parseQuery(query string) *wire.Error {
	for query != "" {
		var item string
		item, query, _ = strings.Cut(query, "&")
		if item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return invalidQuery(name, "cannot be unescaped")
		}
		f, known := params[name]
		if !known {
			f, known = params[strings.ToLower(name)]
		}
		if !known {
			if signature[strings.ToLower(name)] {
				continue
			}
			return wire.Refuse(http.StatusBadRequest, "UnsupportedQueryParameter", "The query parameter "+name+" is not supported.")
		}
		if !q.seen.has(f) {
			q.put(f, value)
		}
	}
	return nil
}

// maxMetadata is the total size of names and values, in bytes:
// https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources
const maxMetadata = 8 << 10

// checkMetadata sorts the metadata, joins what has the same name and verifies that each
// name is a C# identifier. Names come in lower case, since net/http does not keep theirs.
func (q *request) checkMetadata() *wire.Error {
	if len(q.metadata) == 0 {
		return nil
	}
	slices.SortFunc(q.metadata, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	kept, size := q.metadata[:0], 0
	for _, m := range q.metadata {
		if !isIdentifier(m.name) {
			return wire.Refuse(http.StatusBadRequest, "InvalidMetadata", "The metadata specified is invalid. It has characters that are not permitted.")
		}
		size += len(m.name) + len(m.value)
		if n := len(kept); n > 0 && kept[n-1].name == m.name {
			kept[n-1].value += "," + m.value
			continue
		}
		kept = append(kept, m)
	}
	q.metadata = kept
	if size > maxMetadata {
		return wire.Refuse(http.StatusBadRequest, "MetadataTooLarge", "The size of the specified metadata exceeds the maximum size permitted.")
	}
	return nil
}

// isIdentifier tells a C# identifier, of the characters that a header's name can have.
func isIdentifier(name string) bool {
	for i, r := range []byte(name) {
		letter := r == '_' || 'a' <= r && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// readBody reads the body, which must not be longer than limit bytes, and compares it
// with the hashes that were sent along.
func (q *request) readBody(limit int64) *wire.Error {
	if q.r.ContentLength > limit {
		return tooLarge(limit)
	}
	if q.r.Body != nil && q.r.Body != http.NoBody {
		var failed *wire.Error
		if q.body, failed = readAll(q.r.Body, q.r.ContentLength, limit); failed != nil {
			return failed
		}
	}
	if q.seen.has(structuredBody) && q.r.Method == http.MethodPut {
		content, failed := decodeStructured(q.body, q.get(structuredBody), q.get(structuredLength))
		if failed != nil {
			return failed
		}
		q.body = content
	}
	return q.checkHashes()
}

// readAll reads a body of a declared length, -1 if unknown. The length is only a hint:
// what it claims is not allocated at once.
func readAll(from io.Reader, declared, limit int64) ([]byte, *wire.Error) {
	body := make([]byte, 0, min(max(declared, 0), 1<<20)+1)
	for {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, tooLarge(limit)
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, wire.Refuse(http.StatusBadRequest, "InvalidInput", "The body could not be read: "+err.Error())
		}
	}
}

func tooLarge(limit int64) *wire.Error {
	return wire.Refuse(http.StatusRequestEntityTooLarge, "RequestBodyTooLarge",
		fmt.Sprintf("The request body is too large and exceeds the maximum permissible limit of %d bytes.", limit))
}

// checkHashes compares the body with the headers Content-MD5 and x-ms-content-crc64,
// of which a request may carry one:
// https://learn.microsoft.com/rest/api/storageservices/put-blob#request-headers-all-blob-types
func (q *request) checkHashes() *wire.Error {
	if q.has(copySource) {
		return nil // Then they are of what the source gives: see checkSource.
	}
	if q.has(contentMD5) && q.has(contentCRC) {
		return invalidHeader(contentCRC, "is there beside Content-MD5")
	}
	if q.has(contentMD5) {
		if failed := checkMD5(q.body, contentMD5, q.get(contentMD5)); failed != nil {
			return failed
		}
	}
	if q.has(contentCRC) {
		return checkCRC(q.body, contentCRC, q.get(contentCRC))
	}
	return nil
}

// checkMD5 compares the MD5 of content with the sent value of a header.
func checkMD5(content []byte, f field, sent string) *wire.Error {
	want, err := base64.StdEncoding.DecodeString(sent)
	if err != nil || len(want) != md5.Size {
		return wire.Refuse(http.StatusBadRequest, "InvalidMd5", "The MD5 value specified in the request is invalid: it must be 128 bits and Base64-encoded.")
	}
	if got := md5.Sum(content); string(got[:]) != string(want) {
		return wire.Refuse(http.StatusBadRequest, "Md5Mismatch",
			"The MD5 value specified in the request ("+f.String()+") did not match with the MD5 value calculated by the server.")
	}
	return nil
}

// checkCRC is checkMD5 for a CRC64.
func checkCRC(content []byte, f field, sent string) *wire.Error {
	want, err := base64.StdEncoding.DecodeString(sent)
	if err != nil || len(want) != crc64.Size {
		return wire.Refuse(http.StatusBadRequest, "InvalidCrc64", "The CRC64 value specified in the request is invalid: it must be 64 bits and Base64-encoded.")
	}
	if sumCRC(content) != string(want) {
		return wire.Refuse(http.StatusBadRequest, "Crc64Mismatch",
			"The CRC64 value specified in the request ("+f.String()+") did not match with the CRC64 value calculated by the server.")
	}
	return nil
}

// crcTable is of the polynomial that the service uses, the one in azblob's
// internal/shared.
var crcTable = crc64.MakeTable(0x9A6C9329AC4BC9B5)

// sumCRC is the CRC64 of content as the service writes it, eight bytes, the lowest first.
func sumCRC(content []byte) string {
	return string(binary.LittleEndian.AppendUint64(nil, crc64.Checksum(content, crcTable)))
}

// number is the value of f as a number that is not negative, absent when f was not sent.
func (q *request) number(f field, absent int64) (int64, *wire.Error) {
	text := q.get(f)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		if f.isParam() {
			return 0, invalidQuery(f.String(), "is no number")
		}
		return 0, invalidHeader(f, "is no number")
	}
	return n, nil
}

// flag is the value of f as a boolean, false when f was not sent.
func (q *request) flag(f field) (bool, *wire.Error) {
	switch strings.ToLower(q.get(f)) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, invalidHeader(f, "is neither true nor false")
}

func invalidHeader(f field, why string) *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidHeaderValue",
		"The value for one of the HTTP headers is not in the correct format: "+f.String()+" "+why+".")
}

func invalidQuery(name, why string) *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidQueryParameterValue",
		"Value for one of the query parameters specified in the request URI is invalid: "+name+" "+why+".")
}

func missingHeader(f field) *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "MissingRequiredHeader",
		"An HTTP header that's mandatory for this request is not specified: "+f.String()+".")
}

func notImplemented(what string) *wire.Error {
	return wire.Refuse(http.StatusNotImplemented, "NotImplemented", "This blob service does not have "+what+".")
}
