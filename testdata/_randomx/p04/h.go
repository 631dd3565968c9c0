package p04

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/uuid"
)

// plan: lease=30 methods delete=forgotten change change.key=group change.guard=applied change.retries=4 change.place=func change.onerror=retry

type parcelEvent struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// ParcelWorker works on parcels.
type ParcelWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewParcelWorker makes one.
func NewParcelWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ParcelWorker {
	return &ParcelWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives parcels and does what they ask for.
func (w *ParcelWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var parcel parcelEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var failure error
	for range 3 {
		if failure = w.changeParcelTotals(ctx, parcel); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return fmt.Errorf("change: %w", failure)
	}
	if parcel.Grams > 100 {
		log.Printf("large parcel %s", parcel.ID)
		return nil
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// changeParcelTotals keeps the totals up to date.
func (w *ParcelWorker) changeParcelTotals(ctx context.Context, parcel parcelEvent) error {
	for range 5 {
		var totals parcelTotals
		got, err := w.blobs.DownloadStream(ctx, "archive", path.Join("totals", parcel.Depot), nil)
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if slices.Contains(totals.Handled, parcel.ID) {
			return nil
		}
		totals.Most = max(totals.Most, parcel.Grams)
		totals.Handled = append(totals.Handled, parcel.ID)
		body, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		_, refused := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", parcel.Depot), body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
		})
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("totals keep changing")
}

type parcelTotals struct {
	Most    int      `json:"most"`
	Handled []string `json:"handled"`
}

// plan: lease=60 forever methods layout=handle deleteerror=drop put put.key=group put.place=deep

type invoiceTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Amount  int    `json:"amount"`
}

// InvoiceWorker works on invoices.
type InvoiceWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewInvoiceWorker makes one.
func NewInvoiceWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *InvoiceWorker {
	return &InvoiceWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives invoices and does what they ask for.
func (w *InvoiceWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := w.handleInvoice(ctx, msg); err != nil {
			log.Printf("invoice: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleInvoice handles one invoice.
func (w *InvoiceWorker) handleInvoice(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var invoice invoiceTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &invoice); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.applyInvoiceTotals(ctx, invoice); err != nil {
		return err
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// publishInvoiceTotals keeps the totals up to date.
func (w *InvoiceWorker) publishInvoiceTotals(ctx context.Context, invoice invoiceTask) error {
	name := fmt.Sprintf("totals/%s.json", invoice.Account)
	body, err := json.Marshal(invoice)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "invoices-totals", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// applyInvoiceTotals takes one invoice further.
func (w *InvoiceWorker) applyInvoiceTotals(ctx context.Context, invoice invoiceTask) error {
	if invoice.ID == "" {
		return errors.New("invoice without id")
	}
	if err := w.publishInvoiceTotals(ctx, invoice); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 layout=work change change.row change.guard=applied change.absent change.stamp change.place=func change.onerror=log change change.key=group change.change=grow change.guard=before change.absent change.stamp change.place=func change.via=generic

type bookingEvent struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Nights int    `json:"nights"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processBooking(ctx, blobs, table, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processBooking does what one booking asks for.
func processBooking(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var booking bookingEvent
	if err := json.Unmarshal([]byte(text), &booking); err != nil {
		return err
	}
	if err := updateBookingTotals(ctx, table, booking); err != nil {
		log.Printf("update %s: %v", booking.ID, err)
	}
	if err := changeBookingBoard(ctx, blobs, table, booking); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	return nil
}

// updateBookingTotals keeps the totals up to date.
func updateBookingTotals(ctx context.Context, table *aztables.Client, booking bookingEvent) error {
	var totals bookingTotals
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "totals", booking.ID, nil)
	if err != nil && !isNoBooking(err) {
		return err
	}
	if err == nil {
		var row bookingTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if slices.Contains(totals.Applied, booking.ID) {
		return nil
	}
	totals.Highest = max(totals.Highest, booking.Nights)
	totals.Applied = append(totals.Applied, booking.ID)
	totals.At = time.Now().UTC()
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	body, err := json.Marshal(bookingTotalsRow{PartitionKey: "totals", RowKey: booking.ID, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putBookingRow(ctx, table, body, etag); err != nil {
		return err
	}
	return nil
}

type bookingTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type bookingTotals struct {
	Highest int       `json:"highest"`
	Applied []string  `json:"applied"`
	At      time.Time `json:"at"`
}

func isNoBooking(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putBookingRow adds a row where there was none, and otherwise replaces what was read.
func putBookingRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// changeBookingBoard keeps the board up to date.
func changeBookingBoard(ctx context.Context, blobs *azblob.Client, table *aztables.Client, booking bookingEvent) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": booking.ID})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveBooking(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	name := "board/" + booking.Room
	board, etag, err := loadBookingJSONIfThere[bookingBoard](ctx, blobs, "data", name)
	if err != nil {
		return err
	}
	board.Text += booking.ID + "\n"
	board.At = time.Now().UTC()
	if err := saveBookingJSONIfThere(ctx, blobs, "data", name, board, etag); err != nil {
		return err
	}
	return nil
}

func haveBooking(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type bookingBoard struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// loadBookingJSONIfThere reads a value.
func loadBookingJSONIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, version, err
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveBookingJSONIfThere writes a value.
func saveBookingJSONIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=2 methods change change.key=single change.match=wildcard change.place=func

type readingTask struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// ReadingWorker works on readings.
type ReadingWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewReadingWorker makes one.
func NewReadingWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ReadingWorker {
	return &ReadingWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives readings and does what they ask for.
func (w *ReadingWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var reading readingTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &reading); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.changeReadingTotals(ctx, reading); err != nil {
			log.Printf("change: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// changeReadingTotals keeps the totals up to date.
func (w *ReadingWorker) changeReadingTotals(ctx context.Context, reading readingTask) error {
	name := "totals/latest.json"
	var totals readingTotals
	got, err := w.blobs.DownloadStream(ctx, "readings", name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if reading.Watts > totals.Highest {
		totals.Highest = reading.Watts
	}
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "readings", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

type readingTotals struct {
	Highest int `json:"highest"`
}

// plan: lease=60 delete=arms change change.row change.key=group change.change=grow change.stamp change.place=func

type voteMessage struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// RunVotes receives votes and does what they ask for.
func RunVotes(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var vote voteMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return err
	}
	if err := updateVoteTotals(ctx, table, vote); err != nil {
		return err
	}
	if vote.Weight > 100 {
		log.Printf("large vote %s", vote.ID)
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateVoteTotals keeps the totals up to date.
func updateVoteTotals(ctx context.Context, table *aztables.Client, vote voteMessage) error {
	var totals voteTotals
	got, err := table.GetEntity(ctx, "totals", vote.Poll, nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(got.Value, &totals); err != nil {
		return err
	}
	totals.Text += vote.ID + "\n"
	totals.At = time.Now().UTC()
	totals.PartitionKey, totals.RowKey = "totals", vote.Poll
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type voteTotals struct {
	PartitionKey string
	RowKey       string
	Text         string
	At           time.Time
}

// plan: lease=120 batch=2 methods layout=work deleteerror=log create create.row create.key=group create.place=func create.onerror=retry

type refundMessage struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RefundWorker works on refunds.
type RefundWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewRefundWorker makes one.
func NewRefundWorker(queue *azqueue.QueueClient, table *aztables.Client) *RefundWorker {
	return &RefundWorker{
		queue: queue,
		table: table,
	}
}

// Run receives refunds and does what they ask for.
func (w *RefundWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processRefund(ctx, *msg.MessageText); err != nil {
			log.Printf("refund: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processRefund does what one refund asks for.
func (w *RefundWorker) processRefund(ctx context.Context, text string) error {
	var refund refundMessage
	if err := json.Unmarshal([]byte(text), &refund); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.registerRefundTotals(ctx, refund); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return fmt.Errorf("register: %w", failure)
	}
	return nil
}

// registerRefundTotals keeps the totals up to date.
func (w *RefundWorker) registerRefundTotals(ctx context.Context, refund refundMessage) error {
	body, err := json.Marshal(refundTotals{
		PartitionKey: "totals",
		RowKey:       refund.Merchant,
		ID:           refund.ID,
		Merchant:     refund.Merchant,
		Cents:        refund.Cents,
	})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, body, nil); err != nil {
		if !haveRefund(err) {
			return fmt.Errorf("register: %w", err)
		}
		log.Printf("refund %s is there already", refund.ID)
	}
	return nil
}

type refundTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Merchant     string `json:"merchant"`
	Cents        int    `json:"cents"`
}

func haveRefund(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=30 forever methods layout=handle delete=arms put put.content=random put.onerror=log put.large create create.row create.key=single create.content=expiry create.place=func

type paymentEvent struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
}

// PaymentWorker works on payments.
type PaymentWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewPaymentWorker makes one.
func NewPaymentWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *PaymentWorker {
	return &PaymentWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives payments and does what they ask for.
func (w *PaymentWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(5 * time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := w.handlePayment(ctx, msg); err != nil {
			log.Printf("payment: %v", err)
			continue
		}
	}
}

// handlePayment handles one payment.
func (w *PaymentWorker) handlePayment(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var payment paymentEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &payment); err != nil {
		return err
	}
	if payment.Pence > 100 {
		body, err := json.Marshal(paymentTotals{
			ID:     payment.ID,
			Wallet: payment.Wallet,
			Pence:  payment.Pence,
			Secret: uuid.NewString(),
		})
		if err != nil {
			return err
		}
		if _, err := w.blobs.UploadBuffer(ctx, "data", "totals/"+payment.ID+".json", body, nil); err != nil {
			log.Printf("save %s: %v", payment.ID, err)
		}
	}
	if payment.Pence > 100 {
		log.Printf("large payment %s", payment.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if err := w.createPaymentBoard(ctx, payment); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type paymentTotals struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
	Secret string `json:"secret"`
}

// createPaymentBoard keeps the board up to date.
func (w *PaymentWorker) createPaymentBoard(ctx context.Context, payment paymentEvent) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "board", RowKey: "current"},
		Properties: map[string]any{
			"ID":      payment.ID,
			"Wallet":  payment.Wallet,
			"Pence":   payment.Pence,
			"Expires": time.Now().Add(24 * time.Hour),
		},
	})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, body, nil); err != nil {
		if !havePayment(err) {
			return fmt.Errorf("create: %w", err)
		}
		log.Printf("payment %s is there already", payment.ID)
	}
	return nil
}

func havePayment(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: batch=4 methods layout=handle put put.content=stamp put.place=func change change.change=include change.guard=applied change.absent change.place=func

type photoMessage struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
}

// PhotoWorker works on photos.
type PhotoWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewPhotoWorker makes one.
func NewPhotoWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *PhotoWorker {
	return &PhotoWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives photos and does what they ask for.
func (w *PhotoWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handlePhoto(ctx, msg); err != nil {
			return fmt.Errorf("photo: %w", err)
		}
	}
	return nil
}

// handlePhoto handles one photo.
func (w *PhotoWorker) handlePhoto(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var photo photoMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &photo); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.storePhotoTotals(ctx, photo); err != nil {
		return err
	}
	if err := w.mergePhotoBoard(ctx, &photo); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// storePhotoTotals keeps the totals up to date.
func (w *PhotoWorker) storePhotoTotals(ctx context.Context, photo photoMessage) error {
	body, err := json.Marshal(map[string]any{
		"id":        photo.ID,
		"album":     photo.Album,
		"pixels":    photo.Pixels,
		"updatedat": time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", photo.ID), body, nil); err != nil {
		return err
	}
	return nil
}

// mergePhotoBoard keeps the board up to date.
func (w *PhotoWorker) mergePhotoBoard(ctx context.Context, photo *photoMessage) error {
	name := fmt.Sprintf("board/%s.json", photo.ID)
	var board photoBoard
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if slices.Contains(board.Handled, photo.ID) {
		return nil
	}
	if !slices.Contains(board.Items, photo.ID) {
		board.Items = append(board.Items, photo.ID)
	}
	board.Handled = append(board.Handled, photo.ID)
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type photoBoard struct {
	Items   []string `json:"items"`
	Handled []string `json:"handled"`
}

// plan: lease=30 methods layout=work change change.absent change.place=deep change.via=funcs change.onerror=retry

type articleTask struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// ArticleWorker works on articles.
type ArticleWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewArticleWorker makes one.
func NewArticleWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ArticleWorker {
	return &ArticleWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives articles and does what they ask for.
func (w *ArticleWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processArticle(ctx, *msg.MessageText); err != nil {
		return fmt.Errorf("article: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processArticle does what one article asks for.
func (w *ArticleWorker) processArticle(ctx context.Context, text string) error {
	var article articleTask
	if err := json.Unmarshal([]byte(text), &article); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.applyArticleTotals(ctx, &article); failure == nil {
			break
		}
	}
	if failure != nil {
		return failure
	}
	return nil
}

// mergeArticleTotals keeps the totals up to date.
func (w *ArticleWorker) mergeArticleTotals(ctx context.Context, article *articleTask) error {
	name := fmt.Sprintf("totals/%s.json", article.ID)
	totals, etag, err := w.loadArticleTotals(ctx, name)
	if err != nil {
		return err
	}
	if article.Words > totals.Highest {
		totals.Highest = article.Words
	}
	if err := w.saveArticleTotals(ctx, name, totals, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type articleTotals struct {
	Highest int `json:"highest"`
}

// loadArticleTotals reads the totals.
func (w *ArticleWorker) loadArticleTotals(ctx context.Context, name string) (value articleTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "articles-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, version, err
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveArticleTotals writes the totals.
func (w *ArticleWorker) saveArticleTotals(ctx context.Context, name string, value articleTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "articles-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// applyArticleTotals takes one article further.
func (w *ArticleWorker) applyArticleTotals(ctx context.Context, article *articleTask) error {
	if article.ID == "" {
		return errors.New("article without id")
	}
	if err := w.mergeArticleTotals(ctx, article); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 layout=work put put.key=single put.content=beat

type visitMessage struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// RunVisits receives visits and does what they ask for.
func RunVisits(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processVisit(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processVisit does what one visit asks for.
func processVisit(ctx context.Context, blobs *azblob.Client, text string) error {
	var visit visitMessage
	if err := json.Unmarshal([]byte(text), &visit); err != nil {
		return err
	}
	name := "totals/latest.json"
	body, err := json.Marshal(visitTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadStream(ctx, "visits", name, bytes.NewReader(body), &azblob.UploadStreamOptions{}); err != nil {
		return err
	}
	return nil
}

type visitTotals struct {
	SeenAt time.Time `json:"seenat"`
}

// plan: batch=2 forever methods layout=handle delete=first deleteerror=drop put put.key=group put.content=beat put.place=func put.via=funcs

type scoreEvent struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
}

// ScoreWorker works on scores.
type ScoreWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewScoreWorker makes one.
func NewScoreWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ScoreWorker {
	return &ScoreWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives scores and does what they ask for.
func (w *ScoreWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		for _, msg := range resp.Messages {
			if err := w.handleScore(ctx, msg); err != nil {
				log.Printf("score: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// handleScore handles one score.
func (w *ScoreWorker) handleScore(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var score scoreEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	if err := w.publishScoreTotals(ctx, &score); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// publishScoreTotals keeps the totals up to date.
func (w *ScoreWorker) publishScoreTotals(ctx context.Context, score *scoreEvent) error {
	name := fmt.Sprintf("totals/%s.json", score.Player)
	body, err := json.Marshal(scoreTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.saveScoreTotals(ctx, name, body); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

type scoreTotals struct {
	SeenAt time.Time `json:"seenat"`
}

// saveScoreTotals writes the totals.
func (w *ScoreWorker) saveScoreTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "scores-totals", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=60 batch=3 methods deleteerror=drop change change.row change.key=group change.change=entry change.guard=seen change.match=none change.absent

type tripMessage struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// TripWorker works on trips.
type TripWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewTripWorker makes one.
func NewTripWorker(queue *azqueue.QueueClient, table *aztables.Client) *TripWorker {
	return &TripWorker{
		queue: queue,
		table: table,
	}
}

// Run receives trips and does what they ask for.
func (w *TripWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var trip tripMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &trip); err != nil {
			return err
		}
		var totals tripTotals
		got, err := w.table.GetEntity(ctx, "totals", trip.Truck, nil)
		if err != nil && !isNoTrip(err) {
			return fmt.Errorf("read: %w", err)
		}
		if err == nil {
			var row tripTotalsRow
			if err := json.Unmarshal(got.Value, &row); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
				return err
			}
		}
		if !totals.Seen[trip.ID] {
			if totals.Amounts == nil {
				totals.Amounts = map[string]int{}
			}
			totals.Amounts[trip.ID] = trip.Miles
			if totals.Seen == nil {
				totals.Seen = map[string]bool{}
			}
			totals.Seen[trip.ID] = true
			data, err := json.Marshal(totals)
			if err != nil {
				return err
			}
			body, err := json.Marshal(tripTotalsRow{PartitionKey: "totals", RowKey: trip.Truck, Data: string(data)})
			if err != nil {
				return err
			}
			if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	}
	return nil
}

type tripTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type tripTotals struct {
	Amounts map[string]int  `json:"amounts"`
	Seen    map[string]bool `json:"seen"`
}

func isNoTrip(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// plan: lease=120 batch=4 forever delete=arms change change.row change.key=group change.change=grow change.retries=2 change.place=func change.via=generic put put.row put.place=func

type donationMessage struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// RunDonations receives donations and does what they ask for.
func RunDonations(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(5 * time.Second)
			continue
		}
		for _, msg := range resp.Messages {
			var donation donationMessage
			if err := json.Unmarshal([]byte(*msg.MessageText), &donation); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			if err := changeDonationTotals(ctx, table, &donation); err != nil {
				log.Printf("change: %v", err)
				continue
			}
			if donation.Cents > 100 {
				log.Printf("large donation %s", donation.ID)
				if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
					log.Printf("delete: %v", err)
					continue
				}
				continue
			}
			if err := publishDonationBoard(ctx, table, donation); err != nil {
				log.Printf("publish: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// changeDonationTotals keeps the totals up to date.
func changeDonationTotals(ctx context.Context, table *aztables.Client, donation *donationMessage) error {
	for range 3 {
		totals, etag, err := loadDonationRow[donationTotals](ctx, table, "totals", donation.Campaign)
		if err != nil {
			return err
		}
		totals.Lines = fmt.Sprintf("%s%s;", totals.Lines, donation.ID)
		totals.PartitionKey, totals.RowKey = "totals", donation.Campaign
		refused := saveDonationRow(ctx, table, totals, etag)
		if refused == nil {
			return nil
		}
		if !(staleDonation(refused)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("totals keep changing")
}

type donationTotals struct {
	PartitionKey string
	RowKey       string
	Lines        string `json:"lines"`
}

// loadDonationRow reads a value.
func loadDonationRow[T any](ctx context.Context, table *aztables.Client, partition, row string) (value T, version *azcore.ETag, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

// saveDonationRow writes a value.
func saveDonationRow[T any](ctx context.Context, table *aztables.Client, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func staleDonation(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// publishDonationBoard keeps the board up to date.
func publishDonationBoard(ctx context.Context, table *aztables.Client, donation donationMessage) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "board", RowKey: donation.ID},
		Properties: map[string]any{
			"ID":       donation.ID,
			"Campaign": donation.Campaign,
			"Cents":    donation.Cents,
		},
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// plan: lease=120 wait wait.place=func wait.seconds=5

type depositEvent struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// RunDeposits receives deposits and does what they ask for.
func RunDeposits(ctx context.Context, queue *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var deposit depositEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
		return err
	}
	if err := settleDepositTotals(ctx, deposit); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// settleDepositTotals gives other systems some time.
func settleDepositTotals(ctx context.Context, deposit depositEvent) error {
	time.Sleep(5 * time.Second)
	return nil
}

// plan: lease=60 layout=handle delete=deferred deleteerror=drop create create.content=beat create.conflict=done

type saleMessage struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// RunSales receives sales and does what they ask for.
func RunSales(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleSale(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleSale handles one sale.
func handleSale(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var sale saleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &sale); err != nil {
		return err
	}
	name := "totals/" + sale.ID
	body, err := json.Marshal(saleTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return err
	}
	_, refused := blobs.UploadBuffer(ctx, "sales", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		return nil
	}
	if refused != nil {
		return refused
	}
	return nil
}

type saleTotals struct {
	SeenAt time.Time `json:"seenat"`
}

// plan: lease=30 methods delete=arms put put.row put.content=beat put.place=func put.via=generic

type rentalEvent struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RentalWorker works on rentals.
type RentalWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewRentalWorker makes one.
func NewRentalWorker(queue *azqueue.QueueClient, table *aztables.Client) *RentalWorker {
	return &RentalWorker{
		queue: queue,
		table: table,
	}
}

// Run receives rentals and does what they ask for.
func (w *RentalWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var rental rentalEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &rental); err != nil {
		return err
	}
	if err := w.writeRentalTotals(ctx, rental); err != nil {
		return err
	}
	if rental.Hours > 100 {
		log.Printf("large rental %s", rental.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// writeRentalTotals keeps the totals up to date.
func (w *RentalWorker) writeRentalTotals(ctx context.Context, rental rentalEvent) error {
	if err := saveRentalRow(ctx, w.table, rentalTotals{
		PartitionKey: "totals",
		RowKey:       rental.ID,
		SeenAt:       time.Now(),
	}); err != nil {
		return err
	}
	return nil
}

// saveRentalRow encodes a value and writes it.
func saveRentalRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type rentalTotals struct {
	PartitionKey string
	RowKey       string
	SeenAt       time.Time `json:"seenat"`
}

// plan: batch=2 forever methods delete=arms change change.guard=before change.absent change.place=deep

type sampleMessage struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// SampleWorker works on samples.
type SampleWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewSampleWorker makes one.
func NewSampleWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *SampleWorker {
	return &SampleWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives samples and does what they ask for.
func (w *SampleWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		for _, msg := range resp.Messages {
			var sample sampleMessage
			if err := json.Unmarshal([]byte(*msg.MessageText), &sample); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			if err := w.applySampleTotals(ctx, &sample); err != nil {
				log.Printf("change: %v", err)
				continue
			}
			if sample.Level > 100 {
				log.Printf("large sample %s", sample.ID)
				if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
					log.Printf("delete: %v", err)
					continue
				}
				continue
			}
			if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// changeSampleTotals keeps the totals up to date.
func (w *SampleWorker) changeSampleTotals(ctx context.Context, sample *sampleMessage) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": sample.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveSample(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	name := "totals/" + sample.ID
	var totals sampleTotals
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "samples", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return err
		}
		etag = got.ETag
	}
	if sample.Level > totals.Highest {
		totals.Highest = sample.Level
	}
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "samples", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

func haveSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type sampleTotals struct {
	Highest int `json:"highest"`
}

// applySampleTotals takes one sample further.
func (w *SampleWorker) applySampleTotals(ctx context.Context, sample *sampleMessage) error {
	if sample.ID == "" {
		return errors.New("sample without id")
	}
	if err := w.changeSampleTotals(ctx, sample); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=2 methods layout=handle wait wait.place=func wait.seconds=20

type badgeEvent struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// BadgeWorker works on badges.
type BadgeWorker struct {
	queue *azqueue.QueueClient
}

// NewBadgeWorker makes one.
func NewBadgeWorker(queue *azqueue.QueueClient) *BadgeWorker {
	return &BadgeWorker{
		queue: queue,
	}
}

// Run receives badges and does what they ask for.
func (w *BadgeWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleBadge(ctx, msg); err != nil {
			return fmt.Errorf("badge: %w", err)
		}
	}
	return nil
}

// handleBadge handles one badge.
func (w *BadgeWorker) handleBadge(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var badge badgeEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
		return err
	}
	if err := w.coolBadgeTotals(ctx, badge); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// coolBadgeTotals gives other systems some time.
func (w *BadgeWorker) coolBadgeTotals(ctx context.Context, badge badgeEvent) error {
	time.Sleep(20 * time.Second)
	return nil
}

// plan: methods deleteerror=log create create.conflict=done

type uploadEvent struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Bytes  int    `json:"bytes"`
}

// UploadWorker works on uploads.
type UploadWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewUploadWorker makes one.
func NewUploadWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *UploadWorker {
	return &UploadWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives uploads and does what they ask for.
func (w *UploadWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var upload uploadEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &upload); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	body, err := json.Marshal(map[string]any{
		"id":     upload.ID,
		"tenant": upload.Tenant,
		"bytes":  upload.Bytes,
	})
	if err != nil {
		return err
	}
	_, refused := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", upload.ID), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
		return nil
	}
	if refused != nil {
		return refused
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// plan: lease=60 forever layout=work create create.key=group create.content=digest create.place=closure create.via=iface put put.key=fresh put.via=iface put.large

type reviewEvent struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// RunReviews receives reviews and does what they ask for.
func RunReviews(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	boardStore := &reviewBoardBlobs{client: blobs}
	totalsStore := &reviewTotalsBlobs{client: blobs}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(5 * time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := processReview(ctx, boardStore, totalsStore, *msg.MessageText); err != nil {
			log.Printf("review: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processReview does what one review asks for.
func processReview(ctx context.Context, boardStore reviewBoardStore, totalsStore reviewTotalsStore, text string) error {
	var review reviewEvent
	if err := json.Unmarshal([]byte(text), &review); err != nil {
		return err
	}
	attempt := func() error {
		sum := sha256.Sum256([]byte(review.Product + review.ID))
		body, err := json.Marshal(reviewTotals{
			Digest: hex.EncodeToString(sum[:]),
			Stars:  review.Stars,
		})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if err := totalsStore.CreateReview(ctx, path.Join("totals", review.Product), body); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		return nil
	}
	if err := attempt(); err != nil {
		return err
	}
	if review.Stars > 100 {
		name := fmt.Sprintf("board/%s.json", uuid.New().String())
		body, err := json.Marshal(review)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if err := boardStore.PutReview(ctx, name, body); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

type reviewTotals struct {
	Digest string `json:"digest"`
	Stars  int    `json:"stars"`
}

// reviewTotalsStore keeps them.
type reviewTotalsStore interface {
	CreateReview(ctx context.Context, name string, body []byte) error
}

type reviewTotalsBlobs struct {
	client *azblob.Client
}

func (b *reviewTotalsBlobs) CreateReview(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// reviewBoardStore keeps them.
type reviewBoardStore interface {
	PutReview(ctx context.Context, name string, body []byte) error
}

type reviewBoardBlobs struct {
	client *azblob.Client
}

func (b *reviewBoardBlobs) PutReview(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=60 layout=work deleteerror=drop change change.change=include change.retries=2 change.absent change.stamp change.place=deep change change.row change.change=include change.guard=older change.retries=2 change.absent change.place=func change.via=funcs

type lectureTask struct {
	ID     string `json:"id"`
	Course string `json:"course"`
	Seq    int    `json:"seq"`
}

// RunLectures receives lectures and does what they ask for.
func RunLectures(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processLecture(ctx, blobs, table, *msg.MessageText); err != nil {
		return err
	}
	_, _ = queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// processLecture does what one lecture asks for.
func processLecture(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var lecture lectureTask
	if err := json.Unmarshal([]byte(text), &lecture); err != nil {
		return err
	}
	if err := applyLectureTotals(ctx, blobs, &lecture); err != nil {
		return err
	}
	if err := mergeLectureBoard(ctx, table, lecture); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

// updateLectureTotals keeps the totals up to date.
func updateLectureTotals(ctx context.Context, blobs *azblob.Client, lecture *lectureTask) error {
	name := fmt.Sprintf("totals/%s.json", lecture.ID)
	for try := 0; try < 3; try++ {
		var totals lectureTotals
		var etag *azcore.ETag
		got, err := blobs.DownloadStream(ctx, "lectures-totals", name, nil)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			return err
		}
		if err == nil {
			if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
				return err
			}
			etag = got.ETag
		}
		if !slices.Contains(totals.Members, lecture.ID) {
			totals.Members = append(totals.Members, lecture.ID)
		}
		totals.At = time.Now().UTC()
		body, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := blobs.UploadBuffer(ctx, "lectures-totals", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
		})
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type lectureTotals struct {
	Members []string  `json:"members"`
	At      time.Time `json:"at"`
}

// applyLectureTotals takes one lecture further.
func applyLectureTotals(ctx context.Context, blobs *azblob.Client, lecture *lectureTask) error {
	if lecture.ID == "" {
		return errors.New("lecture without id")
	}
	if err := updateLectureTotals(ctx, blobs, lecture); err != nil {
		return err
	}
	return nil
}

// mergeLectureBoard keeps the board up to date.
func mergeLectureBoard(ctx context.Context, table *aztables.Client, lecture lectureTask) error {
	for range 3 {
		board, etag, err := loadLectureBoard(ctx, table, "board", lecture.ID)
		if err != nil {
			return err
		}
		if lecture.Seq <= board.Seq {
			return nil
		}
		if !slices.Contains(board.Lectures, lecture.ID) {
			board.Lectures = append(board.Lectures, lecture.ID)
		}
		board.Seq = lecture.Seq
		refused := saveLectureBoard(ctx, table, "board", lecture.ID, board, etag)
		if refused == nil {
			return nil
		}
		if !(staleLecture(refused) || haveLecture(refused)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type lectureBoardRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type lectureBoard struct {
	Lectures []string `json:"lectures"`
	Seq      int      `json:"seq"`
}

// loadLectureBoard reads the board.
func loadLectureBoard(ctx context.Context, table *aztables.Client, partition, row string) (value lectureBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoLecture(err) {
		return value, version, err
	}
	if err == nil {
		var row lectureBoardRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return value, version, err
		}
		if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
			return value, version, err
		}
		etag = &got.ETag
	}
	return value, etag, nil
}

func isNoLecture(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveLectureBoard writes the board.
func saveLectureBoard(ctx context.Context, table *aztables.Client, partition, row string, value lectureBoard, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(lectureBoardRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putLectureRow(ctx, table, body, version); err != nil {
		return err
	}
	return nil
}

// putLectureRow adds a row where there was none, and otherwise replaces what was read.
func putLectureRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleLecture(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveLecture(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 layout=work put put.place=func

type shiftMessage struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// RunShifts receives shifts and does what they ask for.
func RunShifts(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processShift(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processShift does what one shift asks for.
func processShift(ctx context.Context, blobs *azblob.Client, text string) error {
	var shift shiftMessage
	if err := json.Unmarshal([]byte(text), &shift); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := publishShiftTotals(ctx, blobs, &shift); err != nil {
		return err
	}
	return nil
}

// publishShiftTotals keeps the totals up to date.
func publishShiftTotals(ctx context.Context, blobs *azblob.Client, shift *shiftMessage) error {
	name := fmt.Sprintf("totals/%s.json", shift.ID)
	body, err := json.Marshal(shift)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "shifts-totals", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 forever layout=work look look.key=group look.place=func look.onerror=retry wait wait.place=func wait.seconds=5 put put.key=group put.content=beat put.place=func put.via=funcs

type crateTask struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// RunCrates receives crates and does what they ask for.
func RunCrates(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := processCrate(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("crate: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processCrate does what one crate asks for.
func processCrate(ctx context.Context, blobs *azblob.Client, text string) error {
	var crate crateTask
	if err := json.Unmarshal([]byte(text), &crate); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = inspectCrateTotals(ctx, blobs, crate); failure == nil {
			break
		}
	}
	if failure != nil {
		return failure
	}
	if err := settleCrateBoard(ctx, &crate); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if err := publishCrateProfile(ctx, blobs, &crate); err != nil {
		return err
	}
	return nil
}

// inspectCrateTotals looks at the settings.
func inspectCrateTotals(ctx context.Context, blobs *azblob.Client, crate crateTask) error {
	settings, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(settings.Body)
	if err != nil {
		return err
	}
	log.Printf("settings of %d bytes", len(text))
	return nil
}

// settleCrateBoard gives other systems some time.
func settleCrateBoard(ctx context.Context, crate *crateTask) error {
	time.Sleep(5 * time.Second)
	return nil
}

// publishCrateProfile keeps the profile up to date.
func publishCrateProfile(ctx context.Context, blobs *azblob.Client, crate *crateTask) error {
	name := fmt.Sprintf("profile/%s.json", crate.Warehouse)
	body, err := json.Marshal(crateProfile{
		SeenAt: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := saveCrateProfile(ctx, blobs, name, body); err != nil {
		return err
	}
	return nil
}

type crateProfile struct {
	SeenAt time.Time `json:"seenat"`
}

// saveCrateProfile writes the profile.
func saveCrateProfile(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadStream(ctx, "crates", name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

// plan: batch=2 forever methods layout=work renew change change.row change.key=group change.change=count change.absent change.place=func change.via=generic

type mealMessage struct {
	ID       string `json:"id"`
	Kitchen  string `json:"kitchen"`
	Portions int    `json:"portions"`
}

// MealWorker works on meals.
type MealWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewMealWorker makes one.
func NewMealWorker(queue *azqueue.QueueClient, table *aztables.Client) *MealWorker {
	return &MealWorker{
		queue: queue,
		table: table,
	}
}

// Run receives meals and does what they ask for.
func (w *MealWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(5 * time.Second)
			continue
		}
		for _, msg := range resp.Messages {
			release := w.keepMeal(ctx, msg)
			err = w.processMeal(ctx, *msg.MessageText)
			receipt := release()
			if err != nil {
				log.Printf("meal: %v", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// processMeal does what one meal asks for.
func (w *MealWorker) processMeal(ctx context.Context, text string) error {
	var meal mealMessage
	if err := json.Unmarshal([]byte(text), &meal); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.mergeMealTotals(ctx, &meal); err != nil {
		return err
	}
	return nil
}

// mergeMealTotals keeps the totals up to date.
func (w *MealWorker) mergeMealTotals(ctx context.Context, meal *mealMessage) error {
	totals, etag, err := loadMealRowIfThere[mealTotals](ctx, w.table, "totals", meal.Kitchen)
	if err != nil {
		return err
	}
	totals.Meals++
	totals.PartitionKey, totals.RowKey = "totals", meal.Kitchen
	if err := saveMealRowIfThere(ctx, w.table, totals, etag); err != nil {
		return err
	}
	return nil
}

type mealTotals struct {
	PartitionKey string
	RowKey       string
	Meals        int
}

// loadMealRowIfThere reads a value.
func loadMealRowIfThere[T any](ctx context.Context, table *aztables.Client, partition, row string) (value T, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoMeal(err) {
		return value, version, err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &value); err != nil {
			return value, version, fmt.Errorf("decode: %w", err)
		}
		etag = &got.ETag
	}
	return value, etag, nil
}

func isNoMeal(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveMealRowIfThere writes a value.
func saveMealRowIfThere[T any](ctx context.Context, table *aztables.Client, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := putMealRow(ctx, table, body, version); err != nil {
		return err
	}
	return nil
}

// putMealRow adds a row where there was none, and otherwise replaces what was read.
func putMealRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// keepMeal renews the lease of a message until release is called, which returns the last receipt.
func (w *MealWorker) keepMeal(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
	ctx, cancel := context.WithCancel(ctx)
	receipt := *msg.PopReceipt
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			renewed, err := w.queue.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
			if err != nil {
				log.Printf("renew %s: %v", *msg.MessageID, err)
				return
			}
			receipt = *renewed.PopReceipt
		}
	}()
	return func() string {
		cancel()
		<-stopped
		return receipt
	}
}

// plan: forever layout=work change change.row change.change=grow change.guard=applied change.absent change.place=deep change.via=funcs

type letterEvent struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// RunLetters receives letters and does what they ask for.
func RunLetters(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, nil)
		if err != nil {
			log.Printf("receive: %v", err)
			time.Sleep(time.Second)
			continue
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		msg := resp.Messages[0]
		if err := processLetter(ctx, table, *msg.MessageText); err != nil {
			log.Printf("letter: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processLetter does what one letter asks for.
func processLetter(ctx context.Context, table *aztables.Client, text string) error {
	var letter letterEvent
	if err := json.Unmarshal([]byte(text), &letter); err != nil {
		return err
	}
	if err := applyLetterTotals(ctx, table, letter); err != nil {
		return err
	}
	return nil
}

// updateLetterTotals keeps the totals up to date.
func updateLetterTotals(ctx context.Context, table *aztables.Client, letter letterEvent) error {
	totals, etag, err := loadLetterTotals(ctx, table, "totals", letter.ID)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if slices.Contains(totals.Applied, letter.ID) {
		return nil
	}
	totals.Notes += letter.ID + "\n"
	totals.Applied = append(totals.Applied, letter.ID)
	if err := saveLetterTotals(ctx, table, "totals", letter.ID, totals, etag); err != nil {
		return err
	}
	return nil
}

type letterTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type letterTotals struct {
	Notes   string   `json:"notes"`
	Applied []string `json:"applied"`
}

// loadLetterTotals reads the totals.
func loadLetterTotals(ctx context.Context, table *aztables.Client, partition, row string) (value letterTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoLetter(err) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row letterTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return value, version, err
		}
		if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
			return value, version, err
		}
		etag = &got.ETag
	}
	return value, etag, nil
}

func isNoLetter(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveLetterTotals writes the totals.
func saveLetterTotals(ctx context.Context, table *aztables.Client, partition, row string, value letterTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(letterTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putLetterRow(ctx, table, body, version); err != nil {
		return err
	}
	return nil
}

// putLetterRow adds a row where there was none, and otherwise replaces what was read.
func putLetterRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// applyLetterTotals takes one letter further.
func applyLetterTotals(ctx context.Context, table *aztables.Client, letter letterEvent) error {
	if letter.ID == "" {
		return errors.New("letter without id")
	}
	if err := updateLetterTotals(ctx, table, letter); err != nil {
		return err
	}
	return nil
}
