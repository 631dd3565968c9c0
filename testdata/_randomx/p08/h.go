package p08

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

// plan: lease=30 batch=4 methods deleteerror=log create create.row create.key=group create.content=stamp create.place=closure create.via=generic

type invoiceTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Amount  int    `json:"amount"`
}

// InvoiceWorker works on invoices.
type InvoiceWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewInvoiceWorker makes one.
func NewInvoiceWorker(queue *azqueue.QueueClient, table *aztables.Client) *InvoiceWorker {
	return &InvoiceWorker{
		queue: queue,
		table: table,
	}
}

// Run receives invoices and does what they ask for.
func (w *InvoiceWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var invoice invoiceTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &invoice); err != nil {
			return err
		}
		apply := func() error {
			if err := createInvoiceRow(ctx, w.table, invoiceTotals{
				PartitionKey: "totals",
				RowKey:       invoice.Account,
				ID:           invoice.ID,
				Account:      invoice.Account,
				Amount:       invoice.Amount,
				WrittenAt:    time.Now().UTC(),
			}); err != nil && !haveInvoice(err) {
				return err
			}
			return nil
		}
		if err := apply(); err != nil {
			return err
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// createInvoiceRow encodes a value and writes it.
func createInvoiceRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type invoiceTotals struct {
	PartitionKey string
	RowKey       string
	ID           string
	Account      string
	Amount       int
	WrittenAt    time.Time
}

func haveInvoice(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 methods layout=work change change.row change.key=group change.match=wildcard change.stamp change.place=func change.via=iface

type bookingEvent struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Nights int    `json:"nights"`
}

// BookingWorker works on bookings.
type BookingWorker struct {
	queue       *azqueue.QueueClient
	totalsStore bookingTotalsStore
}

// NewBookingWorker makes one.
func NewBookingWorker(queue *azqueue.QueueClient, table *aztables.Client) *BookingWorker {
	return &BookingWorker{
		queue:       queue,
		totalsStore: &bookingTotalsTable{client: table},
	}
}

// Run receives bookings and does what they ask for.
func (w *BookingWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processBooking(ctx, *msg.MessageText); err != nil {
		return fmt.Errorf("booking: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processBooking does what one booking asks for.
func (w *BookingWorker) processBooking(ctx context.Context, text string) error {
	var booking bookingEvent
	if err := json.Unmarshal([]byte(text), &booking); err != nil {
		return err
	}
	if err := w.changeBookingTotals(ctx, booking); err != nil {
		return err
	}
	return nil
}

// changeBookingTotals keeps the totals up to date.
func (w *BookingWorker) changeBookingTotals(ctx context.Context, booking bookingEvent) error {
	totals, err := w.totalsStore.LoadBooking(ctx, "totals", booking.Room)
	if err != nil {
		return err
	}
	totals.Highest = max(totals.Highest, booking.Nights)
	totals.At = time.Now().UTC()
	if err := w.totalsStore.SaveBooking(ctx, "totals", booking.Room, totals); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type bookingTotals struct {
	PartitionKey string
	RowKey       string
	Highest      int
	At           time.Time
}

// bookingTotalsStore keeps them.
type bookingTotalsStore interface {
	LoadBooking(ctx context.Context, partition, row string) (value bookingTotals, err error)
	SaveBooking(ctx context.Context, partition, row string, value bookingTotals) error
}

type bookingTotalsTable struct {
	client *aztables.Client
}

func (b *bookingTotalsTable) LoadBooking(ctx context.Context, partition, row string) (value bookingTotals, err error) {
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return value, err
	}
	return value, nil
}

func (b *bookingTotalsTable) SaveBooking(ctx context.Context, partition, row string, value bookingTotals) error {
	value.PartitionKey, value.RowKey = partition, row
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 batch=4 methods layout=work change change.row change.key=single change.change=include change.guard=after change.absent change.place=func change.via=iface

type readingMessage struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// ReadingWorker works on readings.
type ReadingWorker struct {
	queue       *azqueue.QueueClient
	table       *aztables.Client
	totalsStore readingTotalsStore
}

// NewReadingWorker makes one.
func NewReadingWorker(queue *azqueue.QueueClient, table *aztables.Client) *ReadingWorker {
	return &ReadingWorker{
		queue:       queue,
		table:       table,
		totalsStore: &readingTotalsTable{client: table},
	}
}

// Run receives readings and does what they ask for.
func (w *ReadingWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processReading(ctx, *msg.MessageText); err != nil {
			log.Printf("reading: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// processReading does what one reading asks for.
func (w *ReadingWorker) processReading(ctx context.Context, text string) error {
	var reading readingMessage
	if err := json.Unmarshal([]byte(text), &reading); err != nil {
		return err
	}
	if err := w.updateReadingTotals(ctx, &reading); err != nil {
		return err
	}
	return nil
}

// updateReadingTotals keeps the totals up to date.
func (w *ReadingWorker) updateReadingTotals(ctx context.Context, reading *readingMessage) error {
	_, err := w.table.GetEntity(ctx, "done-totals", reading.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoReading(err) {
		return err
	}
	totals, etag, err := w.totalsStore.LoadReading(ctx, "totals", "current")
	if err != nil {
		return err
	}
	if !slices.Contains(totals.Members, reading.ID) {
		totals.Members = append(totals.Members, reading.ID)
	}
	if err := w.totalsStore.SaveReading(ctx, "totals", "current", totals, etag); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": reading.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoReading(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type readingTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type readingTotals struct {
	Members []string
}

// readingTotalsStore keeps them.
type readingTotalsStore interface {
	LoadReading(ctx context.Context, partition, row string) (value readingTotals, version *azcore.ETag, err error)
	SaveReading(ctx context.Context, partition, row string, value readingTotals, version *azcore.ETag) error
}

type readingTotalsTable struct {
	client *aztables.Client
}

func (b *readingTotalsTable) LoadReading(ctx context.Context, partition, row string) (value readingTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoReading(err) {
		return value, version, err
	}
	if err == nil {
		var row readingTotalsRow
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

// putReadingRow adds a row where there was none, and otherwise replaces what was read.
func putReadingRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func (b *readingTotalsTable) SaveReading(ctx context.Context, partition, row string, value readingTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(readingTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putReadingRow(ctx, b.client, body, version); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=handle delete=arms change change.change=include change.guard=older change.absent change.stamp change.place=func put put.content=text put.via=funcs put.large

type voteEvent struct {
	ID   string `json:"id"`
	Poll string `json:"poll"`
	Seq  int    `json:"seq"`
}

// VoteWorker works on votes.
type VoteWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewVoteWorker makes one.
func NewVoteWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *VoteWorker {
	return &VoteWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives votes and does what they ask for.
func (w *VoteWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleVote(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleVote handles one vote.
func (w *VoteWorker) handleVote(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var vote voteEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return err
	}
	if err := w.updateVoteTotals(ctx, vote); err != nil {
		return err
	}
	if vote.Seq > 100 {
		log.Printf("large vote %s", vote.ID)
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if vote.Seq > 100 {
		body := []byte(fmt.Sprintf("%s: %d", vote.Poll, vote.Seq))
		if err := w.saveVoteBoard(ctx, "board/"+vote.ID+".json", body); err != nil {
			return err
		}
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateVoteTotals keeps the totals up to date.
func (w *VoteWorker) updateVoteTotals(ctx context.Context, vote voteEvent) error {
	name := "totals/" + vote.ID
	var totals voteTotals
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "votes", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return err
		}
		etag = got.ETag
	}
	if vote.Seq <= totals.Seq {
		return nil
	}
	if !slices.Contains(totals.Items, vote.ID) {
		totals.Items = append(totals.Items, vote.ID)
	}
	totals.Seq = vote.Seq
	totals.UpdatedAt = time.Now().UTC()
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "votes", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type voteTotals struct {
	Items     []string  `json:"items"`
	Seq       int       `json:"seq"`
	UpdatedAt time.Time `json:"updatedat"`
}

// saveVoteBoard writes the board.
func (w *VoteWorker) saveVoteBoard(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadStream(ctx, "votes", name, bytes.NewReader(body), &azblob.UploadStreamOptions{}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=2 layout=work deleteerror=log put put.key=single put.content=stamp put.place=func

type refundEvent struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RunRefunds receives refunds and does what they ask for.
func RunRefunds(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := processRefund(ctx, blobs, *msg.MessageText); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processRefund does what one refund asks for.
func processRefund(ctx context.Context, blobs *azblob.Client, text string) error {
	var refund refundEvent
	if err := json.Unmarshal([]byte(text), &refund); err != nil {
		return err
	}
	if err := storeRefundTotals(ctx, blobs, &refund); err != nil {
		return err
	}
	return nil
}

// storeRefundTotals keeps the totals up to date.
func storeRefundTotals(ctx context.Context, blobs *azblob.Client, refund *refundEvent) error {
	body, err := json.Marshal(map[string]any{
		"id":        refund.ID,
		"merchant":  refund.Merchant,
		"cents":     refund.Cents,
		"updatedat": time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", "totals.json", body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 layout=handle deleteerror=log create create.row create.content=mixed create.conflict=error create.place=func create.via=iface change change.row change.key=group change.change=include change.match=wildcard change.place=closure change.large

type paymentEvent struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
}

// RunPayments receives payments and does what they ask for.
func RunPayments(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	totalsStore := &paymentTotalsTable{client: table}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handlePayment(ctx, queue, blobs, table, totalsStore, msg); err != nil {
		return fmt.Errorf("payment: %w", err)
	}
	return nil
}

// handlePayment handles one payment.
func handlePayment(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, totalsStore paymentTotalsStore, msg *azqueue.DequeuedMessage) error {
	var payment paymentEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &payment); err != nil {
		return err
	}
	if err := openPaymentTotals(ctx, blobs, totalsStore, payment); err != nil {
		return err
	}
	if payment.Pence > 100 {
		apply := func() error {
			var board paymentBoard
			got, err := table.GetEntity(ctx, "board", payment.Wallet, nil)
			if err != nil {
				return err
			}
			var row paymentBoardRow
			if err := json.Unmarshal(got.Value, &row); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(row.Data), &board); err != nil {
				return err
			}
			if !slices.Contains(board.Payments, payment.ID) {
				board.Payments = append(board.Payments, payment.ID)
			}
			data, err := json.Marshal(board)
			if err != nil {
				return err
			}
			body, err := json.Marshal(paymentBoardRow{PartitionKey: "board", RowKey: payment.Wallet, Data: string(data)})
			if err != nil {
				return err
			}
			if _, err := table.UpdateEntity(ctx, body, nil); err != nil {
				return err
			}
			return nil
		}
		if err := apply(); err != nil {
			return err
		}
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// openPaymentTotals keeps the totals up to date.
func openPaymentTotals(ctx context.Context, blobs *azblob.Client, totalsStore paymentTotalsStore, payment paymentEvent) error {
	current, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: payment.ID},
		Properties: map[string]any{
			"ID":     payment.ID,
			"Wallet": payment.Wallet,
			"Pence":  payment.Pence,
			"Rate":   settings.Rate,
		},
	})
	if err != nil {
		return err
	}
	if err := totalsStore.CreatePayment(ctx, body); err != nil {
		return err
	}
	return nil
}

// paymentTotalsStore keeps them.
type paymentTotalsStore interface {
	CreatePayment(ctx context.Context, body []byte) error
}

type paymentTotalsTable struct {
	client *aztables.Client
}

func (b *paymentTotalsTable) CreatePayment(ctx context.Context, body []byte) error {
	if _, err := b.client.AddEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

func havePayment(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type paymentBoardRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type paymentBoard struct {
	Payments []string `json:"payments"`
}

// plan: methods layout=handle deleteerror=drop change change.key=single change.guard=applied change.match=wildcard change.place=closure change.via=swap change change.key=group change.change=entry change.guard=before change.match=none change.absent change.stamp change.place=deep wait wait.seconds=5

type photoEvent struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
}

// PhotoWorker works on photos.
type PhotoWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewPhotoWorker makes one.
func NewPhotoWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *PhotoWorker {
	return &PhotoWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives photos and does what they ask for.
func (w *PhotoWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handlePhoto(ctx, msg); err != nil {
		return fmt.Errorf("photo: %w", err)
	}
	return nil
}

// handlePhoto handles one photo.
func (w *PhotoWorker) handlePhoto(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var photo photoEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &photo); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	attempt := func() error {
		if err := updatePhotoExisting(ctx, w.blobs, "archive", "totals.json", func(totals *photoTotals) bool {
			if slices.Contains(totals.Done, photo.ID) {
				return false
			}
			totals.Highest = max(totals.Highest, photo.Pixels)
			totals.Done = append(totals.Done, photo.ID)
			return true
		}); err != nil {
			return err
		}
		return nil
	}
	if err := attempt(); err != nil {
		return err
	}
	if err := w.applyPhotoBoard(ctx, photo); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
	}
	w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

type photoTotals struct {
	Highest int      `json:"highest"`
	Done    []string `json:"done"`
}

// updatePhotoExisting changes a value; change returns false to leave it as it is.
func updatePhotoExisting[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	var value T
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// updatePhotoBoard keeps the board up to date.
func (w *PhotoWorker) updatePhotoBoard(ctx context.Context, photo photoEvent) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": photo.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if havePhoto(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	name := fmt.Sprintf("board/%s.json", photo.Album)
	var board photoBoard
	got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
	}
	if board.Amounts == nil {
		board.Amounts = map[string]int{}
	}
	board.Amounts[photo.ID] = photo.Pixels
	board.At = time.Now().UTC()
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func havePhoto(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type photoBoard struct {
	Amounts map[string]int `json:"amounts"`
	At      time.Time      `json:"at"`
}

// applyPhotoBoard takes one photo further.
func (w *PhotoWorker) applyPhotoBoard(ctx context.Context, photo photoEvent) error {
	if photo.ID == "" {
		return errors.New("photo without id")
	}
	if err := w.updatePhotoBoard(ctx, photo); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// plan: lease=60 layout=handle delete=arms change change.row change.change=entry change.retries=4 change.absent change.stamp change.place=func

type articleMessage struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// RunArticles receives articles and does what they ask for.
func RunArticles(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleArticle(ctx, queue, table, msg); err != nil {
		return err
	}
	return nil
}

// handleArticle handles one article.
func handleArticle(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var article articleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
		return err
	}
	if err := changeArticleTotals(ctx, table, &article); err != nil {
		return err
	}
	if article.Words > 100 {
		log.Printf("large article %s", article.ID)
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

// changeArticleTotals keeps the totals up to date.
func changeArticleTotals(ctx context.Context, table *aztables.Client, article *articleMessage) error {
	for try := 0; try < 5; try++ {
		var totals articleTotals
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, article.Section, "totals-"+article.ID, nil)
		if err != nil && !isNoArticle(err) {
			return err
		}
		if err == nil {
			var row articleTotalsRow
			if err := json.Unmarshal(got.Value, &row); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
				return err
			}
			etag = &got.ETag
		}
		if totals.Entries == nil {
			totals.Entries = map[string]int{}
		}
		totals.Entries[article.ID] = article.Words
		totals.At = time.Now().UTC()
		data, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		body, err := json.Marshal(articleTotalsRow{PartitionKey: article.Section, RowKey: "totals-" + article.ID, Data: string(data)})
		if err != nil {
			return err
		}
		refused := putArticleRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleArticle(refused) || haveArticle(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type articleTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type articleTotals struct {
	Entries map[string]int
	At      time.Time
}

func isNoArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putArticleRow adds a row where there was none, and otherwise replaces what was read.
func putArticleRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 batch=16 methods delete=forgotten change change.absent change.place=func

type visitMessage struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// VisitWorker works on visits.
type VisitWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewVisitWorker makes one.
func NewVisitWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *VisitWorker {
	return &VisitWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives visits and does what they ask for.
func (w *VisitWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var visit visitMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := w.updateVisitTotals(ctx, visit); err != nil {
			return fmt.Errorf("update: %w", err)
		}
		if visit.Seconds > 100 {
			log.Printf("large visit %s", visit.ID)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

// updateVisitTotals keeps the totals up to date.
func (w *VisitWorker) updateVisitTotals(ctx context.Context, visit visitMessage) error {
	var totals visitTotals
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+visit.ID+".json", nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	totals.Peak = max(totals.Peak, visit.Seconds)
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadStream(ctx, "data", "totals/"+visit.ID+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type visitTotals struct {
	Peak int
}

// plan: methods layout=handle delete=first create create.key=group create.content=digest create.conflict=done

type scoreMessage struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleScore(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleScore handles one score.
func (w *ScoreWorker) handleScore(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var score scoreMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	name := fmt.Sprintf("totals/%s.json", score.Player)
	sum := sha256.Sum256([]byte(score.Player + score.ID))
	body, err := json.Marshal(scoreTotals{
		Digest: hex.EncodeToString(sum[:]),
		Points: score.Points,
	})
	if err != nil {
		return err
	}
	_, refused := w.blobs.UploadBuffer(ctx, "scores-totals", name, body, &azblob.UploadBufferOptions{
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

type scoreTotals struct {
	Digest string `json:"digest"`
	Points int    `json:"points"`
}

// plan: lease=60 methods layout=work delete=first wait wait.place=func wait.seconds=65

type tripTask struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// TripWorker works on trips.
type TripWorker struct {
	queue *azqueue.QueueClient
}

// NewTripWorker makes one.
func NewTripWorker(queue *azqueue.QueueClient) *TripWorker {
	return &TripWorker{
		queue: queue,
	}
}

// Run receives trips and does what they ask for.
func (w *TripWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if err := w.processTrip(ctx, *msg.MessageText); err != nil {
		return fmt.Errorf("trip: %w", err)
	}
	return nil
}

// processTrip does what one trip asks for.
func (w *TripWorker) processTrip(ctx context.Context, text string) error {
	var trip tripTask
	if err := json.Unmarshal([]byte(text), &trip); err != nil {
		return err
	}
	if err := w.settleTripTotals(ctx, trip); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

// settleTripTotals gives other systems some time.
func (w *TripWorker) settleTripTotals(ctx context.Context, trip tripTask) error {
	time.Sleep(65 * time.Second)
	return nil
}

// plan: lease=120 change change.row change.key=group change.change=entry change.match=none change.absent change.stamp

type donationMessage struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// RunDonations receives donations and does what they ask for.
func RunDonations(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var donation donationMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &donation); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var totals donationTotals
	got, err := table.GetEntity(ctx, "totals", donation.Campaign, nil)
	if err != nil && !isNoDonation(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row donationTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
	}
	if totals.Amounts == nil {
		totals.Amounts = map[string]int{}
	}
	totals.Amounts[donation.ID] = donation.Cents
	totals.At = time.Now().UTC()
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	body, err := json.Marshal(donationTotalsRow{PartitionKey: "totals", RowKey: donation.Campaign, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type donationTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type donationTotals struct {
	Amounts map[string]int
	At      time.Time
}

func isNoDonation(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// plan: lease=120 methods layout=handle deleteerror=log change change.key=group change.retries=2 change.absent change.place=closure change.onerror=log

type depositMessage struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// DepositWorker works on deposits.
type DepositWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewDepositWorker makes one.
func NewDepositWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *DepositWorker {
	return &DepositWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives deposits and does what they ask for.
func (w *DepositWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleDeposit(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleDeposit handles one deposit.
func (w *DepositWorker) handleDeposit(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var deposit depositMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	apply := func() error {
		name := "totals/" + deposit.Account
		for try := 0; try < 3; try++ {
			var totals depositTotals
			var etag *azcore.ETag
			got, err := w.blobs.DownloadStream(ctx, "deposits", name, nil)
			if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
				return err
			}
			if err == nil {
				if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
					return fmt.Errorf("decode: %w", err)
				}
				etag = got.ETag
			}
			if deposit.Cents > totals.Highest {
				totals.Highest = deposit.Cents
			}
			body, err := json.Marshal(totals)
			if err != nil {
				return err
			}
			only := &blob.ModifiedAccessConditions{IfMatch: etag}
			if etag == nil {
				only.IfNoneMatch = to.Ptr(azcore.ETagAny)
			}
			_, refused := w.blobs.UploadBuffer(ctx, "deposits", name, body, &azblob.UploadBufferOptions{
				AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
			})
			if refused == nil {
				return nil
			}
			if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
				return fmt.Errorf("write: %w", refused)
			}
		}
		return errors.New("totals keep changing")
	}
	if err := apply(); err != nil {
		log.Printf("update %s: %v", deposit.ID, err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

type depositTotals struct {
	Highest int `json:"highest"`
}

// plan: lease=120 batch=16 forever methods layout=work wait wait.place=deep wait.seconds=125 wait wait.seconds=20 put put.content=beat put.place=func put.via=funcs create create.key=group create.conflict=done

type saleMessage struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// SaleWorker works on sales.
type SaleWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewSaleWorker makes one.
func NewSaleWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *SaleWorker {
	return &SaleWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives sales and does what they ask for.
func (w *SaleWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
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
			if err := w.processSale(ctx, *msg.MessageText); err != nil {
				log.Printf("sale: %v", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// processSale does what one sale asks for.
func (w *SaleWorker) processSale(ctx context.Context, text string) error {
	var sale saleMessage
	if err := json.Unmarshal([]byte(text), &sale); err != nil {
		return err
	}
	if err := w.applySaleTotals(ctx, sale); err != nil {
		return err
	}
	time.Sleep(20 * time.Second)
	if err := w.saveSaleProfile(ctx, sale); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	name := "ledger/" + sale.Shop
	body, err := json.Marshal(sale)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, refused := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
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

// pauseSaleTotals gives other systems some time.
func (w *SaleWorker) pauseSaleTotals(ctx context.Context, sale saleMessage) error {
	time.Sleep(125 * time.Second)
	return nil
}

// applySaleTotals takes one sale further.
func (w *SaleWorker) applySaleTotals(ctx context.Context, sale saleMessage) error {
	return w.pauseSaleTotals(ctx, sale)
}

// saveSaleProfile keeps the profile up to date.
func (w *SaleWorker) saveSaleProfile(ctx context.Context, sale saleMessage) error {
	body, err := json.Marshal(saleProfile{
		At: time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.saveSaleProfile(ctx, "profile/"+sale.ID+".json", body); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

type saleProfile struct {
	At time.Time
}

// saveSaleProfile writes the profile.
func (w *SaleWorker) saveSaleProfile(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 layout=handle deleteerror=log wait wait.place=func wait.seconds=20

type rentalMessage struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RunRentals receives rentals and does what they ask for.
func RunRentals(ctx context.Context, queue *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleRental(ctx, queue, msg); err != nil {
		return err
	}
	return nil
}

// handleRental handles one rental.
func handleRental(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) error {
	var rental rentalMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &rental); err != nil {
		return err
	}
	if err := coolRentalTotals(ctx, &rental); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// coolRentalTotals gives other systems some time.
func coolRentalTotals(ctx context.Context, rental *rentalMessage) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", ctx.Err())
	case <-time.After(20 * time.Second):
	}
	return nil
}

// plan: lease=120 forever layout=work change change.row change.key=group change.change=entry change.retries=4 change.place=func

type sampleEvent struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// RunSamples receives samples and does what they ask for.
func RunSamples(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		if err := processSample(ctx, table, *msg.MessageText); err != nil {
			log.Printf("sample: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processSample does what one sample asks for.
func processSample(ctx context.Context, table *aztables.Client, text string) error {
	var sample sampleEvent
	if err := json.Unmarshal([]byte(text), &sample); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := updateSampleTotals(ctx, table, &sample); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// updateSampleTotals keeps the totals up to date.
func updateSampleTotals(ctx context.Context, table *aztables.Client, sample *sampleEvent) error {
	for range 5 {
		var totals sampleTotals
		got, err := table.GetEntity(ctx, "totals", sample.Sensor, nil)
		if err != nil {
			return err
		}
		var row sampleTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if totals.ByID == nil {
			totals.ByID = map[string]int{}
		}
		totals.ByID[sample.ID] = sample.Level
		data, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		body, err := json.Marshal(sampleTotalsRow{PartitionKey: "totals", RowKey: sample.Sensor, Data: string(data)})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		_, refused := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace})
		if refused == nil {
			return nil
		}
		if !(staleSample(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type sampleTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type sampleTotals struct {
	ByID map[string]int
}

func staleSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// plan: lease=60 put put.row put.key=group put.content=stamp put.place=func put.via=generic

type badgeMessage struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// RunBadges receives badges and does what they ask for.
func RunBadges(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var badge badgeMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
		return err
	}
	if err := publishBadgeTotals(ctx, table, badge); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// publishBadgeTotals keeps the totals up to date.
func publishBadgeTotals(ctx context.Context, table *aztables.Client, badge badgeMessage) error {
	if err := saveBadgeRow(ctx, table, badgeTotals{
		PartitionKey: "totals",
		RowKey:       badge.Door,
		ID:           badge.ID,
		Door:         badge.Door,
		Zone:         badge.Zone,
		UpdatedAt:    time.Now(),
	}); err != nil {
		return err
	}
	return nil
}

// saveBadgeRow encodes a value and writes it.
func saveBadgeRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type badgeTotals struct {
	PartitionKey string
	RowKey       string
	ID           string    `json:"id"`
	Door         string    `json:"door"`
	Zone         int       `json:"zone"`
	UpdatedAt    time.Time `json:"updatedat"`
}

// plan: lease=60 batch=3 methods layout=handle delete=arms change change.row change.absent change.place=func change.onerror=drop put put.place=func

type uploadTask struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Bytes  int    `json:"bytes"`
}

// UploadWorker works on uploads.
type UploadWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewUploadWorker makes one.
func NewUploadWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *UploadWorker {
	return &UploadWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives uploads and does what they ask for.
func (w *UploadWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleUpload(ctx, msg); err != nil {
			log.Printf("upload: %v", err)
			continue
		}
	}
	return nil
}

// handleUpload handles one upload.
func (w *UploadWorker) handleUpload(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var upload uploadTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &upload); err != nil {
		return err
	}
	w.changeUploadTotals(ctx, upload)
	if upload.Bytes > 100 {
		log.Printf("large upload %s", upload.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if err := w.storeUploadBoard(ctx, upload); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// changeUploadTotals keeps the totals up to date.
func (w *UploadWorker) changeUploadTotals(ctx context.Context, upload uploadTask) error {
	var totals uploadTotals
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, upload.Tenant, "totals-"+upload.ID, nil)
	if err != nil && !isNoUpload(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if upload.Bytes > totals.Most {
		totals.Most = upload.Bytes
	}
	totals.PartitionKey, totals.RowKey = upload.Tenant, "totals-"+upload.ID
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putUploadRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	return nil
}

type uploadTotals struct {
	PartitionKey string
	RowKey       string
	Most         int
}

func isNoUpload(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putUploadRow adds a row where there was none, and otherwise replaces what was read.
func putUploadRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// storeUploadBoard keeps the board up to date.
func (w *UploadWorker) storeUploadBoard(ctx context.Context, upload uploadTask) error {
	body, err := json.Marshal(uploadBoard{
		ID:     upload.ID,
		Tenant: upload.Tenant,
		Bytes:  upload.Bytes,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "uploads", "board/"+upload.ID+".json", body, nil); err != nil {
		return err
	}
	return nil
}

type uploadBoard struct {
	ID     string
	Tenant string
	Bytes  int
}

// plan: lease=120 methods layout=work create create.key=fresh create.place=func change change.row change.change=entry change.guard=seen change.absent change.place=func change.via=funcs create create.key=single create.conflict=done

type reviewTask struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// ReviewWorker works on reviews.
type ReviewWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewReviewWorker makes one.
func NewReviewWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ReviewWorker {
	return &ReviewWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives reviews and does what they ask for.
func (w *ReviewWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processReview(ctx, *msg.MessageText); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processReview does what one review asks for.
func (w *ReviewWorker) processReview(ctx context.Context, text string) error {
	var review reviewTask
	if err := json.Unmarshal([]byte(text), &review); err != nil {
		return err
	}
	if err := w.openReviewTotals(ctx, &review); err != nil {
		return err
	}
	if err := w.updateReviewBoard(ctx, &review); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	name := "profile/latest.json"
	body, err := json.Marshal(review)
	if err != nil {
		return err
	}
	_, refused := w.blobs.UploadBuffer(ctx, "reviews-profile", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		return nil
	}
	if refused != nil {
		return fmt.Errorf("create: %w", refused)
	}
	return nil
}

// openReviewTotals keeps the totals up to date.
func (w *ReviewWorker) openReviewTotals(ctx context.Context, review *reviewTask) error {
	name := fmt.Sprintf("totals/%s.json", uuid.New().String())
	body, err := json.Marshal(review)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "reviews-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		log.Printf("review %s is there already", review.ID)
	}
	return nil
}

// updateReviewBoard keeps the board up to date.
func (w *ReviewWorker) updateReviewBoard(ctx context.Context, review *reviewTask) error {
	board, etag, err := w.loadReviewBoard(ctx, "board", review.ID)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if board.Seen[review.ID] {
		return nil
	}
	if board.Amounts == nil {
		board.Amounts = map[string]int{}
	}
	board.Amounts[review.ID] = review.Stars
	if board.Seen == nil {
		board.Seen = map[string]bool{}
	}
	board.Seen[review.ID] = true
	if err := w.saveReviewBoard(ctx, "board", review.ID, board, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type reviewBoardRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type reviewBoard struct {
	Amounts map[string]int  `json:"amounts"`
	Seen    map[string]bool `json:"seen"`
}

// loadReviewBoard reads the board.
func (w *ReviewWorker) loadReviewBoard(ctx context.Context, partition, row string) (value reviewBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoReview(err) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row reviewBoardRow
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

func isNoReview(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveReviewBoard writes the board.
func (w *ReviewWorker) saveReviewBoard(ctx context.Context, partition, row string, value reviewBoard, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(reviewBoardRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putReviewRow(ctx, w.table, body, version); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// putReviewRow adds a row where there was none, and otherwise replaces what was read.
func putReviewRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// plan: lease=60 layout=work delete=first create create.key=group create.content=digest create.conflict=done wait wait.place=func wait.seconds=1 wait wait.seconds=5

type lectureTask struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// RunLectures receives lectures and does what they ask for.
func RunLectures(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	if err := processLecture(ctx, blobs, *msg.MessageText); err != nil {
		return fmt.Errorf("lecture: %w", err)
	}
	return nil
}

// processLecture does what one lecture asks for.
func processLecture(ctx context.Context, blobs *azblob.Client, text string) error {
	var lecture lectureTask
	if err := json.Unmarshal([]byte(text), &lecture); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	sum := sha256.Sum256([]byte(lecture.Course + lecture.ID))
	body, err := json.Marshal(map[string]any{
		"digest":  hex.EncodeToString(sum[:]),
		"credits": lecture.Credits,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, refused := blobs.UploadBuffer(ctx, "archive", path.Join("totals", lecture.Course), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		return nil
	}
	if refused != nil {
		return fmt.Errorf("register: %w", refused)
	}
	if err := settleLectureBoard(ctx, lecture); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	return nil
}

// settleLectureBoard gives other systems some time.
func settleLectureBoard(ctx context.Context, lecture lectureTask) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(1 * time.Second):
	}
	return nil
}

// plan: lease=120 batch=16 methods layout=work delete=onerror change change.row change.change=include change.absent change.via=funcs change.large

type shiftMessage struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// ShiftWorker works on shifts.
type ShiftWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewShiftWorker makes one.
func NewShiftWorker(queue *azqueue.QueueClient, table *aztables.Client) *ShiftWorker {
	return &ShiftWorker{
		queue: queue,
		table: table,
	}
}

// Run receives shifts and does what they ask for.
func (w *ShiftWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processShift(ctx, *msg.MessageText); err != nil {
			log.Printf("shift %s failed: %v", *msg.MessageID, err)
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
	return nil
}

// processShift does what one shift asks for.
func (w *ShiftWorker) processShift(ctx context.Context, text string) error {
	var shift shiftMessage
	if err := json.Unmarshal([]byte(text), &shift); err != nil {
		return err
	}
	if shift.Hours > 100 {
		totals, etag, err := w.loadShiftTotals(ctx, "totals", shift.ID)
		if err != nil {
			return err
		}
		if !slices.Contains(totals.Members, shift.ID) {
			totals.Members = append(totals.Members, shift.ID)
		}
		if err := w.saveShiftTotals(ctx, "totals", shift.ID, totals, etag); err != nil {
			return err
		}
	}
	return nil
}

type shiftTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type shiftTotals struct {
	Members []string `json:"members"`
}

// loadShiftTotals reads the totals.
func (w *ShiftWorker) loadShiftTotals(ctx context.Context, partition, row string) (value shiftTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoShift(err) {
		return value, version, err
	}
	if err == nil {
		var row shiftTotalsRow
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

func isNoShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveShiftTotals writes the totals.
func (w *ShiftWorker) saveShiftTotals(ctx context.Context, partition, row string, value shiftTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(shiftTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putShiftRow(ctx, w.table, body, version); err != nil {
		return err
	}
	return nil
}

// putShiftRow adds a row where there was none, and otherwise replaces what was read.
func putShiftRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// plan: methods send send.content=stamp send.place=func change change.row change.key=group change.change=add change.guard=after change.match=none change.absent change.place=func change.via=generic

type crateMessage struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// CrateWorker works on crates.
type CrateWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
	out   *azqueue.QueueClient
}

// NewCrateWorker makes one.
func NewCrateWorker(queue *azqueue.QueueClient, table *aztables.Client, out *azqueue.QueueClient) *CrateWorker {
	return &CrateWorker{
		queue: queue,
		table: table,
		out:   out,
	}
}

// Run receives crates and does what they ask for.
func (w *CrateWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var crate crateMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &crate); err != nil {
		return err
	}
	if err := w.announceCrateTotals(ctx, &crate); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	if err := w.mergeCrateBoard(ctx, crate); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// announceCrateTotals tells others about the crate.
func (w *CrateWorker) announceCrateTotals(ctx context.Context, crate *crateMessage) error {
	note, err := json.Marshal(map[string]any{"At": time.Now().UTC(), "Crate": crate.ID})
	if err != nil {
		return err
	}
	if _, err := w.out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// mergeCrateBoard keeps the board up to date.
func (w *CrateWorker) mergeCrateBoard(ctx context.Context, crate crateMessage) error {
	_, err := w.table.GetEntity(ctx, "done-board", crate.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoCrate(err) {
		return err
	}
	board, err := loadCrateRowPlainIfThere[crateBoard](ctx, w.table, "board", crate.Warehouse)
	if err != nil {
		return err
	}
	board.Balance += crate.Kilos
	board.PartitionKey, board.RowKey = "board", crate.Warehouse
	if err := saveCrateRowPlainIfThere(ctx, w.table, board); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": crate.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoCrate(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type crateBoard struct {
	PartitionKey string
	RowKey       string
	Balance      int
}

// loadCrateRowPlainIfThere reads a value.
func loadCrateRowPlainIfThere[T any](ctx context.Context, table *aztables.Client, partition, row string) (value T, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoCrate(err) {
		return value, err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &value); err != nil {
			return value, err
		}
	}
	return value, nil
}

// saveCrateRowPlainIfThere writes a value.
func saveCrateRowPlainIfThere[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 methods change change.key=group change.place=func change.onerror=retrylog

type mealEvent struct {
	ID       string `json:"id"`
	Kitchen  string `json:"kitchen"`
	Portions int    `json:"portions"`
}

// MealWorker works on meals.
type MealWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewMealWorker makes one.
func NewMealWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *MealWorker {
	return &MealWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives meals and does what they ask for.
func (w *MealWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var meal mealEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &meal); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.updateMealTotals(ctx, &meal); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		log.Printf("update %s: %v", meal.ID, failure)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateMealTotals keeps the totals up to date.
func (w *MealWorker) updateMealTotals(ctx context.Context, meal *mealEvent) error {
	name := "totals/" + meal.Kitchen
	var totals mealTotals
	got, err := w.blobs.DownloadStream(ctx, "meals", name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return err
	}
	if meal.Portions > totals.Most {
		totals.Most = meal.Portions
	}
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "meals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return err
	}
	return nil
}

type mealTotals struct {
	Most int `json:"most"`
}

// plan: layout=work renew create create.key=single create.content=stamp create.conflict=error create.place=deep create.via=funcs create.large

type letterTask struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// RunLetters receives letters and does what they ask for.
func RunLetters(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	release := keepLetter(ctx, queue, msg)
	err = processLetter(ctx, blobs, *msg.MessageText)
	receipt := release()
	if err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, receipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processLetter does what one letter asks for.
func processLetter(ctx context.Context, blobs *azblob.Client, text string) error {
	var letter letterTask
	if err := json.Unmarshal([]byte(text), &letter); err != nil {
		return err
	}
	if letter.Pages > 100 {
		if err := applyLetterTotals(ctx, blobs, letter); err != nil {
			return err
		}
	}
	return nil
}

// openLetterTotals keeps the totals up to date.
func openLetterTotals(ctx context.Context, blobs *azblob.Client, letter letterTask) error {
	name := "totals/latest.json"
	body, err := json.Marshal(map[string]any{
		"id":       letter.ID,
		"district": letter.District,
		"pages":    letter.Pages,
		"at":       time.Now(),
	})
	if err != nil {
		return err
	}
	if err := createLetterTotals(ctx, blobs, name, body); err != nil {
		return err
	}
	return nil
}

// createLetterTotals writes the totals.
func createLetterTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "letters-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// applyLetterTotals takes one letter further.
func applyLetterTotals(ctx context.Context, blobs *azblob.Client, letter letterTask) error {
	if letter.ID == "" {
		return errors.New("letter without id")
	}
	if err := openLetterTotals(ctx, blobs, letter); err != nil {
		return err
	}
	return nil
}

// keepLetter renews the lease of a message until release is called, which returns the last receipt.
func keepLetter(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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
			renewed, err := queue.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
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

// plan: lease=120 batch=4 change change.key=group change.change=include change.guard=applied change.place=func change change.key=single change.guard=seen change.retries=4 change.stamp change.place=func

type lessonEvent struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// RunLessons receives lessons and does what they ask for.
func RunLessons(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		var lesson lessonEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := updateLessonTotals(ctx, blobs, lesson); err != nil {
			log.Printf("update: %v", err)
			continue
		}
		if err := mergeLessonBoard(ctx, blobs, lesson); err != nil {
			log.Printf("merge: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// updateLessonTotals keeps the totals up to date.
func updateLessonTotals(ctx context.Context, blobs *azblob.Client, lesson lessonEvent) error {
	name := "totals/" + lesson.Pupil
	var totals lessonTotals
	got, err := blobs.DownloadStream(ctx, "lessons", name, nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return err
	}
	if slices.Contains(totals.Done, lesson.ID) {
		return nil
	}
	if !slices.Contains(totals.Items, lesson.ID) {
		totals.Items = append(totals.Items, lesson.ID)
	}
	totals.Done = append(totals.Done, lesson.ID)
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "lessons", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return err
	}
	return nil
}

type lessonTotals struct {
	Items []string `json:"items"`
	Done  []string `json:"done"`
}

// mergeLessonBoard keeps the board up to date.
func mergeLessonBoard(ctx context.Context, blobs *azblob.Client, lesson lessonEvent) error {
	for range 5 {
		var board lessonBoard
		got, err := blobs.DownloadStream(ctx, "lessons", "board.json", nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(raw, &board); err != nil {
			return err
		}
		if board.Seen[lesson.ID] {
			return nil
		}
		board.Highest = max(board.Highest, lesson.Minutes)
		if board.Seen == nil {
			board.Seen = map[string]bool{}
		}
		board.Seen[lesson.ID] = true
		board.WrittenAt = time.Now().UTC()
		body, err := json.Marshal(board)
		if err != nil {
			return err
		}
		_, refused := blobs.UploadBuffer(ctx, "lessons", "board.json", body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
		})
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type lessonBoard struct {
	Highest   int             `json:"highest"`
	Seen      map[string]bool `json:"seen"`
	WrittenAt time.Time       `json:"writtenat"`
}
