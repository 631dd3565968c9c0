package models

// Stripe.
//
// Facts that matter:
//   - Every POST takes an idempotency key, kept for at least 24 hours: a second request
//     with the same key gets the first one's answer. params.IdempotencyKey, or
//     params.SetIdempotencyKey.
//   - Where none is given, the library makes one for its own retries alone: the next
//     delivery's call is another one.
//   - Functions of the packages named after resources speak to the default backend; the
//     methods of stripe.Client do the same with a context. A call takes 80 seconds at the
//     most (the default client's timeout), and is tried three times.
var stripeModel = Model{
	Name:     "Stripe",
	Packages: []string{stripe},
	Calls: said("Stripe", "https://docs.stripe.com/api/idempotent_requests; stripe-go v82.5.1, stripe.go", concat(
		stripeResources("paymentintent", "charge", "refund", "customer", "invoice", "invoiceitem", "transfer", "payout", "subscription", "checkout/session"),
		stripeServices("PaymentIntent", "Charge", "Refund", "Customer", "Invoice", "InvoiceItem", "Transfer", "Payout", "Subscription", "CheckoutSession"),
		[]Call{{
			Func: method(stripe, "Params", "SetIdempotencyKey"), Role: Same,
			Value: paths("arg0"), Content: paths("recv.IdempotencyKey"),
		}},
	)...),
}

const stripe = "github.com/stripe/stripe-go/v82"

// stripeResources are the New functions of the packages named after resources.
func stripeResources(names ...string) []Call {
	var calls []Call
	for _, n := range names {
		pkg := stripe + "/" + n
		for _, f := range []string{fn(pkg, "New"), "(" + pkg + ".Client).New"} {
			calls = append(calls, Call{
				Func: f, Role: External, Key: paths("arg0"), Value: paths("arg0"), FixedVerb: "POST",
				DedupID: paths("arg0.Params"),
			})
		}
	}
	return calls
}

// stripeServices are the methods of stripe.Client's services.
func stripeServices(names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{
			Func: "(" + stripe + ".v1" + n + "Service).Create", Role: External, Key: paths("arg1"), Value: paths("arg1"),
			FixedVerb: "POST", DedupID: paths("arg1.Params"), Under: "arg0",
		})
	}
	return calls
}
