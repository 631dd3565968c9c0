// Package wire holds what the three services of a storage account share on the wire:
// error bodies, times, version stamps, and conditional headers.
package wire

import (
	"encoding/json"
	"encoding/xml"
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
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Refuse makes an Error.
func Refuse(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// WriteXML answers with e in the form of the queue and blob services.
func (e *Error) WriteXML(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Error-Code", e.Code)
	if e.Status == http.StatusNotModified || r.Method == http.MethodHead {
		w.WriteHeader(e.Status)
		return
	}
	body := struct {
		XMLName xml.Name `xml:"Error"`
		Code    string   `xml:"Code"`
		Message string   `xml:"Message"`
	}{Code: e.Code, Message: e.Message}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.Status)
	fmt.Fprint(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(body)
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
