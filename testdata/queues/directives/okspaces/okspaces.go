// Package okspaces reads an order and writes an invoice under the same number: two
// tables of one database, and no read-modify-write.
package okspaces

import (
	"context"
	"net/rpc"
)

type order struct {
	Number string
	Total  int
}

type invoice struct {
	Number string
	Amount int
}

type database struct{ rpc *rpc.Client }

//idemlint:read
func (d database) order(number string) (o order, err error) {
	err = d.rpc.Call("DB.Order", number, &o)
	return o, err
}

//idemlint:write
func (d database) putInvoice(number string, i invoice) error {
	return d.rpc.Call("DB.PutInvoice", i, nil)
}

//idemlint:read key=0 store=rates
func (d database) rate(country string) (n int, err error) {
	err = d.rpc.Call("DB.Rate", country, &n)
	return n, err
}

//idemlint:write key=0 value=1 store=dues
func (d database) putDue(number string, amount int) error {
	return d.rpc.Call("DB.PutDue", amount, nil)
}

type due struct{ Number string }

type queue struct{ rpc *rpc.Client }

//idemlint:receive
func (q queue) next() (d due, err error) {
	err = q.rpc.Call("Queue.Next", 0, &d)
	return d, err
}

//idemlint:settle
func (q queue) done(d due) error { return q.rpc.Call("Queue.Done", d, nil) }

// Bill makes an invoice of each order.
func Bill(ctx context.Context, c *rpc.Client) error {
	q, db := queue{c}, database{c}
	for ctx.Err() == nil {
		d, err := q.next()
		if err != nil {
			return err
		}
		o, err := db.order(d.Number)
		if err != nil {
			return err
		}
		rate, err := db.rate(d.Number)
		if err != nil {
			return err
		}
		if err := db.putInvoice(d.Number, invoice{Number: o.Number, Amount: o.Total * rate}); err != nil {
			return err
		}
		if err := db.putDue(d.Number, o.Total*rate); err != nil {
			return err
		}
		if err := q.done(d); err != nil {
			return err
		}
	}
	return ctx.Err()
}
