package models

// What the Google Cloud SDKs have in common.

const gcp = "cloud.google.com/go/"

// handles are methods that return the same handle with other settings for its calls:
// retries, encryption, billing.
func handles(pkg, typ string, names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: method(pkg, typ, n), Role: Same, Value: paths("recv")})
	}
	return calls
}
