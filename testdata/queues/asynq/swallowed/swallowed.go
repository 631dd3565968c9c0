// Package swallowed logs that the receipt could not be stored and reports success: the
// task is done and the receipt lost.
package swallowed

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/hibiken/asynq"
	"gocloud.dev/blob"
)

const TypeReceipt = "receipt:store"

type receipt struct {
	Order string `json:"order"`
	PDF   []byte `json:"pdf"`
}

type Processor struct {
	Receipts *blob.Bucket
}

func (p *Processor) Start(srv *asynq.Server) error {
	mux := asynq.NewServeMux()
	mux.HandleFunc(TypeReceipt, p.ProcessReceipt)
	return srv.Start(mux)
}

func (p *Processor) ProcessReceipt(ctx context.Context, task *asynq.Task) error {
	var r receipt
	if err := json.Unmarshal(task.Payload(), &r); err != nil {
		return fmt.Errorf("receipt: %v: %w", err, asynq.SkipRetry)
	}
	if err := p.Receipts.WriteAll(ctx, "receipts/"+r.Order+".pdf", r.PDF, nil); err != nil {
		log.Printf("storing the receipt of %s: %v", r.Order, err)
	}
	return nil // want `settled although the work failed.*\(deleteonerror\)`
}
