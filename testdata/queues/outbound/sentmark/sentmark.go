// Package sentmark mails invoices.
//
// Right: a blob that is called after the invoice is looked for before the mail is sent,
// and made after it. A crash between the two can send it again; that is as good as it
// gets with mail.
package sentmark

import (
	"context"
	"encoding/json"
	"fmt"
	"net/smtp"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type invoice struct{ Number, Mail, Text string }

// Mailer is the worker.
type Mailer struct {
	Queue  *azqueue.QueueClient
	Blobs  *azblob.Client
	Server string
}

// Step handles one message.
func (w *Mailer) Step(ctx context.Context) error {
	hidden := int32(300)
	resp, err := w.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: &hidden})
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var inv invoice
	if err := json.Unmarshal([]byte(*m.MessageText), &inv); err != nil {
		return err
	}
	sent, err := w.sent(ctx, inv.Number)
	if err != nil {
		return err
	}
	if !sent {
		text := fmt.Sprintf("To: %s\r\nSubject: Invoice %s\r\n\r\n%s\r\n", inv.Mail, inv.Number, inv.Text)
		if err := smtp.SendMail(w.Server, nil, "bills@example.com", []string{inv.Mail}, []byte(text)); err != nil { // want `wait without a bound.*\(visibility\)`
			return err
		}
		if _, err := w.Blobs.UploadBuffer(ctx, "sent", inv.Number, nil, nil); err != nil {
			return err
		}
	}
	_, err = w.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func (w *Mailer) sent(ctx context.Context, number string) (bool, error) {
	_, err := w.Blobs.ServiceClient().NewContainerClient("sent").NewBlobClient(number).GetProperties(ctx, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return false, nil
	}
	return err == nil, err
}
