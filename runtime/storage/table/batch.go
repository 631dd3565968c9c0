package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// maxOperations is how many changes a transaction may have.
const maxOperations = 100

// The boundaries of answers. They may be the same in all: no line of an answer begins
// with what a client has chosen.
const (
	batchBoundary     = "batchresponse_6f0ea9b6-1f5f-4c4e-a3b4-2a4f0a9f8e11"
	changesetBoundary = "changesetresponse_0b7a6d7e-5c62-4f3d-9b0a-7d1c2e8b4a55"
)

// batch makes an entity group transaction: the changes of one change set, to entities
// of one partition, all or none; s.mu is held.
//
// A transaction that fails is answered with 202 all the same, and in it with the
// refusal of the operation that failed, whose message begins with its index and a
// colon. A request that is none is refused as a whole.
// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
func (s *Service) batch(q *request) (answer, *wire.Error) {
	if q.method != http.MethodPost {
		return answer{}, badMethod(q.method)
	}
	operations, refusal := readChangeset(q)
	if refusal != nil {
		return answer{}, refusal
	}
	b := append(make([]byte, 0, 1024), "--"+batchBoundary+"\r\nContent-Type: multipart/mixed; boundary="+changesetBoundary+"\r\n\r\n"...)
	answers, failed, refusal := s.transact(operations)
	if refusal != nil {
		b = appendRefusal(b, failed, refusal)
	}
	for _, a := range answers {
		b = appendPart(b, a.status, a.header, a.body)
	}
	b = append(b, "--"+changesetBoundary+"--\r\n--"+batchBoundary+"--\r\n"...)
	a := answer{status: http.StatusAccepted, body: b}
	a.set("Content-Type", "multipart/mixed; boundary="+batchBoundary)
	return a, nil
}

// transact makes all the changes, or none and tells which failed.
func (s *Service) transact(operations []request) (answers []answer, failed int, refusal *wire.Error) {
	if len(operations) > maxOperations {
		return nil, maxOperations - 1, badInput("The batch request operation exceeds the maximum 100 changes per change set.")
	}
	type version struct {
		key Key
		old *entity
	}
	var (
		in    *table
		group change
		undo  []version
		stamp time.Time
	)
	for i := range operations {
		c, refusal := readOperation(&operations[i])
		if refusal == nil && i == 0 {
			group, stamp = c, s.stamp()
			in, refusal = s.find(c.table)
		}
		if refusal == nil && (!strings.EqualFold(c.table, group.table) || c.key.Partition != group.key.Partition) {
			refusal = wire.Refuse(http.StatusBadRequest, "CommandsInBatchActOnDifferentPartitions",
				"All commands in a batch must operate on same entity group.")
		}
		for _, v := range undo {
			if refusal == nil && v.key == c.key {
				refusal = wire.Refuse(http.StatusBadRequest, "InvalidDuplicateRow",
					"The batch request contains multiple changes with same row key. An entity can appear only once in a batch request.")
			}
		}
		if refusal == nil {
			c.stamp = stamp // one for all, as the service has it
			undo = append(undo, version{c.key, in.entities[c.key]})
			var a answer
			if a, refusal = s.apply(in, &c); refusal == nil {
				answers = append(answers, a)
			}
		}
		if refusal != nil {
			for _, v := range undo {
				in.put(v.key, v.old)
			}
			return nil, i, refusal
		}
	}
	return answers, 0, nil
}

// readOperation reads one operation of a change set.
func readOperation(q *request) (change, *wire.Error) {
	where, refusal := parsePath(q.path)
	if refusal != nil {
		return change{}, refusal
	}
	v, refusal := q.values()
	if refusal != nil {
		return change{}, refusal
	}
	if q.method == http.MethodGet {
		return change{}, notBuilt("a query in a change set")
	}
	if where.batch || where.table == "" || where.named || strings.EqualFold(where.table, "Tables") || v.Has("comp") {
		return change{}, badInput("One of the request inputs is not valid.")
	}
	return readChange(q, v, where)
}

// readChangeset reads the operations of the only change set of a batch.
func readChangeset(q *request) ([]request, *wire.Error) {
	batch := mixed(q.header.Get("Content-Type"), bytes.NewReader(q.body))
	if batch == nil {
		return nil, badBatch()
	}
	changeset, err := batch.NextRawPart()
	if err != nil {
		return nil, badBatch()
	}
	kind := changeset.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "application/http") {
		return nil, notBuilt("a query in a batch")
	}
	parts := mixed(kind, changeset)
	if parts == nil {
		return nil, badBatch()
	}
	var operations []request
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, badBatch()
		}
		operation, refusal := readPart(part)
		if refusal != nil {
			return nil, refusal
		}
		operation.host = q.host
		operations = append(operations, operation)
	}
	if _, err := batch.NextRawPart(); err != io.EOF {
		return nil, notBuilt("a second change set in a batch")
	}
	if len(operations) == 0 {
		return nil, badBatch()
	}
	return operations, nil
}

// mixed reads a multipart body, nil if it is none.
func mixed(contentType string, body io.Reader) *multipart.Reader {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/mixed" || params["boundary"] == "" {
		return nil
	}
	return multipart.NewReader(body, params["boundary"])
}

// readPart reads the HTTP request that a part of a change set is.
func readPart(part *multipart.Part) (request, *wire.Error) {
	if !strings.HasPrefix(part.Header.Get("Content-Type"), "application/http") {
		return request{}, badBatch()
	}
	text := textproto.NewReader(bufio.NewReader(part))
	line, err := text.ReadLine()
	if err != nil {
		return request{}, badBatch()
	}
	method, line, ok := strings.Cut(line, " ")
	space := strings.LastIndexByte(line, ' ')
	if !ok || space < 0 || !strings.HasPrefix(line[space+1:], "HTTP/") {
		return request{}, badBatch()
	}
	target, err := url.Parse(line[:space])
	if err != nil {
		return request{}, badBatch()
	}
	// Whatever stands before the last segment is where the service is.
	path := target.EscapedPath()
	path, err = url.PathUnescape(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return request{}, badBatch()
	}
	header, err := text.ReadMIMEHeader()
	if err != nil && err != io.EOF {
		return request{}, badBatch()
	}
	body, err := io.ReadAll(text.R)
	if err != nil {
		return request{}, badBatch()
	}
	if n, err := strconv.Atoi(header.Get("Content-Length")); err == nil && 0 <= n && n < len(body) {
		body = body[:n]
	}
	return request{method: method, path: path, query: target.RawQuery, header: http.Header(header), body: body}, nil
}

func badBatch() *wire.Error { return badInput("The batch request is not valid.") }

// names are headers whose canonical form in Go is not what the service writes.
var names = map[string]string{"Etag": "ETag", "Dataserviceid": "DataServiceId"}

// appendPart writes the answer to one operation.
func appendPart(b []byte, status int, header []field, body []byte) []byte {
	b = append(b, "--"+changesetBoundary+"\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(status)...)
	b = append(b, "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nDataServiceVersion: 3.0;\r\n"...)
	for _, h := range header {
		name := h.name
		if written, other := names[name]; other {
			name = written
		}
		b = append(b, name+": "+h.value+"\r\n"...)
	}
	b = append(b, "\r\n"...)
	b = append(b, body...)
	return append(b, "\r\n"...)
}

// appendRefusal writes the answer to the operation that failed.
func appendRefusal(b []byte, index int, refusal *wire.Error) []byte {
	indexed := wire.Refuse(refusal.Status, refusal.Code, strconv.Itoa(index)+":"+refusal.Message)
	body, _ := json.Marshal(indexed.JSON()) // strings cannot fail
	return appendPart(b, refusal.Status, []field{{"Content-Type", minimalMetadata.contentType()}}, body)
}
