package tune

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/idemlint/idemlint/runtime/storage"
)

// The pauses between retries are those of the SDK: each that azcore makes lies between what
// the model says for the least and the greatest of its random numbers.
func TestPausesAreTheSDKs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range []Retry{{Retries: 3, Pause: sdkPause}, {Retries: 6, Pause: 2 * time.Second}} {
			var sent []time.Time
			dead := transport(func(*http.Request) (*http.Response, error) {
				sent = append(sent, time.Now())
				return nil, errors.New("broken")
			})
			options := policy.RetryOptions{MaxRetries: int32(r.Retries), RetryDelay: r.Pause}
			if r == SDKDefault.Retry {
				options = policy.RetryOptions{}
			}
			clients, err := storage.New("demo").Dial(dead, options)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := clients.Queues.NewQueueClient("orders").DequeueMessage(t.Context(), nil); err == nil {
				t.Fatal("a dead network answered")
			}
			if len(sent) != r.Retries+1 {
				t.Fatalf("%v: %d tries, want %d", r, len(sent), r.Retries+1)
			}
			for n := 1; n < len(sent); n++ {
				pause, least, most := sent[n].Sub(sent[n-1]), r.before(n, 0), r.before(n, 1)
				if pause < least || pause > most {
					t.Errorf("%v: pause %d is %v, want %v to %v", r, n, pause, least, most)
				}
			}
		}
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

// What is written can be read.
func TestParse(t *testing.T) {
	for text, want := range map[string]Retry{
		"none": {}, "immediate:1": {Retries: 1}, "exponential:3": {Retries: 3, Pause: sdkPause},
		"exponential:5:2s": {Retries: 5, Pause: 2 * time.Second},
	} {
		if got, err := ParseRetry(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "three", "immediate", "immediate:0", "immediate:21", "immediate:3:1s", "exponential:3:0s", "exponential:3:2m", "linear:3"} {
		want := fmt.Sprintf("retries %q: want none, immediate:n or exponential:n, n from 1 to 20", text)
		if _, err := ParseRetry(text); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]int{"no": 0, "1/2": 2, "1/3": 3} {
		if got, err := ParseRenew(text); err != nil || got != want || RenewText(got) != text {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "yes", "1/1", "2/3", "1/x", "3"} {
		want := fmt.Sprintf("renewal %q: want no, or the part of the lease after which: 1/2 to 1/20", text)
		if _, err := ParseRenew(text); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

// The visibility timeouts that are tried reach from less than the work to more than it.
func TestLeases(t *testing.T) {
	for median, want := range map[time.Duration][]string{
		20 * time.Millisecond: {"1s", "2s", "5s", "10s", "30s", "1m"},
		9 * time.Second:       {"2s", "5s", "10s", "30s", "1m"},
		3 * time.Minute:       {"1m", "2m", "5m", "10m"},
		100 * time.Hour:       {"30h", "168h"},
	} {
		var got []string
		for _, d := range leases(NewDurations(median)) {
			got = append(got, Short(d))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("for work of %v: %v, want %v", median, got, want)
		}
	}
}
