package models

import "time"

// azcore carries what every Azure SDK shares. Its retries matter most: a request
// whose answer is lost is sent again, whatever its method, so that one call in the
// code can be two effects at the service, and a conditional create can fail with the
// conflict of its own first try.
//
// The policy's zero values stand for the defaults below; a negative MaxRetries turns
// retries off, a negative MaxRetryDelay removes the cap, a negative RetryDelay the
// delay. Without a TryTimeout (the default) a try is bounded by the context alone.
var azcoreModel = Model{
	Name: "Azure Core",
	Calls: said("Azure Core", "sdk/azcore v1.24.0 to/to.go", []Call{
		{Func: fn(azureSDK+"azcore/to", "Ptr"), Role: Same, Value: paths("arg0")},
		{Func: fn(azureSDK+"azcore/to", "SliceOfPtrs"), Role: Same, Value: paths("arg0[]")},
		// A context that replaces the client's retry options for the calls made under it.
		{Func: fn(azureSDK+"azcore/policy", "WithRetryOptions"), Role: Same, Value: paths("arg0"), Retry: "arg1"},
		{Func: fn(azureSDK+"azcore/runtime", "WithRetryOptions"), Role: Same, Value: paths("arg0"), Retry: "arg1"},
	}...),
	Retries: []RetryPolicy{{
		Type:                 azureSDK + "azcore/policy.RetryOptions",
		MaxRetries:           "MaxRetries",
		TryTimeout:           "TryTimeout",
		RetryDelay:           "RetryDelay",
		MaxRetryDelay:        "MaxRetryDelay",
		DefaultMaxRetries:    3,
		DefaultRetryDelay:    800 * time.Millisecond,
		DefaultMaxRetryDelay: 60 * time.Second,
		Source:               "sdk/azcore v1.24.0 runtime/policy_retry.go setDefaults",
	}},
}
