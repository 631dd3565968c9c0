package storage_test

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// alter returns a context whose requests are changed before they are signed and sent:
// for what the official clients would never send. A request to alter should have no
// body of its own; a change that gives it one must also set Content-Length, the field
// and the header.
func alter(ctx context.Context, change func(r *http.Request)) context.Context {
	return context.WithValue(ctx, alteration{}, change)
}

type alteration struct{}

// altering does it where nothing is signed, as a transporter.
type altering struct{ next policy.Transporter }

func (a altering) Do(r *http.Request) (*http.Response, error) {
	change(r)
	return a.next.Do(r)
}

func change(r *http.Request) {
	if f, ok := r.Context().Value(alteration{}).(func(*http.Request)); ok {
		f(r)
	}
}

// alteringPolicy does it before the policy that signs.
type alteringPolicy struct{}

func (alteringPolicy) Do(r *policy.Request) (*http.Response, error) {
	change(r.Raw())
	return r.Next()
}
