package role

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/storage"
)

// Defaults of a [Role].
const (
	// DefaultTimeout bounds one try of one request. The SDK itself has none: azcore's
	// RetryOptions.TryTimeout is "disabled by default"
	// (https://pkg.go.dev/github.com/Azure/azure-sdk-for-go/sdk/azcore/policy#RetryOptions).
	DefaultTimeout = 30 * time.Second
	// DefaultVisibility is how long a received message stays hidden. The service's own
	// default is 30 s.
	DefaultVisibility = 120 * time.Second
	// DefaultScratch is the quota of local scratch, in bytes: 64 MiB.
	DefaultScratch = 64 << 20
	// DefaultGrace is how long an instance may take to stop: what Kubernetes gives.
	DefaultGrace = 30 * time.Second
)

// Role is what every instance of a deployment runs. A worker role has Run, a web role
// has Handler, and one role may have both.
type Role struct {
	// Name begins the names of the instances. Default: "role".
	Name string

	// Run is the worker role's work. It should return when ctx is cancelled. When it
	// returns by itself, or panics, the life of the instance is over; nothing restarts
	// it.
	Run func(ctx context.Context, in *Instance) error

	// Handler makes the web role's handler, once for each instance.
	Handler func(in *Instance) (http.Handler, error)

	// Timeout bounds one try of one request of the instance's clients, with the reading
	// of its answer. Default: [DefaultTimeout]; negative: none.
	Timeout time.Duration

	// Retry is the retry policy of the instance's clients. Default: nil, no retries.
	// The SDK's own default, three retries of every method, turns one lost answer to an
	// EnqueueMessage into two messages. Its TryTimeout, when set, takes precedence over
	// Timeout.
	Retry *policy.RetryOptions

	// Visibility is how long a message that this role receives stays hidden; the role
	// itself does nothing with it but hand it on. Default: [DefaultVisibility].
	Visibility time.Duration

	// Scratch is the quota of local scratch, in bytes. Default: [DefaultScratch];
	// negative: nothing can be written.
	Scratch int64

	// ScratchDir is where the folders of local scratch are made. Default: os.TempDir.
	ScratchDir string

	// Grace is how long [Instance.Stop] waits before it kills. Default: [DefaultGrace].
	Grace time.Duration
}

func (r Role) withDefaults() Role {
	if r.Name == "" {
		r.Name = "role"
	}
	if r.Timeout == 0 {
		r.Timeout = DefaultTimeout
	}
	if r.Visibility == 0 {
		r.Visibility = DefaultVisibility
	}
	if r.Scratch == 0 {
		r.Scratch = DefaultScratch
	}
	if r.Grace == 0 {
		r.Grace = DefaultGrace
	}
	return r
}

// retry is what the clients get: in azcore a zero MaxRetries means three, and a negative
// one none.
func (r Role) retry() policy.RetryOptions {
	options := policy.RetryOptions{MaxRetries: -1}
	if r.Retry != nil {
		options = *r.Retry
	}
	if options.TryTimeout == 0 && r.Timeout > 0 {
		options.TryTimeout = r.Timeout
	}
	return options
}

// Service is the storage account the instances use: a *storage.Account, or what stands
// before one, or a connection to another service.
type Service interface {
	policy.Transporter
	// Dial makes clients whose requests go through via.
	Dial(via policy.Transporter, retry policy.RetryOptions) (storage.Clients, error)
}
