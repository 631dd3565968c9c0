package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// The refusals of query parameters are these:
// https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes

// Int is the whole number that a query parameter says, or fallback when it is absent.
func Int(query url.Values, name string, fallback int64) (int64, *Error) {
	if !query.Has(name) {
		return fallback, nil
	}
	value := query.Get(name)
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, refuseRange(name, value)
	case err != nil:
		return 0, InvalidParameter(name, value, "The value must be a whole number.")
	}
	return n, nil
}

// IntWithin is Int for a number from lowest to highest.
func IntWithin(query url.Values, name string, fallback, lowest, highest int64) (int64, *Error) {
	n, refusal := Int(query, name, fallback)
	if refusal == nil && query.Has(name) && (n < lowest || highest < n) {
		refusal = refuseRange(name, query.Get(name))
	}
	if refusal != nil && refusal.Code == outOfRange {
		refusal.Details = append(refusal.Details,
			Detail{"MinimumAllowed", strconv.FormatInt(lowest, 10)},
			Detail{"MaximumAllowed", strconv.FormatInt(highest, 10)})
	}
	return n, refusal
}

// InvalidParameter refuses the value of a query parameter.
func InvalidParameter(name, value, reason string) *Error {
	return Refuse(http.StatusBadRequest, "InvalidQueryParameterValue",
		"Value for one of the query parameters specified in the request URI is invalid.",
		Detail{"QueryParameterName", name}, Detail{"QueryParameterValue", value}, Detail{"Reason", reason})
}

// MissingParameter refuses a request without a query parameter that it needs.
func MissingParameter(name string) *Error {
	return Refuse(http.StatusBadRequest, "MissingRequiredQueryParameter",
		"A query parameter that's mandatory for this request is not specified.",
		Detail{"QueryParameterName", name})
}

const outOfRange = "OutOfRangeQueryParameterValue"

func refuseRange(name, value string) *Error {
	return Refuse(http.StatusBadRequest, outOfRange,
		"One of the query parameters specified in the request URI is outside the permissible range.",
		Detail{"QueryParameterName", name}, Detail{"QueryParameterValue", value})
}
