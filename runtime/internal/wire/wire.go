// Package wire holds what the three services of a storage account share on the wire:
// error bodies, times, version stamps, and conditional headers.
package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Version is the service version that the answers name.
const Version = "2025-05-05"

// Error is a refusal of the service: an HTTP status and one of the error codes of
// https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes.
type Error struct {
	Status  int
	Code    string
	Message string
	Details []Detail // further elements of the body, in order
}

// Detail is a further element of an error's body, such as QueryParameterName.
type Detail struct{ Name, Value string }

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Refuse makes an Error.
func Refuse(status int, code, message string, details ...Detail) *Error {
	return &Error{Status: status, Code: code, Message: message, Details: details}
}

// WriteXML answers with e in the form of the queue and blob services.
func (e *Error) WriteXML(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Error-Code", e.Code)
	if e.Status == http.StatusNotModified || r.Method == http.MethodHead {
		w.WriteHeader(e.Status)
		return
	}
	var body XML
	body.Open("Error").Text("Code", e.Code).Text("Message", e.Message)
	for _, d := range e.Details {
		body.Text(d.Name, d.Value)
	}
	body.Close("Error")
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.Status)
	_, _ = w.Write(body.Bytes())
}

// WriteJSON answers with e in the form of the table service.
func (e *Error) WriteJSON(w http.ResponseWriter) {
	w.Header().Set("X-Ms-Error-Code", e.Code)
	w.Header().Set("Content-Type", "application/json;odata=minimalmetadata;streaming=true;charset=utf-8")
	w.WriteHeader(e.Status)
	_ = json.NewEncoder(w).Encode(e.JSON())
}

// JSON is the body of e in the table service.
func (e *Error) JSON() map[string]any {
	return map[string]any{"odata.error": map[string]any{
		"code":    e.Code,
		"message": map[string]any{"lang": "en-US", "value": e.Message},
	}}
}

// Stamp is t as the services' headers say it, to the second.
func Stamp(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
