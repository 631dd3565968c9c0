package p00

import (
	"bytes"
	"context"
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

// plan: lease=120 layout=handle delete=deferred deleteerror=drop change change.key=group change.change=include change.guard=applied change.place=func change.via=iface change change.change=include change.guard=applied change.retries=9 change.absent change.place=func change.via=funcs change.large

type orderMessage struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// RunOrders receives orders and does what they ask for.
func RunOrders(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	totalsStore := &orderTotalsBlobs{client: blobs}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleOrder(ctx, queue, blobs, totalsStore, msg); err != nil {
		return err
	}
	return nil
}

// handleOrder handles one order.
func handleOrder(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, totalsStore orderTotalsStore, msg *azqueue.DequeuedMessage) error {
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var order orderMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &order); err != nil {
		return err
	}
	if err := mergeOrderTotals(ctx, totalsStore, order); err != nil {
		return err
	}
	if order.Cents > 100 {
		if err := changeOrderBoard(ctx, blobs, order); err != nil {
			return err
		}
	}
	return nil
}

// mergeOrderTotals keeps the totals up to date.
func mergeOrderTotals(ctx context.Context, totalsStore orderTotalsStore, order orderMessage) error {
	name := fmt.Sprintf("totals/%s.json", order.Customer)
	totals, etag, err := totalsStore.LoadOrder(ctx, name)
	if err != nil {
		return err
	}
	if slices.Contains(totals.Done, order.ID) {
		return nil
	}
	if !slices.Contains(totals.Orders, order.ID) {
		totals.Orders = append(totals.Orders, order.ID)
	}
	totals.Done = append(totals.Done, order.ID)
	if err := totalsStore.SaveOrder(ctx, name, totals, etag); err != nil {
		return err
	}
	return nil
}

type orderTotals struct {
	Orders []string `json:"orders"`
	Done   []string `json:"done"`
}

// orderTotalsStore keeps them.
type orderTotalsStore interface {
	LoadOrder(ctx context.Context, name string) (value orderTotals, version *azcore.ETag, err error)
	SaveOrder(ctx context.Context, name string, value orderTotals, version *azcore.ETag) error
}

type orderTotalsBlobs struct {
	client *azblob.Client
}

func (b *orderTotalsBlobs) LoadOrder(ctx context.Context, name string) (value orderTotals, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "orders-totals", name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

func (b *orderTotalsBlobs) SaveOrder(ctx context.Context, name string, value orderTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "orders-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return err
	}
	return nil
}

// changeOrderBoard keeps the board up to date.
func changeOrderBoard(ctx context.Context, blobs *azblob.Client, order orderMessage) error {
	for range 10 {
		board, etag, err := loadOrderBoard(ctx, blobs, path.Join("board", order.ID))
		if err != nil {
			return err
		}
		if slices.Contains(board.Applied, order.ID) {
			return nil
		}
		if !slices.Contains(board.Items, order.ID) {
			board.Items = append(board.Items, order.ID)
		}
		board.Applied = append(board.Applied, order.ID)
		refused := saveOrderBoard(ctx, blobs, path.Join("board", order.ID), board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type orderBoard struct {
	Items   []string `json:"items"`
	Applied []string `json:"applied"`
}

// loadOrderBoard reads the board.
func loadOrderBoard(ctx context.Context, blobs *azblob.Client, name string) (value orderBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "orders-board", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return value, version, err
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return value, version, err
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveOrderBoard writes the board.
func saveOrderBoard(ctx context.Context, blobs *azblob.Client, name string, value orderBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "orders-board", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 deleteerror=log change change.row change.key=group change.retries=9 change.absent change.place=func

type parcelMessage struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// RunParcels receives parcels and does what they ask for.
func RunParcels(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var parcel parcelMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
		return err
	}
	if err := changeParcelTotals(ctx, table, parcel); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// changeParcelTotals keeps the totals up to date.
func changeParcelTotals(ctx context.Context, table *aztables.Client, parcel parcelMessage) error {
	for range 10 {
		var totals parcelTotals
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, "totals", parcel.Depot, nil)
		if err != nil && !isNoParcel(err) {
			return err
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &totals); err != nil {
				return err
			}
			etag = &got.ETag
		}
		totals.Most = max(totals.Most, parcel.Grams)
		totals.PartitionKey, totals.RowKey = "totals", parcel.Depot
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		refused := putParcelRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleParcel(refused) || haveParcel(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type parcelTotals struct {
	PartitionKey string
	RowKey       string
	Most         int `json:"most"`
}

func isNoParcel(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putParcelRow adds a row where there was none, and otherwise replaces what was read.
func putParcelRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleParcel(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveParcel(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 batch=2 forever methods layout=work renew wait wait.place=func wait.seconds=5 put put.row put.key=single put.place=func

type invoiceMessage struct {
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
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
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
			release := w.keepInvoice(ctx, msg)
			err = w.processInvoice(ctx, *msg.MessageText)
			receipt := release()
			if err != nil {
				log.Printf("invoice: %v", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// processInvoice does what one invoice asks for.
func (w *InvoiceWorker) processInvoice(ctx context.Context, text string) error {
	var invoice invoiceMessage
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return err
	}
	if err := w.coolInvoiceTotals(ctx, &invoice); err != nil {
		return fmt.Errorf("cool: %w", err)
	}
	if err := w.saveInvoiceBoard(ctx, invoice); err != nil {
		return err
	}
	return nil
}

// coolInvoiceTotals gives other systems some time.
func (w *InvoiceWorker) coolInvoiceTotals(ctx context.Context, invoice *invoiceMessage) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", ctx.Err())
	case <-time.After(5 * time.Second):
	}
	return nil
}

// saveInvoiceBoard keeps the board up to date.
func (w *InvoiceWorker) saveInvoiceBoard(ctx context.Context, invoice invoiceMessage) error {
	body, err := json.Marshal(invoiceBoard{
		PartitionKey: "board",
		RowKey:       "all",
		ID:           invoice.ID,
		Account:      invoice.Account,
		Amount:       invoice.Amount,
	})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type invoiceBoard struct {
	PartitionKey string
	RowKey       string
	ID           string
	Account      string
	Amount       int
}

// keepInvoice renews the lease of a message until release is called, which returns the last receipt.
func (w *InvoiceWorker) keepInvoice(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
	ctx, cancel := context.WithCancel(ctx)
	receipt := *msg.PopReceipt
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(40 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			renewed, err := w.queue.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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

// plan: lease=60 put put.content=mixed put.place=func put.via=generic change change.row change.guard=older change.retries=9 change.absent change.place=func change.onerror=retry

type bookingEvent struct {
	ID   string `json:"id"`
	Room string `json:"room"`
	Seq  int    `json:"seq"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var booking bookingEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &booking); err != nil {
		return err
	}
	if err := publishBookingTotals(ctx, blobs, booking); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = changeBookingBoard(ctx, table, booking); failure == nil {
			break
		}
	}
	if failure != nil {
		return fmt.Errorf("change: %w", failure)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// publishBookingTotals keeps the totals up to date.
func publishBookingTotals(ctx context.Context, blobs *azblob.Client, booking bookingEvent) error {
	name := fmt.Sprintf("totals/%s.json", booking.ID)
	current, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := saveBookingJSON(ctx, blobs, "bookings-totals", name, bookingTotals{
		ID:   booking.ID,
		Room: booking.Room,
		Seq:  booking.Seq,
		Rate: settings.Rate,
	}); err != nil {
		return err
	}
	return nil
}

// saveBookingJSON encodes a value and writes it.
func saveBookingJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadStream(ctx, container, name, bytes.NewReader(body), nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type bookingTotals struct {
	ID   string
	Room string
	Seq  int
	Rate int
}

// changeBookingBoard keeps the board up to date.
func changeBookingBoard(ctx context.Context, table *aztables.Client, booking bookingEvent) error {
	for range 10 {
		var board bookingBoard
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, "board", booking.ID, nil)
		if err != nil && !isNoBooking(err) {
			return err
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &board); err != nil {
				return err
			}
			etag = &got.ETag
		}
		if booking.Seq <= board.Seq {
			return nil
		}
		board.Most = max(board.Most, booking.Seq)
		board.Seq = booking.Seq
		board.PartitionKey, board.RowKey = "board", booking.ID
		body, err := json.Marshal(board)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		refused := putBookingRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleBooking(refused) || haveBooking(refused)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("board keep changing")
}

type bookingBoard struct {
	PartitionKey string
	RowKey       string
	Most         int
	Seq          int
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

func staleBooking(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveBooking(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 batch=2 forever methods change change.row change.key=group change.change=add change.guard=applied change.via=funcs wait wait.place=func wait.seconds=20 wait.large

type readingTask struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// ReadingWorker works on readings.
type ReadingWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewReadingWorker makes one.
func NewReadingWorker(queue *azqueue.QueueClient, table *aztables.Client) *ReadingWorker {
	return &ReadingWorker{
		queue: queue,
		table: table,
	}
}

// Run receives readings and does what they ask for.
func (w *ReadingWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
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
			var reading readingTask
			if err := json.Unmarshal([]byte(*msg.MessageText), &reading); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			totals, etag, err := w.loadReadingTotals(ctx, "totals", reading.Meter)
			if err != nil {
				log.Printf("read: %v", err)
				continue
			}
			if !slices.Contains(totals.Done, reading.ID) {
				totals.Balance += reading.Watts
				totals.Done = append(totals.Done, reading.ID)
				if err := w.saveReadingTotals(ctx, "totals", reading.Meter, totals, etag); err != nil {
					log.Printf("write: %v", err)
					continue
				}
			}
			if reading.Watts > 100 {
				if err := w.coolReadingBoard(ctx, &reading); err != nil {
					log.Printf("cool: %v", err)
					continue
				}
			}
			if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

type readingTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type readingTotals struct {
	Balance int
	Done    []string
}

// loadReadingTotals reads the totals.
func (w *ReadingWorker) loadReadingTotals(ctx context.Context, partition, row string) (value readingTotals, version *azcore.ETag, err error) {
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	var row readingTotalsRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	return value, &got.ETag, nil
}

// saveReadingTotals writes the totals.
func (w *ReadingWorker) saveReadingTotals(ctx context.Context, partition, row string, value readingTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(readingTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := w.table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// coolReadingBoard gives other systems some time.
func (w *ReadingWorker) coolReadingBoard(ctx context.Context, reading *readingTask) error {
	time.Sleep(20 * time.Second)
	return nil
}

// plan: lease=120 layout=handle put put.content=stamp put.via=funcs change change.change=append change.guard=applied change.absent change.stamp change.place=func change.onerror=retrylog

type voteEvent struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// RunVotes receives votes and does what they ask for.
func RunVotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleVote(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleVote handles one vote.
func handleVote(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var vote voteEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := fmt.Sprintf("totals/%s.json", vote.ID)
	body, err := json.Marshal(voteTotals{
		ID:        vote.ID,
		Poll:      vote.Poll,
		Weight:    vote.Weight,
		WrittenAt: time.Now(),
	})
	if err != nil {
		return err
	}
	if err := saveVoteTotals(ctx, blobs, name, body); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	var failure error
	for range 3 {
		if failure = mergeVoteBoard(ctx, blobs, vote); failure == nil {
			break
		}
	}
	if failure != nil {
		log.Printf("merge %s: %v", vote.ID, failure)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type voteTotals struct {
	ID        string    `json:"id"`
	Poll      string    `json:"poll"`
	Weight    int       `json:"weight"`
	WrittenAt time.Time `json:"writtenat"`
}

// saveVoteTotals writes the totals.
func saveVoteTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "votes-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

// mergeVoteBoard keeps the board up to date.
func mergeVoteBoard(ctx context.Context, blobs *azblob.Client, vote voteEvent) error {
	var board voteBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "votes-board", path.Join("board", vote.ID), nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &board); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if slices.Contains(board.Applied, vote.ID) {
		return nil
	}
	board.Items = append(board.Items, vote.ID)
	board.Applied = append(board.Applied, vote.ID)
	board.WrittenAt = time.Now().UTC()
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "votes-board", path.Join("board", vote.ID), bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type voteBoard struct {
	Items     []string  `json:"items"`
	Applied   []string  `json:"applied"`
	WrittenAt time.Time `json:"writtenat"`
}

// plan: methods layout=handle delete=deferred deleteerror=drop change change.row change.key=single change.change=add change.guard=after change.absent change.stamp change.place=func put put.key=fresh put.via=iface put.onerror=retry put put.row put.key=single put.place=deep put.via=iface

type refundTask struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RefundWorker works on refunds.
type RefundWorker struct {
	queue        *azqueue.QueueClient
	table        *aztables.Client
	boardStore   refundBoardStore
	profileStore refundProfileStore
}

// NewRefundWorker makes one.
func NewRefundWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *RefundWorker {
	return &RefundWorker{
		queue:        queue,
		table:        table,
		boardStore:   &refundBoardBlobs{client: blobs},
		profileStore: &refundProfileTable{client: table},
	}
}

// Run receives refunds and does what they ask for.
func (w *RefundWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleRefund(ctx, msg); err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	return nil
}

// handleRefund handles one refund.
func (w *RefundWorker) handleRefund(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var refund refundTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &refund); err != nil {
		return err
	}
	if err := w.updateRefundTotals(ctx, refund); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	name := "board/" + uuid.New().String()
	body, err := json.Marshal(refund)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	var failure error
	for range 3 {
		if failure = w.boardStore.PutRefund(ctx, name, body); failure == nil {
			break
		}
	}
	if failure != nil {
		return failure
	}
	if err := w.applyRefundProfile(ctx, refund); err != nil {
		return err
	}
	return nil
}

// updateRefundTotals keeps the totals up to date.
func (w *RefundWorker) updateRefundTotals(ctx context.Context, refund refundTask) error {
	_, err := w.table.GetEntity(ctx, "done-totals", refund.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoRefund(err) {
		return fmt.Errorf("mark: %w", err)
	}
	var totals refundTotals
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, "totals", "all", nil)
	if err != nil && !isNoRefund(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	totals.Sum = totals.Sum + refund.Cents
	totals.At = time.Now().UTC()
	totals.PartitionKey, totals.RowKey = "totals", "all"
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putRefundRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": refund.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func isNoRefund(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type refundTotals struct {
	PartitionKey string
	RowKey       string
	Sum          int
	At           time.Time
}

// putRefundRow adds a row where there was none, and otherwise replaces what was read.
func putRefundRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// refundBoardStore keeps them.
type refundBoardStore interface {
	PutRefund(ctx context.Context, name string, body []byte) error
}

type refundBoardBlobs struct {
	client *azblob.Client
}

func (b *refundBoardBlobs) PutRefund(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, nil); err != nil {
		return err
	}
	return nil
}

// storeRefundProfile keeps the profile up to date.
func (w *RefundWorker) storeRefundProfile(ctx context.Context, refund refundTask) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "profile", RowKey: "all"},
		Properties: map[string]any{
			"ID":       refund.ID,
			"Merchant": refund.Merchant,
			"Cents":    refund.Cents,
		},
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.profileStore.PutRefund(ctx, body); err != nil {
		return err
	}
	return nil
}

// refundProfileStore keeps them.
type refundProfileStore interface {
	PutRefund(ctx context.Context, body []byte) error
}

type refundProfileTable struct {
	client *aztables.Client
}

func (b *refundProfileTable) PutRefund(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// applyRefundProfile takes one refund further.
func (w *RefundWorker) applyRefundProfile(ctx context.Context, refund refundTask) error {
	return w.storeRefundProfile(ctx, refund)
}

// plan: lease=60 methods look look.key=single change change.key=single change.change=set change change.key=group change.guard=applied change.match=wildcard change.place=closure change.via=swap change.onerror=log look look.place=func

type paymentMessage struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
}

// PaymentWorker works on payments.
type PaymentWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewPaymentWorker makes one.
func NewPaymentWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *PaymentWorker {
	return &PaymentWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives payments and does what they ask for.
func (w *PaymentWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var payment paymentMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &payment); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	settings, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	text, err := io.ReadAll(settings.Body)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	log.Printf("settings of %d bytes", len(text))
	var board paymentBoard
	got, err := w.blobs.DownloadStream(ctx, "payments-board", "board.json", nil)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	board.Current = payment.Pence
	body, err := json.Marshal(board)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadStream(ctx, "payments-board", "board.json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return err
	}
	work := func() error {
		name := "profile/" + payment.Wallet
		if err := updatePaymentExisting(ctx, w.blobs, "payments-profile", name, func(profile *paymentProfile) bool {
			if slices.Contains(profile.Applied, payment.ID) {
				return false
			}
			if payment.Pence > profile.Highest {
				profile.Highest = payment.Pence
			}
			profile.Applied = append(profile.Applied, payment.ID)
			return true
		}); err != nil {
			return err
		}
		return nil
	}
	if err := work(); err != nil {
		log.Printf("change %s: %v", payment.ID, err)
	}
	if err := w.consultPaymentLedger(ctx, &payment); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type paymentBoard struct {
	Current int `json:"current"`
}

type paymentProfile struct {
	Highest int      `json:"highest"`
	Applied []string `json:"applied"`
}

// updatePaymentExisting changes a value; change returns false to leave it as it is.
func updatePaymentExisting[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	var value T
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadStream(ctx, container, name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// consultPaymentLedger looks at the settings.
func (w *PaymentWorker) consultPaymentLedger(ctx context.Context, payment *paymentMessage) error {
	settings, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	text, err := io.ReadAll(settings.Body)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	log.Printf("settings of %d bytes", len(text))
	return nil
}

// plan: lease=120 batch=2 put put.content=stamp put.place=func put.via=generic change change.guard=applied change.absent change.stamp change.place=func

type photoEvent struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
}

// RunPhotos receives photos and does what they ask for.
func RunPhotos(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var photo photoEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &photo); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := publishPhotoTotals(ctx, blobs, photo); err != nil {
			log.Printf("publish: %v", err)
			continue
		}
		if err := mergePhotoBoard(ctx, blobs, &photo); err != nil {
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

// publishPhotoTotals keeps the totals up to date.
func publishPhotoTotals(ctx context.Context, blobs *azblob.Client, photo photoEvent) error {
	name := fmt.Sprintf("totals/%s.json", photo.ID)
	if err := savePhotoJSON(ctx, blobs, "photos-totals", name, photoTotals{
		ID:        photo.ID,
		Album:     photo.Album,
		Pixels:    photo.Pixels,
		UpdatedAt: time.Now(),
	}); err != nil {
		return err
	}
	return nil
}

// savePhotoJSON encodes a value and writes it.
func savePhotoJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadStream(ctx, container, name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

type photoTotals struct {
	ID        string    `json:"id"`
	Album     string    `json:"album"`
	Pixels    int       `json:"pixels"`
	UpdatedAt time.Time `json:"updatedat"`
}

// mergePhotoBoard keeps the board up to date.
func mergePhotoBoard(ctx context.Context, blobs *azblob.Client, photo *photoEvent) error {
	var board photoBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "photos-board", path.Join("board", photo.ID), nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &board); err != nil {
			return err
		}
		etag = got.ETag
	}
	if slices.Contains(board.Applied, photo.ID) {
		return nil
	}
	board.Most = max(board.Most, photo.Pixels)
	board.Applied = append(board.Applied, photo.ID)
	board.UpdatedAt = time.Now().UTC()
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "photos-board", path.Join("board", photo.ID), bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type photoBoard struct {
	Most      int       `json:"most"`
	Applied   []string  `json:"applied"`
	UpdatedAt time.Time `json:"updatedat"`
}

// plan: lease=120 forever methods layout=handle delete=arms deleteerror=drop renew change change.row change.key=single change.guard=applied change.retries=9 change.stamp change.place=closure create create.row create.key=group create.place=deep put put.key=fresh put.onerror=retry

type articleTask struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// ArticleWorker works on articles.
type ArticleWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewArticleWorker makes one.
func NewArticleWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ArticleWorker {
	return &ArticleWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives articles and does what they ask for.
func (w *ArticleWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		if err := w.handleArticle(ctx, msg); err != nil {
			log.Printf("article: %v", err)
			continue
		}
	}
}

// handleArticle handles one article.
func (w *ArticleWorker) handleArticle(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var article articleTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
		return err
	}
	release := w.keepArticle(ctx, msg)
	defer release()
	work := func() error {
		for range 10 {
			var totals articleTotals
			got, err := w.table.GetEntity(ctx, "totals", "all", nil)
			if err != nil {
				return err
			}
			var row articleTotalsRow
			if err := json.Unmarshal(got.Value, &row); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
				return err
			}
			if slices.Contains(totals.Handled, article.ID) {
				return nil
			}
			totals.Peak = max(totals.Peak, article.Words)
			totals.Handled = append(totals.Handled, article.ID)
			totals.WrittenAt = time.Now().UTC()
			data, err := json.Marshal(totals)
			if err != nil {
				return err
			}
			body, err := json.Marshal(articleTotalsRow{PartitionKey: "totals", RowKey: "all", Data: string(data)})
			if err != nil {
				return err
			}
			_, refused := w.table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace})
			if refused == nil {
				return nil
			}
			if !(staleArticle(refused)) {
				return fmt.Errorf("write: %w", refused)
			}
		}
		return errors.New("totals keep changing")
	}
	if err := work(); err != nil {
		return err
	}
	if err := w.applyArticleBoard(ctx, article); err != nil {
		return err
	}
	if article.Words > 100 {
		log.Printf("large article %s", article.ID)
		w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, release(), nil)
		return nil
	}
	body, err := json.Marshal(articleProfile{
		ID:      article.ID,
		Section: article.Section,
		Words:   article.Words,
	})
	if err != nil {
		return err
	}
	var failure error
	for range 3 {
		if _, failure = w.blobs.UploadBuffer(ctx, "data", path.Join("profile", uuid.New().String()), body, nil); failure == nil {
			break
		}
	}
	if failure != nil {
		return fmt.Errorf("store: %w", failure)
	}
	w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, release(), nil)
	return nil
}

// keepArticle renews the lease of a message until release is called, which returns the last receipt.
func (w *ArticleWorker) keepArticle(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
	ctx, cancel := context.WithCancel(ctx)
	receipt := *msg.PopReceipt
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(40 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			renewed, err := w.queue.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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

type articleTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type articleTotals struct {
	Peak      int
	Handled   []string
	WrittenAt time.Time
}

func staleArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// registerArticleBoard keeps the board up to date.
func (w *ArticleWorker) registerArticleBoard(ctx context.Context, article articleTask) error {
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "board",
		"RowKey":       article.Section,
		"ID":           article.ID,
		"Section":      article.Section,
		"Words":        article.Words,
	})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, body, nil); err != nil {
		if !haveArticle(err) {
			return err
		}
		log.Printf("article %s is there already", article.ID)
	}
	return nil
}

func haveArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// applyArticleBoard takes one article further.
func (w *ArticleWorker) applyArticleBoard(ctx context.Context, article articleTask) error {
	if article.ID == "" {
		return errors.New("article without id")
	}
	if err := w.registerArticleBoard(ctx, article); err != nil {
		return err
	}
	return nil
}

type articleProfile struct {
	ID      string
	Section string
	Words   int
}

// plan: lease=120 batch=2 forever deleteerror=log change change.row change.key=group change.absent change.via=swap put put.row put.key=group put.place=closure

type visitEvent struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// RunVisits receives visits and does what they ask for.
func RunVisits(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
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
			var visit visitEvent
			if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			if err := updateVisitIfThereRow(ctx, table, "totals", visit.Page, func(totals *visitTotals) bool {
				if visit.Seconds > totals.Most {
					totals.Most = visit.Seconds
				}
				totals.PartitionKey, totals.RowKey = "totals", visit.Page
				return true
			}); err != nil {
				log.Printf("merge: %v", err)
				continue
			}
			attempt := func() error {
				body, err := json.Marshal(aztables.EDMEntity{
					Entity: aztables.Entity{PartitionKey: "board", RowKey: visit.Page},
					Properties: map[string]any{
						"ID":      visit.ID,
						"Page":    visit.Page,
						"Seconds": visit.Seconds,
					},
				})
				if err != nil {
					return fmt.Errorf("encode: %w", err)
				}
				if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
					return fmt.Errorf("store: %w", err)
				}
				return nil
			}
			if err := attempt(); err != nil {
				log.Printf("store: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete %s: %v", *msg.MessageID, err)
			}
		}
	}
	return ctx.Err()
}

type visitTotals struct {
	PartitionKey string
	RowKey       string
	Most         int
}

// updateVisitIfThereRow changes a value; change returns false to leave it as it is.
func updateVisitIfThereRow[T any](ctx context.Context, table *aztables.Client, partition, row string, change func(*T) bool) error {
	var value T
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoVisit(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &value); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putVisitRow(ctx, table, body, etag); err != nil {
		return err
	}
	return nil
}

func isNoVisit(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putVisitRow adds a row where there was none, and otherwise replaces what was read.
func putVisitRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// plan: lease=120 forever methods layout=handle delete=arms create create.row create.key=group create.conflict=done put put.row put.key=group put.via=iface put.onerror=retry change change.key=single change.change=grow change.match=none change.absent change.place=closure change.via=swap

type scoreTask struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
}

// ScoreWorker works on scores.
type ScoreWorker struct {
	queue      *azqueue.QueueClient
	blobs      *azblob.Client
	table      *aztables.Client
	boardStore scoreBoardStore
}

// NewScoreWorker makes one.
func NewScoreWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ScoreWorker {
	return &ScoreWorker{
		queue:      queue,
		blobs:      blobs,
		table:      table,
		boardStore: &scoreBoardTable{client: table},
	}
}

// Run receives scores and does what they ask for.
func (w *ScoreWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		if err := w.handleScore(ctx, msg); err != nil {
			log.Printf("score: %v", err)
			continue
		}
	}
}

// handleScore handles one score.
func (w *ScoreWorker) handleScore(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var score scoreTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return err
	}
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: score.Player},
		Properties: map[string]any{
			"ID":     score.ID,
			"Player": score.Player,
			"Points": score.Points,
		},
	})
	if err != nil {
		return err
	}
	_, refused := w.table.AddEntity(ctx, body, nil)
	if haveScore(refused) {
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if refused != nil {
		return fmt.Errorf("open: %w", refused)
	}
	body2, err := json.Marshal(map[string]any{
		"PartitionKey": "board",
		"RowKey":       score.Player,
		"ID":           score.ID,
		"Player":       score.Player,
		"Points":       score.Points,
	})
	if err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.boardStore.PutScore(ctx, body2); failure == nil {
			break
		}
	}
	if failure != nil {
		return failure
	}
	if score.Points > 100 {
		log.Printf("large score %s", score.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	apply := func() error {
		if err := updateScorePlainIfThere(ctx, w.blobs, "archive", "profile.json", func(profile *scoreProfile) bool {
			profile.Lines = fmt.Sprintf("%s%s;", profile.Lines, score.ID)
			return true
		}); err != nil {
			return err
		}
		return nil
	}
	if err := apply(); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

func haveScore(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// scoreBoardStore keeps them.
type scoreBoardStore interface {
	PutScore(ctx context.Context, body []byte) error
}

type scoreBoardTable struct {
	client *aztables.Client
}

func (b *scoreBoardTable) PutScore(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type scoreProfile struct {
	Lines string `json:"lines"`
}

// updateScorePlainIfThere changes a value; change returns false to leave it as it is.
func updateScorePlainIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	var value T
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return err
		}
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever layout=work deleteerror=log create create.key=single create.content=text create.conflict=done create.large

type tripEvent struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// RunTrips receives trips and does what they ask for.
func RunTrips(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := processTrip(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("trip: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
}

// processTrip does what one trip asks for.
func processTrip(ctx context.Context, blobs *azblob.Client, text string) error {
	var trip tripEvent
	if err := json.Unmarshal([]byte(text), &trip); err != nil {
		return err
	}
	if trip.Miles > 100 {
		body := []byte(fmt.Sprintf("%s: %d", trip.Truck, trip.Miles))
		_, refused := blobs.UploadBuffer(ctx, "archive", "totals.json", body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
		})
		if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
			return nil
		}
		if refused != nil {
			return refused
		}
	}
	return nil
}

// plan: lease=60 forever methods layout=work deleteerror=drop change change.key=single change.change=entry change.guard=seen change.stamp change.place=func change.onerror=log put put.row put.content=text

type donationMessage struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// DonationWorker works on donations.
type DonationWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewDonationWorker makes one.
func NewDonationWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *DonationWorker {
	return &DonationWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives donations and does what they ask for.
func (w *DonationWorker) Run(ctx context.Context) error {
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
		if err := w.processDonation(ctx, *msg.MessageText); err != nil {
			log.Printf("donation: %v", err)
			continue
		}
		_, _ = w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	}
	return ctx.Err()
}

// processDonation does what one donation asks for.
func (w *DonationWorker) processDonation(ctx context.Context, text string) error {
	var donation donationMessage
	if err := json.Unmarshal([]byte(text), &donation); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.changeDonationTotals(ctx, donation); err != nil {
		log.Printf("change %s: %v", donation.ID, err)
	}
	body, err := json.Marshal(donationBoard{
		PartitionKey: "board",
		RowKey:       donation.ID,
		Text:         fmt.Sprintf("%s: %d", donation.Campaign, donation.Cents),
	})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// changeDonationTotals keeps the totals up to date.
func (w *DonationWorker) changeDonationTotals(ctx context.Context, donation donationMessage) error {
	name := "totals/latest.json"
	var totals donationTotals
	got, err := w.blobs.DownloadStream(ctx, "donations-totals", name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if totals.Applied[donation.ID] {
		return nil
	}
	if totals.Amounts == nil {
		totals.Amounts = map[string]int{}
	}
	totals.Amounts[donation.ID] = donation.Cents
	if totals.Applied == nil {
		totals.Applied = map[string]bool{}
	}
	totals.Applied[donation.ID] = true
	totals.At = time.Now().UTC()
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "donations-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return err
	}
	return nil
}

type donationTotals struct {
	Amounts map[string]int  `json:"amounts"`
	Applied map[string]bool `json:"applied"`
	At      time.Time       `json:"at"`
}

type donationBoard struct {
	PartitionKey string
	RowKey       string
	Text         string `json:"text"`
}

// plan: forever methods deleteerror=drop put put.row put.key=fresh put.content=text put.place=func put.via=iface

type depositTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// DepositWorker works on deposits.
type DepositWorker struct {
	queue       *azqueue.QueueClient
	totalsStore depositTotalsStore
}

// NewDepositWorker makes one.
func NewDepositWorker(queue *azqueue.QueueClient, table *aztables.Client) *DepositWorker {
	return &DepositWorker{
		queue:       queue,
		totalsStore: &depositTotalsTable{client: table},
	}
}

// Run receives deposits and does what they ask for.
func (w *DepositWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessage(ctx, nil)
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
		var deposit depositTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.storeDepositTotals(ctx, &deposit); err != nil {
			log.Printf("store: %v", err)
			continue
		}
		w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	}
}

// storeDepositTotals keeps the totals up to date.
func (w *DepositWorker) storeDepositTotals(ctx context.Context, deposit *depositTask) error {
	id := time.Now().UTC().Format("20060102T150405.000000000")
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "totals",
		"RowKey":       id,
		"Text":         fmt.Sprintf("%s: %d", deposit.Account, deposit.Cents),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.totalsStore.PutDeposit(ctx, body); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// depositTotalsStore keeps them.
type depositTotalsStore interface {
	PutDeposit(ctx context.Context, body []byte) error
}

type depositTotalsTable struct {
	client *aztables.Client
}

func (b *depositTotalsTable) PutDeposit(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: batch=3 forever layout=handle delete=first wait wait.seconds=5

type saleMessage struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// RunSales receives sales and does what they ask for.
func RunSales(ctx context.Context, queue *azqueue.QueueClient) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3))})
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
			if err := handleSale(ctx, queue, msg); err != nil {
				log.Printf("sale: %v", err)
				continue
			}
		}
	}
}

// handleSale handles one sale.
func handleSale(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) error {
	var sale saleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &sale); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	return nil
}

// plan: lease=120 batch=16 deleteerror=drop change change.row change.change=entry change.retries=2 change.absent change.stamp change.place=func

type rentalEvent struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RunRentals receives rentals and does what they ask for.
func RunRentals(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		var rental rentalEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &rental); err != nil {
			return err
		}
		if err := changeRentalTotals(ctx, table, rental); err != nil {
			return fmt.Errorf("change: %w", err)
		}
		queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	}
	return nil
}

// changeRentalTotals keeps the totals up to date.
func changeRentalTotals(ctx context.Context, table *aztables.Client, rental rentalEvent) error {
	for range 3 {
		var totals rentalTotals
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, "totals", rental.ID, nil)
		if err != nil && !isNoRental(err) {
			return err
		}
		if err == nil {
			var row rentalTotalsRow
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
		totals.Entries[rental.ID] = rental.Hours
		totals.WrittenAt = time.Now().UTC()
		data, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		body, err := json.Marshal(rentalTotalsRow{PartitionKey: "totals", RowKey: rental.ID, Data: string(data)})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		refused := putRentalRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleRental(refused) || haveRental(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type rentalTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type rentalTotals struct {
	Entries   map[string]int `json:"entries"`
	WrittenAt time.Time      `json:"writtenat"`
}

func isNoRental(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putRentalRow adds a row where there was none, and otherwise replaces what was read.
func putRentalRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleRental(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveRental(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=60 batch=3 forever methods layout=work deleteerror=drop renew put put.row put.key=group put.content=stamp put.guard=before put.place=func put.via=generic change change.change=grow change.guard=applied change.retries=2 change.absent change.place=func change.via=iface

type sampleMessage struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// SampleWorker works on samples.
type SampleWorker struct {
	queue      *azqueue.QueueClient
	table      *aztables.Client
	boardStore sampleBoardStore
}

// NewSampleWorker makes one.
func NewSampleWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *SampleWorker {
	return &SampleWorker{
		queue:      queue,
		table:      table,
		boardStore: &sampleBoardBlobs{client: blobs},
	}
}

// Run receives samples and does what they ask for.
func (w *SampleWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(60))})
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
			release := w.keepSample(ctx, msg)
			err = w.processSample(ctx, *msg.MessageText)
			receipt := release()
			if err != nil {
				log.Printf("sample: %v", err)
				continue
			}
			w.queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil)
		}
	}
}

// processSample does what one sample asks for.
func (w *SampleWorker) processSample(ctx context.Context, text string) error {
	var sample sampleMessage
	if err := json.Unmarshal([]byte(text), &sample); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.storeSampleTotals(ctx, sample); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := w.changeSampleBoard(ctx, sample); err != nil {
		return err
	}
	return nil
}

// storeSampleTotals keeps the totals up to date.
func (w *SampleWorker) storeSampleTotals(ctx context.Context, sample sampleMessage) error {
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
	if err := saveSampleRow(ctx, w.table, sampleTotals{
		PartitionKey: "totals",
		RowKey:       sample.Sensor,
		ID:           sample.ID,
		Sensor:       sample.Sensor,
		Level:        sample.Level,
		At:           time.Now().UTC(),
	}); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func haveSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// saveSampleRow encodes a value and writes it.
func saveSampleRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type sampleTotals struct {
	PartitionKey string
	RowKey       string
	ID           string    `json:"id"`
	Sensor       string    `json:"sensor"`
	Level        int       `json:"level"`
	At           time.Time `json:"at"`
}

// changeSampleBoard keeps the board up to date.
func (w *SampleWorker) changeSampleBoard(ctx context.Context, sample sampleMessage) error {
	name := fmt.Sprintf("board/%s.json", sample.ID)
	for try := 0; try < 3; try++ {
		board, etag, err := w.boardStore.LoadSample(ctx, name)
		if err != nil {
			return err
		}
		if slices.Contains(board.Done, sample.ID) {
			return nil
		}
		board.Notes += sample.ID + "\n"
		board.Done = append(board.Done, sample.ID)
		refused := w.boardStore.SaveSample(ctx, name, board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type sampleBoard struct {
	Notes string   `json:"notes"`
	Done  []string `json:"done"`
}

// sampleBoardStore keeps them.
type sampleBoardStore interface {
	LoadSample(ctx context.Context, name string) (value sampleBoard, version *azcore.ETag, err error)
	SaveSample(ctx context.Context, name string, value sampleBoard, version *azcore.ETag) error
}

type sampleBoardBlobs struct {
	client *azblob.Client
}

func (b *sampleBoardBlobs) LoadSample(ctx context.Context, name string) (value sampleBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.DownloadStream(ctx, "archive", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, version, fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	return value, etag, nil
}

func (b *sampleBoardBlobs) SaveSample(ctx context.Context, name string, value sampleBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// keepSample renews the lease of a message until release is called, which returns the last receipt.
func (w *SampleWorker) keepSample(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
	ctx, cancel := context.WithCancel(ctx)
	receipt := *msg.PopReceipt
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(20 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			renewed, err := w.queue.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
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

// plan: lease=120 layout=work change change.row change.key=group change.change=entry change.match=none change.absent

type badgeTask struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// RunBadges receives badges and does what they ask for.
func RunBadges(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processBadge(ctx, table, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processBadge does what one badge asks for.
func processBadge(ctx context.Context, table *aztables.Client, text string) error {
	var badge badgeTask
	if err := json.Unmarshal([]byte(text), &badge); err != nil {
		return err
	}
	var totals badgeTotals
	got, err := table.GetEntity(ctx, "totals", badge.Door, nil)
	if err != nil && !isNoBadge(err) {
		return err
	}
	if err == nil {
		var row badgeTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
	}
	if totals.Entries == nil {
		totals.Entries = map[string]int{}
	}
	totals.Entries[badge.ID] = badge.Zone
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	body, err := json.Marshal(badgeTotalsRow{PartitionKey: "totals", RowKey: badge.Door, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type badgeTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type badgeTotals struct {
	Entries map[string]int
}

func isNoBadge(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// plan: lease=120 layout=work deleteerror=drop renew put put.place=func put.via=funcs

type uploadEvent struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Bytes  int    `json:"bytes"`
}

// RunUploads receives uploads and does what they ask for.
func RunUploads(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	release := keepUpload(ctx, queue, msg)
	err = processUpload(ctx, blobs, *msg.MessageText)
	receipt := release()
	if err != nil {
		return err
	}
	_, _ = queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil)
	return nil
}

// processUpload does what one upload asks for.
func processUpload(ctx context.Context, blobs *azblob.Client, text string) error {
	var upload uploadEvent
	if err := json.Unmarshal([]byte(text), &upload); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := writeUploadTotals(ctx, blobs, upload); err != nil {
		return err
	}
	return nil
}

// writeUploadTotals keeps the totals up to date.
func writeUploadTotals(ctx context.Context, blobs *azblob.Client, upload uploadEvent) error {
	name := "totals/" + upload.ID
	body, err := json.Marshal(upload)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := saveUploadTotals(ctx, blobs, name, body); err != nil {
		return err
	}
	return nil
}

// saveUploadTotals writes the totals.
func saveUploadTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadStream(ctx, "uploads", name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

// keepUpload renews the lease of a message until release is called, which returns the last receipt.
func keepUpload(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
	ctx, cancel := context.WithCancel(ctx)
	receipt := *msg.PopReceipt
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(40 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			renewed, err := queue.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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

// plan: lease=60 batch=3 layout=work deleteerror=log put put.row put.place=func put put.guard=before put.place=func

type reviewMessage struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// RunReviews receives reviews and does what they ask for.
func RunReviews(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := processReview(ctx, blobs, table, *msg.MessageText); err != nil {
			log.Printf("review: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processReview does what one review asks for.
func processReview(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var review reviewMessage
	if err := json.Unmarshal([]byte(text), &review); err != nil {
		return err
	}
	if err := publishReviewTotals(ctx, table, &review); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := saveReviewBoard(ctx, blobs, table, &review); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// publishReviewTotals keeps the totals up to date.
func publishReviewTotals(ctx context.Context, table *aztables.Client, review *reviewMessage) error {
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "totals",
		"RowKey":       review.ID,
		"ID":           review.ID,
		"Product":      review.Product,
		"Stars":        review.Stars,
	})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// saveReviewBoard keeps the board up to date.
func saveReviewBoard(ctx context.Context, blobs *azblob.Client, table *aztables.Client, review *reviewMessage) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": review.ID})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveReview(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	body, err := json.Marshal(reviewBoard{
		ID:      review.ID,
		Product: review.Product,
		Stars:   review.Stars,
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "reviews-board", path.Join("board", review.ID), body, nil); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

func haveReview(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type reviewBoard struct {
	ID      string
	Product string
	Stars   int
}

// plan: methods layout=handle deleteerror=drop change change.row change.guard=applied change.absent change.place=func change.via=funcs change.onerror=log

type lectureEvent struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// LectureWorker works on lectures.
type LectureWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewLectureWorker makes one.
func NewLectureWorker(queue *azqueue.QueueClient, table *aztables.Client) *LectureWorker {
	return &LectureWorker{
		queue: queue,
		table: table,
	}
}

// Run receives lectures and does what they ask for.
func (w *LectureWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleLecture(ctx, msg); err != nil {
		return fmt.Errorf("lecture: %w", err)
	}
	return nil
}

// handleLecture handles one lecture.
func (w *LectureWorker) handleLecture(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var lecture lectureEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &lecture); err != nil {
		return err
	}
	if err := w.mergeLectureTotals(ctx, lecture); err != nil {
		log.Printf("merge %s: %v", lecture.ID, err)
	}
	_, _ = w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// mergeLectureTotals keeps the totals up to date.
func (w *LectureWorker) mergeLectureTotals(ctx context.Context, lecture lectureEvent) error {
	totals, etag, err := w.loadLectureTotals(ctx, lecture.Course, "totals-"+lecture.ID)
	if err != nil {
		return err
	}
	if slices.Contains(totals.Applied, lecture.ID) {
		return nil
	}
	if lecture.Credits > totals.Peak {
		totals.Peak = lecture.Credits
	}
	totals.Applied = append(totals.Applied, lecture.ID)
	if err := w.saveLectureTotals(ctx, lecture.Course, "totals-"+lecture.ID, totals, etag); err != nil {
		return err
	}
	return nil
}

type lectureTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type lectureTotals struct {
	Peak    int
	Applied []string
}

// loadLectureTotals reads the totals.
func (w *LectureWorker) loadLectureTotals(ctx context.Context, partition, row string) (value lectureTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoLecture(err) {
		return value, version, err
	}
	if err == nil {
		var row lectureTotalsRow
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

// saveLectureTotals writes the totals.
func (w *LectureWorker) saveLectureTotals(ctx context.Context, partition, row string, value lectureTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(lectureTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putLectureRow(ctx, w.table, body, version); err != nil {
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

// plan: forever layout=work put put.key=group put.place=closure put.via=generic wait wait.seconds=60 wait.large

type shiftTask struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// RunShifts receives shifts and does what they ask for.
func RunShifts(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := processShift(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("shift: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processShift does what one shift asks for.
func processShift(ctx context.Context, blobs *azblob.Client, text string) error {
	var shift shiftTask
	if err := json.Unmarshal([]byte(text), &shift); err != nil {
		return err
	}
	apply := func() error {
		name := "totals/" + shift.Ward
		if err := saveShiftJSON(ctx, blobs, "shifts", name, shiftTotals{
			ID:    shift.ID,
			Ward:  shift.Ward,
			Hours: shift.Hours,
		}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	if err := apply(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if shift.Hours > 100 {
		time.Sleep(60 * time.Second)
	}
	return nil
}

// saveShiftJSON encodes a value and writes it.
func saveShiftJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type shiftTotals struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// plan: batch=2 forever methods layout=handle deleteerror=log create create.row create.content=random create.place=func

type crateMessage struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// CrateWorker works on crates.
type CrateWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewCrateWorker makes one.
func NewCrateWorker(queue *azqueue.QueueClient, table *aztables.Client) *CrateWorker {
	return &CrateWorker{
		queue: queue,
		table: table,
	}
}

// Run receives crates and does what they ask for.
func (w *CrateWorker) Run(ctx context.Context) error {
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
			if err := w.handleCrate(ctx, msg); err != nil {
				log.Printf("crate: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// handleCrate handles one crate.
func (w *CrateWorker) handleCrate(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var crate crateMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &crate); err != nil {
		return err
	}
	if err := w.registerCrateTotals(ctx, &crate); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// registerCrateTotals keeps the totals up to date.
func (w *CrateWorker) registerCrateTotals(ctx context.Context, crate *crateMessage) error {
	body, err := json.Marshal(crateTotals{
		PartitionKey: crate.Warehouse,
		RowKey:       "totals-" + crate.ID,
		ID:           crate.ID,
		Warehouse:    crate.Warehouse,
		Kilos:        crate.Kilos,
		Secret:       uuid.NewString(),
	})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, body, nil); err != nil {
		if !haveCrate(err) {
			return err
		}
		log.Printf("crate %s is there already", crate.ID)
	}
	return nil
}

type crateTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Warehouse    string `json:"warehouse"`
	Kilos        int    `json:"kilos"`
	Secret       string `json:"secret"`
}

func haveCrate(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: batch=3 methods change change.row change.key=group change.change=entry change.guard=applied change.absent change.place=func change.onerror=drop

type mealEvent struct {
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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var meal mealEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &meal); err != nil {
			return err
		}
		w.updateMealTotals(ctx, meal)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return nil
}

// updateMealTotals keeps the totals up to date.
func (w *MealWorker) updateMealTotals(ctx context.Context, meal mealEvent) error {
	var totals mealTotals
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, "totals", meal.Kitchen, nil)
	if err != nil && !isNoMeal(err) {
		return err
	}
	if err == nil {
		var row mealTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if slices.Contains(totals.Done, meal.ID) {
		return nil
	}
	if totals.ByID == nil {
		totals.ByID = map[string]int{}
	}
	totals.ByID[meal.ID] = meal.Portions
	totals.Done = append(totals.Done, meal.ID)
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	body, err := json.Marshal(mealTotalsRow{PartitionKey: "totals", RowKey: meal.Kitchen, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putMealRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	return nil
}

type mealTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type mealTotals struct {
	ByID map[string]int `json:"byid"`
	Done []string       `json:"done"`
}

func isNoMeal(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
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
