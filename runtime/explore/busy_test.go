package explore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// A service that has too much to do answers 503 ServerBusy, and has done nothing.

// dropping gives a message up whose work the service refuses, for good.
var dropping = explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
	err := thumbnail(ctx, in, m)
	var refused *azcore.ResponseError
	if errors.As(err, &refused) {
		return nil // it would be refused the next time, too
	}
	return err
})

// Who looks at what kind of error it is may take it for another one than a lost request.
func TestBusyIsNoRefusal(t *testing.T) {
	w := orders("cat")
	survives(t, w, dropping) // without retries, a lost request stands for it
	w.Busy = true
	breaks(t, "busy", w, dropping, explore.Lost)
	survives(t, w, explore.Each(thumbnail))
}

// Clients that try again see it only if it lasts, so that it is played where they do.
func TestBusyIsTriedAgain(t *testing.T) {
	w := orders("cat")
	w.Retry = policy.RetryOptions{MaxRetries: 3}
	does(t, w, dropping, "busy@1.2", "")
	_, steps, err := explore.Replay(t, w, dropping, "busy@1.1,busy@1.3")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"GET queue orders → 503 ServerBusy", "PUT blob stats/thumb-cat small cat → 503 ServerBusy", "PUT blob stats/thumb-cat small cat → 201",
	} {
		if !strings.Contains(steps, want) {
			t.Errorf("%s is not in\n%s", want, steps)
		}
	}
	does(t, w, dropping, "busy@1.2,busy@1.3,busy@1.4,busy@1.5", explore.Lost)
	w.Retry.MaxRetries = 1
	if r := explore.Check(t, w, dropping); r.Failure == nil || !strings.HasSuffix(r.Failure.Schedule.String(), ",busy@1.3") {
		t.Errorf("found %v in %d schedules, want one in which the service is busy when it is asked again", r.Failure, r.Schedules)
	}
}
