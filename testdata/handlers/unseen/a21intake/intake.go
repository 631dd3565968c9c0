// Package intake takes in applications for places at a school.
//
// Right: what the handler thinks of a message is a number, and a table has a function for each number; all of them
// settle.
package intake

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type application struct {
	ID     string `json:"id"`
	School string `json:"school"`
	Child  string `json:"child"`
	Year   string `json:"year"`
}

// Desk takes in applications.
type Desk struct {
	rcv          *azservicebus.Receiver
	applications *azcosmos.ContainerClient
}

// NewDesk returns a Desk.
func NewDesk(rcv *azservicebus.Receiver, applications *azcosmos.ContainerClient) *Desk {
	return &Desk{rcv: rcv, applications: applications}
}

// Open takes in until the context ends.
func (d *Desk) Open(ctx context.Context) error {
	for {
		msgs, err := d.rcv.ReceiveMessages(ctx, 16, nil)
		if err != nil {
			return fmt.Errorf("intake: %w", err)
		}
		for _, msg := range msgs {
			v, cause := d.examine(ctx, msg)
			slog.InfoContext(ctx, "application", "message", msg.MessageID, "verdict", v, "cause", cause)
			if err := settlers[v](ctx, d.rcv, msg, cause); err != nil {
				slog.ErrorContext(ctx, "application not settled", "message", msg.MessageID, "err", err)
			}
		}
	}
}

func parse(body []byte) (*application, error) {
	fields, err := csv.NewReader(strings.NewReader(string(body))).Read()
	if err != nil {
		return nil, err
	}
	if len(fields) != 4 {
		return nil, fmt.Errorf("%d fields", len(fields))
	}
	return &application{ID: fields[0], School: fields[1], Child: fields[2], Year: fields[3]}, nil
}

func (d *Desk) examine(ctx context.Context, msg *azservicebus.ReceivedMessage) (verdict, error) {
	app, err := parse(msg.Body)
	if err != nil {
		return rejected, err
	}
	doc, err := json.Marshal(app)
	if err != nil {
		return rejected, err
	}
	_, err = d.applications.CreateItem(ctx, azcosmos.NewPartitionKeyString(app.School), doc, nil)
	if err == nil {
		return accepted, nil
	}
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return duplicate, nil
	}
	return transient, err
}
