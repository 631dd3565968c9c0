// Package coupon issues a coupon for a purchase.
//
// Right although code and expiry are new with each attempt: the blob is created once, the second attempt finds the
// first one's coupon and is done.
package coupon

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type purchase struct {
	Order    string `json:"order"`
	Customer string `json:"customer"`
	Percent  int    `json:"percent"`
}

type coupon struct {
	Code       string    `json:"code"`
	Customer   string    `json:"customer"`
	Percent    int       `json:"percent"`
	ValidUntil time.Time `json:"validUntil"`
}

func newCode() (string, error) {
	var b [10]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]), nil
}

// Issuer issues coupons.
type Issuer struct {
	purchases *azqueue.QueueClient
	coupons   bucket
	term      time.Duration
}

// NewIssuer returns an Issuer of coupons that last ninety days.
func NewIssuer(q *azqueue.QueueClient, c *azblob.Client) *Issuer {
	return &Issuer{purchases: q, coupons: bucket{client: c, container: "coupons"}, term: 90 * 24 * time.Hour}
}

// Run issues coupons until the context ends.
func (i *Issuer) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := i.purchases.DequeueMessage(ctx, nil)
		if err != nil {
			return err
		}
		for _, m := range resp.Messages {
			if err := i.issue(ctx, []byte(*m.MessageText)); err != nil {
				log.Printf("coupon: message %s: %v", *m.MessageID, err)
				continue
			}
			if _, err := i.purchases.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
				log.Printf("coupon: delete %s: %v", *m.MessageID, err)
			}
		}
	}
}

func (i *Issuer) issue(ctx context.Context, body []byte) error {
	var p purchase
	if err := json.Unmarshal(body, &p); err != nil {
		return fmt.Errorf("purchase: %w", err)
	}
	code, err := newCode()
	if err != nil {
		return err
	}
	doc, err := json.Marshal(coupon{Code: code, Customer: p.Customer, Percent: p.Percent, ValidUntil: time.Now().UTC().Add(i.term)})
	if err != nil {
		return err
	}
	err = i.coupons.put(ctx, "orders/"+p.Order+".json", doc, contentType("application/json"), createOnly())
	if errors.Is(err, errExists) {
		log.Printf("coupon: order %s has one", p.Order)
		return nil
	}
	return err
}
