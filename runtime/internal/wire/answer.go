package wire

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Answer is an http.ResponseWriter that keeps what is written. Its zero value is ready.
type Answer struct {
	// Head are the headers; use Header to write to them.
	Head http.Header
	// Status is 0 until something is written.
	Status int
	Body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *Answer) Header() http.Header {
	if a.Head == nil {
		a.Head = http.Header{}
	}
	return a.Head
}

// WriteHeader keeps the first status.
func (a *Answer) WriteHeader(status int) {
	if a.Status == 0 {
		a.Status = status
	}
}

// Write implements http.ResponseWriter.
func (a *Answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.Body.Write(p)
}

// Response is the answer to r as a client gets it.
func (a *Answer) Response(r *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	length := int64(a.Body.Len())
	if r.Method == http.MethodHead {
		length = -1
	}
	return &http.Response{
		Status:        strconv.Itoa(a.Status) + " " + http.StatusText(a.Status),
		StatusCode:    a.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.Header(),
		Body:          io.NopCloser(bytes.NewReader(a.Body.Bytes())),
		ContentLength: length,
		Request:       r,
	}
}
