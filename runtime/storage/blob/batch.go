package blob

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"sort"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// maxSubrequests is the most operations of a batch.
const maxSubrequests = 256

// batchable are the operations that a batch may hold.
var batchable = map[key]bool{
	{"DELETE", "blob", "", ""}:  true,
	{"PUT", "blob", "", "tier"}: true,
}

// batch is Blob Batch, of a service or of a container. Its operations are done one after
// another, and each for itself: https://learn.microsoft.com/rest/api/storageservices/blob-batch
func (s *Service) batch(q *request) *wire.Error {
	if q.container != "" {
		if _, failed := s.open(q); failed != nil {
			return failed
		}
	}
	subrequests, failed := q.subrequests()
	if failed != nil {
		return failed
	}
	var body bytes.Buffer
	answers := multipart.NewWriter(&body)
	if err := answers.SetBoundary("batchresponse_" + s.nextID()); err != nil {
		return wire.Refuse(http.StatusBadRequest, "InvalidInput", err.Error())
	}
	for _, sub := range subrequests {
		header := textproto.MIMEHeader{"Content-Type": {"application/http"}}
		if sub.id != "" {
			header.Set("Content-Id", sub.id)
		}
		// Neither of these two fails: they write to memory.
		part, _ := answers.CreatePart(header)
		_, _ = part.Write(s.answer(q, sub.request))
	}
	_ = answers.Close()
	q.set("Content-Type", "multipart/mixed; boundary="+answers.Boundary())
	q.w.WriteHeader(http.StatusAccepted)
	_, _ = q.w.Write(body.Bytes())
	return nil
}

// subrequest is one operation of a batch, with the Content-ID of its part.
type subrequest struct {
	id      string
	request *http.Request
}

// subrequests takes the body of a batch apart.
func (q *request) subrequests() ([]subrequest, *wire.Error) {
	kind, parameters, err := mime.ParseMediaType(q.get(contentType))
	if err != nil || kind != "multipart/mixed" || parameters["boundary"] == "" {
		return nil, invalidHeader(contentType, "is not multipart/mixed with a boundary")
	}
	malformed := func(why error) *wire.Error {
		return wire.Refuse(http.StatusBadRequest, "InvalidInput", "The batch is not well formed: "+why.Error())
	}
	var all []subrequest
	parts := multipart.NewReader(bytes.NewReader(q.body), parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, malformed(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, malformed(err)
		}
		// The blank line that ends the headers may be missing where there is no body.
		text = append(bytes.TrimRight(text, "\r\n"), "\r\n\r\n"...)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			return nil, malformed(err)
		}
		r.Body, r.Host = http.NoBody, q.r.Host
		all = append(all, subrequest{part.Header.Get("Content-Id"), r})
	}
	if len(all) == 0 || len(all) > maxSubrequests {
		return nil, wire.Refuse(http.StatusBadRequest, "InvalidInput", fmt.Sprintf("A batch has 1 to %d subrequests.", maxSubrequests))
	}
	return all, nil
}

// answer does the operation r of the batch and returns its answer as it is sent.
func (s *Service) answer(batch *request, r *http.Request) []byte {
	answer := &wire.Answer{}
	q := &request{w: answer, head: answer.Header(), now: batch.now}
	failed := q.parse(r)
	var op *operation
	if failed == nil {
		op, failed = s.operation(q)
	}
	switch {
	case failed != nil:
	case !batchable[key{r.Method, "blob", q.get(restypeParam), q.get(compParam)}]:
		failed = wire.Refuse(http.StatusBadRequest, "InvalidInput", "A batch holds Delete Blob and Set Blob Tier only.")
	case batch.container != "" && batch.container != q.container:
		failed = wire.Refuse(http.StatusBadRequest, "InvalidInput", "A batch of a container is about the blobs in it only.")
	}
	s.greet(q)
	if failed == nil {
		failed = op.run(s, q)
	}
	if failed != nil {
		failed.WriteXML(answer, r)
	}
	return partOf(answer)
}

// bytes is the answer in the form of HTTP.
func partOf(r *wire.Answer) []byte {
	r.WriteHeader(http.StatusOK)
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", r.Status, http.StatusText(r.Status))
	names := make([]string, 0, len(r.Head))
	for name := range r.Head {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\r\n", name, strings.Join(r.Head[name], ","))
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", r.Body.Len())
	b.Write(r.Body.Bytes())
	return b.Bytes()
}
