package engine

import (
	"math"
	"strings"

	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// callTime is how long one call of a client may take by its retry options:
// (retries + 1) × try timeout + the delays between. It is 0 where no try timeout
// is set: then nothing is known.
func (e *Engine) callTime(client *value.Value) float64 {
	var options *value.Value
	value.Walk(client, func(v *value.Value) bool {
		if options != nil {
			return false
		}
		if v.Kind == value.Apply {
			if m := e.Index.Call(v.Text); m != nil && m.Retry != "" {
				options = e.Argument(v, m.Retry)
				return false
			}
		}
		return true
	})
	if options == nil || options.Kind != value.Struct {
		return 0
	}
	policy := e.Index.Retry(options.Text)
	if policy == nil {
		return 0
	}
	number := func(field string, otherwise float64) float64 {
		r := value.Number(e.Table.Field(options, field))
		if !r.Partly || r.Max == 0 {
			return otherwise
		}
		return r.Max
	}
	try := number(policy.TryTimeout, float64(policy.DefaultTryTimeout))
	if try <= 0 {
		return 0
	}
	retries := math.Max(0, number(policy.MaxRetries, float64(policy.DefaultMaxRetries)))
	delay := math.Max(0, number(policy.RetryDelay, float64(policy.DefaultRetryDelay)))
	limit := number(policy.MaxRetryDelay, float64(policy.DefaultMaxRetryDelay))
	total := (retries + 1) * try
	for i := 1; i <= int(retries) && i < 64; i++ {
		// azcore: RetryDelay × (2^try − 1), at most MaxRetryDelay.
		total += math.Min(limit, delay*(math.Pow(2, float64(i))-1))
	}
	return total
}

// Argument follows a model's path into the arguments kept in a Client value.
func (e *Engine) Argument(v *value.Value, p models.Path) *value.Value {
	parts := strings.Split(strings.ReplaceAll(string(p), "[]", ".[]"), ".")
	n := 0
	for _, c := range strings.TrimPrefix(parts[0], "arg") {
		n = n*10 + int(c-'0')
	}
	if strings.HasPrefix(v.Text, "(") {
		n++ // a method's receiver stands first
	}
	if !strings.HasPrefix(parts[0], "arg") || n >= len(v.Args) {
		return nil
	}
	return e.Table.Find(v.Args[n], parts[1:])
}

// clientLease is the lease that a client's options set for what is received by it, nil
// where they set none.
func (e *Engine) clientLease(client *value.Value) *value.Value {
	var lease *value.Value
	value.Walk(client, func(v *value.Value) bool {
		if v.Kind != value.Apply || lease != nil {
			return lease == nil
		}
		m := e.Index.Call(v.Text)
		if m == nil || m.Role != models.Client || m.Lease == (models.Quantity{}) {
			return true
		}
		o := &operands{e: e, args: v.Args}
		if strings.HasPrefix(v.Text, "(") && len(v.Args) > 0 {
			o.recv, o.args = v.Args[0], v.Args[1:]
		}
		lease = o.quantity(m.Lease)
		return false
	})
	return lease
}

// Backoff is the time that a client's default retries may wait, without any try:
// what one call costs when the service throttles.
func Backoff(p *models.RetryPolicy) float64 {
	total := 0.0
	for i := 1; i <= p.DefaultMaxRetries; i++ {
		total += math.Min(float64(p.DefaultMaxRetryDelay), float64(p.DefaultRetryDelay)*(math.Pow(2, float64(i))-1))
	}
	return total
}
