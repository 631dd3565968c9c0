package table

import (
	"bytes"
	"encoding/base64"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// GUID is the value of an Edm.Guid property: 36 lower-case characters with hyphens.
type GUID string

// The values of properties are of these Go types:
//
//	string     Edm.String
//	bool       Edm.Boolean
//	int32      Edm.Int32
//	int64      Edm.Int64
//	float64    Edm.Double
//	time.Time  Edm.DateTime, in UTC, a multiple of 100 ns
//	[]byte     Edm.Binary, not to be changed
//	GUID       Edm.Guid
//
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types

// dateTime is how a DateTime is written: ticks of 100 ns, trailing zeros left out.
const dateTime = "2006-01-02T15:04:05.9999999Z"

// tick is the resolution of a DateTime.
const tick = 100 * time.Nanosecond

// The limits of a value,
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model.
const (
	maxString = 32 << 10 // in UTF-16 units: 64 KiB
	maxBinary = 64 << 10 // in bytes
)

// firstDateTime is the earliest time that the service keeps.
var firstDateTime = time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)

// readValue gives the JSON value v its Edm type: that of the annotation edm, or, when
// there is none, the one that follows from the JSON type. A null gives nil: the service
// does not keep it.
func readValue(edm string, v jsonValue) (any, *wire.Error) {
	if v.kind == jsonNull {
		return nil, nil
	}
	switch edm {
	case "":
		return untyped(v)
	case "Edm.String":
		if v.kind == jsonString {
			return checkString(v.text)
		}
	case "Edm.Boolean":
		if v.kind == jsonBool {
			return v.text == "true", nil
		}
		if v.kind == jsonString && (v.text == "true" || v.text == "false") {
			return v.text == "true", nil
		}
	case "Edm.Int32":
		if n, err := strconv.ParseInt(v.text, 10, 32); err == nil && v.kind != jsonBool {
			return int32(n), nil
		}
	case "Edm.Int64":
		if n, err := strconv.ParseInt(v.text, 10, 64); err == nil && v.kind != jsonBool {
			return n, nil
		}
	case "Edm.Double":
		if v.kind == jsonNumber || v.kind == jsonString {
			if f, ok := parseDouble(v.text); ok {
				return f, nil
			}
		}
	case "Edm.DateTime":
		if v.kind == jsonString {
			return readDateTime(v.text)
		}
	case "Edm.Guid":
		if v.kind == jsonString && isGUID(v.text) {
			return GUID(strings.ToLower(v.text)), nil
		}
	case "Edm.Binary":
		if v.kind == jsonString {
			return readBinary(v.text)
		}
	}
	return nil, badInput("An error occurred while processing this request.")
}

// untyped reads a value that has no annotation: numbers are Int32 where they are
// written as such and fit, else Double.
func untyped(v jsonValue) (any, *wire.Error) {
	switch v.kind {
	case jsonString:
		return checkString(v.text)
	case jsonBool:
		return v.text == "true", nil
	}
	if n, err := strconv.ParseInt(v.text, 10, 32); err == nil {
		return int32(n), nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil {
		return nil, badInput("An error occurred while processing this request.")
	}
	return f, nil
}

func checkString(s string) (any, *wire.Error) {
	if len(s) > maxString && utf16Len(s) > maxString {
		return nil, valueTooLarge()
	}
	return s, nil
}

func readBinary(text string) (any, *wire.Error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, badInput("An error occurred while processing this request.")
	}
	if len(b) > maxBinary {
		return nil, valueTooLarge()
	}
	return b, nil
}

// readDateTime reads a time in ISO 8601; one that names no zone is in UTC.
func readDateTime(text string) (any, *wire.Error) {
	t, ok := parseDateTime(text)
	if !ok {
		return nil, badInput("An error occurred while processing this request.")
	}
	if t.Before(firstDateTime) || t.Year() > 9999 {
		return nil, wire.Refuse(http.StatusBadRequest, "OutOfRangeInput", "One of the request inputs is out of range.")
	}
	return t, nil
}

func parseDateTime(text string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(tick), true
		}
	}
	return time.Time{}, false
}

// parseDouble reads a number in decimal, or one of the names of what is not finite.
func parseDouble(text string) (float64, bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity", "INF":
		return math.Inf(1), true
	case "-Infinity", "-INF":
		return math.Inf(-1), true
	}
	for i := range len(text) {
		// ParseFloat would read hexadecimal, underscores and names too.
		if c := text[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}

// annotation is the Edm type that the JSON of v does not tell, "" when it tells it.
func annotation(v any) string {
	switch v := v.(type) {
	case int64:
		return "Edm.Int64"
	case time.Time:
		return "Edm.DateTime"
	case GUID:
		return "Edm.Guid"
	case []byte:
		return "Edm.Binary"
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "Edm.Double"
		}
	}
	return ""
}

// appendValue writes v as JSON.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int32:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		b = append(b, '"')
		b = strconv.AppendInt(b, v, 10)
		return append(b, '"')
	case float64:
		return appendDouble(b, v)
	case time.Time:
		b = append(b, '"')
		b = v.AppendFormat(b, dateTime)
		return append(b, '"')
	case GUID:
		return appendString(b, string(v))
	case []byte:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v)
		return append(b, '"')
	}
	return append(b, "null"...)
}

// appendDouble writes f so that it is no integer to look at: 1 as 1.0.
func appendDouble(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	start := len(b)
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-5 || abs >= 1e15) {
		format = 'E'
	}
	b = strconv.AppendFloat(b, f, format, -1, 64)
	if !bytes.ContainsAny(b[start:], ".E") {
		b = append(b, ".0"...)
	}
	return b
}

// size is what v counts for in the size of its entity, in bytes:
// https://learn.microsoft.com/archive/blogs/avkashchauhan/how-the-size-of-an-entity-is-caclulated-in-windows-azure-table-storage.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return 4 + 2*utf16Len(v)
	case bool:
		return 1
	case int32:
		return 4
	case []byte:
		return 4 + len(v)
	case GUID:
		return 16
	}
	return 8
}

// utf16Len is the length of s as the service counts it, in UTF-16 units.
func utf16Len(s string) int {
	n := utf8.RuneCountInString(s)
	for i := range len(s) {
		if s[i] >= 0xf0 {
			n++ // beyond the basic plane: a surrogate pair
		}
	}
	return n
}

func valueTooLarge() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "PropertyValueTooLarge",
		"The property value exceeds the maximum allowed size (64KB).")
}
