package role_test

import (
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/idemlint/idemlint/runtime/storage"
)

// service is an account behind another network.
type service struct {
	*storage.Account
	via policy.Transporter
}

func (s service) Do(r *http.Request) (*http.Response, error) { return s.via.Do(r) }

// slowAnswers is a network on which the answers are late.
type slowAnswers struct {
	next  policy.Transporter
	delay time.Duration
}

func (s slowAnswers) Do(r *http.Request) (*http.Response, error) {
	answer, err := s.next.Do(r)
	time.Sleep(s.delay)
	return answer, err
}

// through is a network made of a function.
type through func(*http.Request) (*http.Response, error)

func (f through) Do(r *http.Request) (*http.Response, error) { return f(r) }

// silent is a network that takes requests and never answers.
type silent struct{}

func (silent) Do(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
