package p09

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

// plan: lease=120 methods layout=handle change change.key=group change.guard=applied change.match=none change.absent change.place=func

type harvestMessage struct {
	ID     string `json:"id"`
	Farm   string `json:"farm"`
	Tonnes int    `json:"tonnes"`
}

// HarvestWorker works on harvests.
type HarvestWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewHarvestWorker makes one.
func NewHarvestWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *HarvestWorker {
	return &HarvestWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives harvests and does what they ask for.
func (w *HarvestWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleHarvest(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleHarvest handles one harvest.
func (w *HarvestWorker) handleHarvest(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var harvest harvestMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
		return err
	}
	if err := w.updateHarvestTotals(ctx, &harvest); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateHarvestTotals keeps the totals up to date.
func (w *HarvestWorker) updateHarvestTotals(ctx context.Context, harvest *harvestMessage) error {
	var totals harvestTotals
	got, err := w.blobs.DownloadStream(ctx, "archive", path.Join("totals", harvest.Farm), nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			return err
		}
	}
	if slices.Contains(totals.Done, harvest.ID) {
		return nil
	}
	totals.Most = max(totals.Most, harvest.Tonnes)
	totals.Done = append(totals.Done, harvest.ID)
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", harvest.Farm), body, nil); err != nil {
		return err
	}
	return nil
}

type harvestTotals struct {
	Most int
	Done []string
}

// plan: lease=120 change change.key=group change.change=set change.guard=before change.match=none change.absent change.stamp change.place=func change.via=iface

type quoteTask struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// RunQuotes receives quotes and does what they ask for.
func RunQuotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	totalsStore := &quoteTotalsBlobs{client: blobs}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var quote quoteTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &quote); err != nil {
		return err
	}
	if err := changeQuoteTotals(ctx, table, totalsStore, &quote); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// changeQuoteTotals keeps the totals up to date.
func changeQuoteTotals(ctx context.Context, table *aztables.Client, totalsStore quoteTotalsStore, quote *quoteTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": quote.ID})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveQuote(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	totals, err := totalsStore.LoadQuote(ctx, path.Join("totals", quote.Broker))
	if err != nil {
		return err
	}
	totals.Latest = quote.Price
	totals.UpdatedAt = time.Now().UTC()
	if err := totalsStore.SaveQuote(ctx, path.Join("totals", quote.Broker), totals); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func haveQuote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type quoteTotals struct {
	Latest    int
	UpdatedAt time.Time
}

// quoteTotalsStore keeps them.
type quoteTotalsStore interface {
	LoadQuote(ctx context.Context, name string) (value quoteTotals, err error)
	SaveQuote(ctx context.Context, name string, value quoteTotals) error
}

type quoteTotalsBlobs struct {
	client *azblob.Client
}

func (b *quoteTotalsBlobs) LoadQuote(ctx context.Context, name string) (value quoteTotals, err error) {
	got, err := b.client.DownloadStream(ctx, "archive", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return value, err
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return value, err
		}
	}
	return value, nil
}

func (b *quoteTotalsBlobs) SaveQuote(ctx context.Context, name string, value quoteTotals) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 layout=handle delete=arms deleteerror=drop renew wait wait.place=func wait.seconds=10 change change.row change.key=group change.retries=4 change.place=func change.via=iface

type songMessage struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// RunSongs receives songs and does what they ask for.
func RunSongs(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	boardStore := &songBoardTable{client: table}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleSong(ctx, queue, boardStore, msg); err != nil {
		return err
	}
	return nil
}

// handleSong handles one song.
func handleSong(ctx context.Context, queue *azqueue.QueueClient, boardStore songBoardStore, msg *azqueue.DequeuedMessage) error {
	var song songMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
		return err
	}
	release := keepSong(ctx, queue, msg)
	defer release()
	if err := settleSongTotals(ctx, song); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if song.Plays > 100 {
		log.Printf("large song %s", song.ID)
		_, _ = queue.DeleteMessage(ctx, *msg.MessageID, release(), nil)
		return nil
	}
	if err := mergeSongBoard(ctx, boardStore, &song); err != nil {
		return err
	}
	_, _ = queue.DeleteMessage(ctx, *msg.MessageID, release(), nil)
	return nil
}

// keepSong renews the lease of a message until release is called, which returns the last receipt.
func keepSong(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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

// settleSongTotals gives other systems some time.
func settleSongTotals(ctx context.Context, song songMessage) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(10 * time.Second):
	}
	return nil
}

// mergeSongBoard keeps the board up to date.
func mergeSongBoard(ctx context.Context, boardStore songBoardStore, song *songMessage) error {
	for range 5 {
		board, etag, err := boardStore.LoadSong(ctx, "board", song.Artist)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		board.Peak = max(board.Peak, song.Plays)
		refused := boardStore.SaveSong(ctx, "board", song.Artist, board, etag)
		if refused == nil {
			return nil
		}
		if !(staleSong(refused)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type songBoard struct {
	PartitionKey string
	RowKey       string
	Peak         int
}

// songBoardStore keeps them.
type songBoardStore interface {
	LoadSong(ctx context.Context, partition, row string) (value songBoard, version *azcore.ETag, err error)
	SaveSong(ctx context.Context, partition, row string, value songBoard, version *azcore.ETag) error
}

type songBoardTable struct {
	client *aztables.Client
}

func (b *songBoardTable) LoadSong(ctx context.Context, partition, row string) (value songBoard, version *azcore.ETag, err error) {
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

func (b *songBoardTable) SaveSong(ctx context.Context, partition, row string, value songBoard, version *azcore.ETag) error {
	value.PartitionKey, value.RowKey = partition, row
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

func staleSong(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// plan: lease=60 delete=arms put put.key=single put.content=stamp put.via=generic put.large wait wait.place=func wait.seconds=20

type fineMessage struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// RunFines receives fines and does what they ask for.
func RunFines(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var fine fineMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &fine); err != nil {
		return err
	}
	if fine.Euros > 100 {
		name := "totals/latest.json"
		if err := saveFineJSON(ctx, blobs, "fines", name, fineTotals{
			ID:    fine.ID,
			Plate: fine.Plate,
			Euros: fine.Euros,
			At:    time.Now(),
		}); err != nil {
			return err
		}
	}
	if fine.Euros > 100 {
		log.Printf("large fine %s", fine.ID)
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if err := pauseFineBoard(ctx, fine); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// saveFineJSON encodes a value and writes it.
func saveFineJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

type fineTotals struct {
	ID    string    `json:"id"`
	Plate string    `json:"plate"`
	Euros int       `json:"euros"`
	At    time.Time `json:"at"`
}

// pauseFineBoard gives other systems some time.
func pauseFineBoard(ctx context.Context, fine fineMessage) error {
	time.Sleep(20 * time.Second)
	return nil
}

// plan: lease=120 layout=handle change change.key=single change.change=add change.retries=4 change.place=func

type loanEvent struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// RunLoans receives loans and does what they ask for.
func RunLoans(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleLoan(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleLoan handles one loan.
func handleLoan(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var loan loanEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := mergeLoanTotals(ctx, blobs, &loan); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// mergeLoanTotals keeps the totals up to date.
func mergeLoanTotals(ctx context.Context, blobs *azblob.Client, loan *loanEvent) error {
	for range 5 {
		var totals loanTotals
		got, err := blobs.DownloadStream(ctx, "archive", "totals.json", nil)
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
		totals.Sum = totals.Sum + loan.Sum
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		_, refused := blobs.UploadBuffer(ctx, "archive", "totals.json", body, &azblob.UploadBufferOptions{
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

type loanTotals struct {
	Sum int
}

// plan: lease=60 methods layout=handle delete=arms look look.row look.key=single

type tourEvent struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// TourWorker works on tours.
type TourWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewTourWorker makes one.
func NewTourWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *TourWorker {
	return &TourWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives tours and does what they ask for.
func (w *TourWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleTour(ctx, msg); err != nil {
		return fmt.Errorf("tour: %w", err)
	}
	return nil
}

// handleTour handles one tour.
func (w *TourWorker) handleTour(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var tour tourEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &tour); err != nil {
		return err
	}
	settings, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(settings.Body)
	if err != nil {
		return err
	}
	log.Printf("settings of %d bytes", len(text))
	if tour.Guests > 100 {
		log.Printf("large tour %s", tour.ID)
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// plan: lease=120 methods deleteerror=drop change change.row change.key=group change.guard=after change.absent change.place=func change.via=swap put put.key=fresh put.place=deep put.onerror=retry

type orderTask struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// OrderWorker works on orders.
type OrderWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewOrderWorker makes one.
func NewOrderWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *OrderWorker {
	return &OrderWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives orders and does what they ask for.
func (w *OrderWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var order orderTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &order); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.updateOrderTotals(ctx, order); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.applyOrderBoard(ctx, order); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return failure
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// updateOrderTotals keeps the totals up to date.
func (w *OrderWorker) updateOrderTotals(ctx context.Context, order orderTask) error {
	_, err := w.table.GetEntity(ctx, "done-totals", order.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoOrder(err) {
		return err
	}
	if err := updateOrderIfThereRow(ctx, w.table, "totals", order.Customer, func(totals *orderTotals) bool {
		if order.Cents > totals.Highest {
			totals.Highest = order.Cents
		}
		totals.PartitionKey, totals.RowKey = "totals", order.Customer
		return true
	}); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": order.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoOrder(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type orderTotals struct {
	PartitionKey string
	RowKey       string
	Highest      int
}

// updateOrderIfThereRow changes a value; change returns false to leave it as it is.
func updateOrderIfThereRow[T any](ctx context.Context, table *aztables.Client, partition, row string, change func(*T) bool) error {
	var value T
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoOrder(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &value); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = &got.ETag
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := putOrderRow(ctx, table, body, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// putOrderRow adds a row where there was none, and otherwise replaces what was read.
func putOrderRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// storeOrderBoard keeps the board up to date.
func (w *OrderWorker) storeOrderBoard(ctx context.Context, order orderTask) error {
	body, err := json.Marshal(orderBoard{
		ID:       order.ID,
		Customer: order.Customer,
		Cents:    order.Cents,
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "orders", "board/"+uuid.New().String()+".json", body, nil); err != nil {
		return err
	}
	return nil
}

type orderBoard struct {
	ID       string
	Customer string
	Cents    int
}

// applyOrderBoard takes one order further.
func (w *OrderWorker) applyOrderBoard(ctx context.Context, order orderTask) error {
	return w.storeOrderBoard(ctx, order)
}

// plan: lease=60 deleteerror=log put

type parcelTask struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// RunParcels receives parcels and does what they ask for.
func RunParcels(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var parcel parcelTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	body, err := json.Marshal(parcelTotals{
		ID:    parcel.ID,
		Depot: parcel.Depot,
		Grams: parcel.Grams,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "data", "totals/"+parcel.ID+".json", body, nil); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

type parcelTotals struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// plan: lease=120 forever methods layout=work change change.row change.guard=older change.absent change.place=func

type invoiceMessage struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Seq     int    `json:"seq"`
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
		if err := w.processInvoice(ctx, *msg.MessageText); err != nil {
			log.Printf("invoice: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processInvoice does what one invoice asks for.
func (w *InvoiceWorker) processInvoice(ctx context.Context, text string) error {
	var invoice invoiceMessage
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return err
	}
	if err := w.mergeInvoiceTotals(ctx, &invoice); err != nil {
		return err
	}
	return nil
}

// mergeInvoiceTotals keeps the totals up to date.
func (w *InvoiceWorker) mergeInvoiceTotals(ctx context.Context, invoice *invoiceMessage) error {
	var totals invoiceTotals
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, "totals", invoice.ID, nil)
	if err != nil && !isNoInvoice(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if invoice.Seq <= totals.Seq {
		return nil
	}
	totals.Highest = max(totals.Highest, invoice.Seq)
	totals.Seq = invoice.Seq
	totals.PartitionKey, totals.RowKey = "totals", invoice.ID
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if err := putInvoiceRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	return nil
}

type invoiceTotals struct {
	PartitionKey string
	RowKey       string
	Highest      int `json:"highest"`
	Seq          int `json:"seq"`
}

func isNoInvoice(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putInvoiceRow adds a row where there was none, and otherwise replaces what was read.
func putInvoiceRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// plan: lease=60 layout=handle put put.content=stamp

type bookingTask struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Nights int    `json:"nights"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleBooking(ctx, queue, blobs, msg); err != nil {
		return fmt.Errorf("booking: %w", err)
	}
	return nil
}

// handleBooking handles one booking.
func handleBooking(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var booking bookingTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &booking); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	body, err := json.Marshal(bookingTotals{
		ID:     booking.ID,
		Room:   booking.Room,
		Nights: booking.Nights,
		At:     time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "data", "totals/"+booking.ID+".json", body, nil); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type bookingTotals struct {
	ID     string
	Room   string
	Nights int
	At     time.Time
}

// plan: lease=120 batch=4 layout=work deleteerror=log wait wait.place=func wait.seconds=1

type readingMessage struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// RunReadings receives readings and does what they ask for.
func RunReadings(ctx context.Context, queue *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := processReading(ctx, *msg.MessageText); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processReading does what one reading asks for.
func processReading(ctx context.Context, text string) error {
	var reading readingMessage
	if err := json.Unmarshal([]byte(text), &reading); err != nil {
		return err
	}
	if err := settleReadingTotals(ctx, reading); err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

// settleReadingTotals gives other systems some time.
func settleReadingTotals(ctx context.Context, reading readingMessage) error {
	time.Sleep(1 * time.Second)
	return nil
}

// plan: lease=30 forever layout=handle delete=deferred deleteerror=drop create create.key=single create.conflict=done change change.key=single change.change=set change.retries=2 change.absent change.place=func change.via=funcs change change.row change.key=single change.change=set change.guard=applied change.retries=2 change.place=func

type voteTask struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// RunVotes receives votes and does what they ask for.
func RunVotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
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
		if err := handleVote(ctx, queue, blobs, table, msg); err != nil {
			log.Printf("vote: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleVote handles one vote.
func handleVote(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var vote voteTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return err
	}
	name := "totals/latest.json"
	body, err := json.Marshal(vote)
	if err != nil {
		return err
	}
	_, refused := blobs.UploadBuffer(ctx, "votes-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		return nil
	}
	if refused != nil {
		return fmt.Errorf("register: %w", refused)
	}
	if err := changeVoteBoard(ctx, blobs, vote); err != nil {
		return err
	}
	if err := changeVoteProfile(ctx, table, vote); err != nil {
		return err
	}
	return nil
}

// changeVoteBoard keeps the board up to date.
func changeVoteBoard(ctx context.Context, blobs *azblob.Client, vote voteTask) error {
	for range 3 {
		board, etag, err := loadVoteBoard(ctx, blobs, "board.json")
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		board.Last = vote.Weight
		refused := saveVoteBoard(ctx, blobs, "board.json", board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("board keep changing")
}

type voteBoard struct {
	Last int `json:"last"`
}

// loadVoteBoard reads the board.
func loadVoteBoard(ctx context.Context, blobs *azblob.Client, name string) (value voteBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "votes-board", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return value, version, fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return value, version, err
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveVoteBoard writes the board.
func saveVoteBoard(ctx context.Context, blobs *azblob.Client, name string, value voteBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "votes-board", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// changeVoteProfile keeps the profile up to date.
func changeVoteProfile(ctx context.Context, table *aztables.Client, vote voteTask) error {
	for try := 0; try < 3; try++ {
		var profile voteProfile
		got, err := table.GetEntity(ctx, "profile", "current", nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		var row voteProfileRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &profile); err != nil {
			return err
		}
		if slices.Contains(profile.Done, vote.ID) {
			return nil
		}
		profile.Last = vote.Weight
		profile.Done = append(profile.Done, vote.ID)
		data, err := json.Marshal(profile)
		if err != nil {
			return err
		}
		body, err := json.Marshal(voteProfileRow{PartitionKey: "profile", RowKey: "current", Data: string(data)})
		if err != nil {
			return err
		}
		_, refused := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace})
		if refused == nil {
			return nil
		}
		if !(staleVote(refused)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("profile keep changing")
}

type voteProfileRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type voteProfile struct {
	Last int      `json:"last"`
	Done []string `json:"done"`
}

func staleVote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// plan: lease=60 forever layout=handle delete=deferred deleteerror=drop send send.content=stamp send.place=func change change.change=set change.absent change.stamp change.place=func change.onerror=drop

type refundMessage struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RunRefunds receives refunds and does what they ask for.
func RunRefunds(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, out *azqueue.QueueClient) error {
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
		if err := handleRefund(ctx, queue, blobs, out, msg); err != nil {
			log.Printf("refund: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleRefund handles one refund.
func handleRefund(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, out *azqueue.QueueClient, msg *azqueue.DequeuedMessage) error {
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var refund refundMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &refund); err != nil {
		return err
	}
	if err := forwardRefundTotals(ctx, out, &refund); err != nil {
		return err
	}
	mergeRefundBoard(ctx, blobs, &refund)
	return nil
}

// forwardRefundTotals tells others about the refund.
func forwardRefundTotals(ctx context.Context, out *azqueue.QueueClient, refund *refundMessage) error {
	note, err := json.Marshal(map[string]any{"At": time.Now().UTC(), "Refund": refund.ID})
	if err != nil {
		return err
	}
	if _, err := out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return err
	}
	return nil
}

// mergeRefundBoard keeps the board up to date.
func mergeRefundBoard(ctx context.Context, blobs *azblob.Client, refund *refundMessage) error {
	var board refundBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "refunds-board", path.Join("board", refund.ID), nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(raw, &board); err != nil {
			return err
		}
		etag = got.ETag
	}
	board.Last = refund.Cents
	board.UpdatedAt = time.Now().UTC()
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "refunds-board", path.Join("board", refund.ID), bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type refundBoard struct {
	Last      int
	UpdatedAt time.Time
}

// plan: lease=30 layout=handle put put.row put.via=iface change change.change=entry change.absent change.place=func change change.change=tally change.guard=older change.absent change.place=func change.via=iface

type paymentTask struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Seq    int    `json:"seq"`
}

// RunPayments receives payments and does what they ask for.
func RunPayments(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	profileStore := &paymentProfileBlobs{client: blobs}
	totalsStore := &paymentTotalsTable{client: table}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handlePayment(ctx, queue, blobs, profileStore, totalsStore, msg); err != nil {
		return err
	}
	return nil
}

// handlePayment handles one payment.
func handlePayment(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, profileStore paymentProfileStore, totalsStore paymentTotalsStore, msg *azqueue.DequeuedMessage) error {
	var payment paymentTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &payment); err != nil {
		return err
	}
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: payment.ID},
		Properties: map[string]any{
			"ID":     payment.ID,
			"Wallet": payment.Wallet,
			"Seq":    payment.Seq,
		},
	})
	if err != nil {
		return err
	}
	if err := totalsStore.PutPayment(ctx, body); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := mergePaymentBoard(ctx, blobs, payment); err != nil {
		return err
	}
	if err := mergePaymentProfile(ctx, profileStore, &payment); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// paymentTotalsStore keeps them.
type paymentTotalsStore interface {
	PutPayment(ctx context.Context, body []byte) error
}

type paymentTotalsTable struct {
	client *aztables.Client
}

func (b *paymentTotalsTable) PutPayment(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// mergePaymentBoard keeps the board up to date.
func mergePaymentBoard(ctx context.Context, blobs *azblob.Client, payment paymentTask) error {
	var board paymentBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "payments-board", path.Join("board", payment.ID), nil)
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
	if board.ByID == nil {
		board.ByID = map[string]int{}
	}
	board.ByID[payment.ID] = payment.Seq
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "payments-board", path.Join("board", payment.ID), bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type paymentBoard struct {
	ByID map[string]int
}

// mergePaymentProfile keeps the profile up to date.
func mergePaymentProfile(ctx context.Context, profileStore paymentProfileStore, payment *paymentTask) error {
	name := "profile/" + payment.ID
	profile, etag, err := profileStore.LoadPayment(ctx, name)
	if err != nil {
		return err
	}
	if payment.Seq <= profile.Seq {
		return nil
	}
	if profile.ByID == nil {
		profile.ByID = map[string]int{}
	}
	profile.ByID[payment.Wallet] += payment.Seq
	profile.Seq = payment.Seq
	if err := profileStore.SavePayment(ctx, name, profile, etag); err != nil {
		return err
	}
	return nil
}

type paymentProfile struct {
	ByID map[string]int
	Seq  int
}

// paymentProfileStore keeps them.
type paymentProfileStore interface {
	LoadPayment(ctx context.Context, name string) (value paymentProfile, version *azcore.ETag, err error)
	SavePayment(ctx context.Context, name string, value paymentProfile, version *azcore.ETag) error
}

type paymentProfileBlobs struct {
	client *azblob.Client
}

func (b *paymentProfileBlobs) LoadPayment(ctx context.Context, name string) (value paymentProfile, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.DownloadStream(ctx, "payments-profile", name, nil)
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

func (b *paymentProfileBlobs) SavePayment(ctx context.Context, name string, value paymentProfile, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadBuffer(ctx, "payments-profile", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=handle delete=deferred deleteerror=drop change change.row change.key=group change.change=add change.via=iface change.large wait wait.seconds=35

type photoMessage struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
}

// PhotoWorker works on photos.
type PhotoWorker struct {
	queue       *azqueue.QueueClient
	totalsStore photoTotalsStore
}

// NewPhotoWorker makes one.
func NewPhotoWorker(queue *azqueue.QueueClient, table *aztables.Client) *PhotoWorker {
	return &PhotoWorker{
		queue:       queue,
		totalsStore: &photoTotalsTable{client: table},
	}
}

// Run receives photos and does what they ask for.
func (w *PhotoWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handlePhoto(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handlePhoto handles one photo.
func (w *PhotoWorker) handlePhoto(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var photo photoMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &photo); err != nil {
		return err
	}
	if photo.Pixels > 100 {
		totals, etag, err := w.totalsStore.LoadPhoto(ctx, "totals", photo.Album)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		totals.Sum += photo.Pixels
		if err := w.totalsStore.SavePhoto(ctx, "totals", photo.Album, totals, etag); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(35 * time.Second):
	}
	return nil
}

type photoTotals struct {
	PartitionKey string
	RowKey       string
	Sum          int `json:"sum"`
}

// photoTotalsStore keeps them.
type photoTotalsStore interface {
	LoadPhoto(ctx context.Context, partition, row string) (value photoTotals, version *azcore.ETag, err error)
	SavePhoto(ctx context.Context, partition, row string, value photoTotals, version *azcore.ETag) error
}

type photoTotalsTable struct {
	client *aztables.Client
}

func (b *photoTotalsTable) LoadPhoto(ctx context.Context, partition, row string) (value photoTotals, version *azcore.ETag, err error) {
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

func (b *photoTotalsTable) SavePhoto(ctx context.Context, partition, row string, value photoTotals, version *azcore.ETag) error {
	value.PartitionKey, value.RowKey = partition, row
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever layout=handle delete=arms deleteerror=drop put

type articleEvent struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// RunArticles receives articles and does what they ask for.
func RunArticles(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		if err := handleArticle(ctx, queue, blobs, msg); err != nil {
			log.Printf("article: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleArticle handles one article.
func handleArticle(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var article articleEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", article.ID)
	body, err := json.Marshal(article)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "articles-totals", name, body, nil); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if article.Words > 100 {
		log.Printf("large article %s", article.ID)
		_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		return nil
	}
	_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// plan: lease=30 batch=4 forever layout=handle delete=deferred deleteerror=drop change change.row change.key=group change.change=include change.guard=applied change.absent change.place=func

type visitEvent struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// RunVisits receives visits and does what they ask for.
func RunVisits(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
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
			if err := handleVisit(ctx, queue, table, msg); err != nil {
				log.Printf("visit: %v", err)
				continue
			}
		}
	}
}

// handleVisit handles one visit.
func handleVisit(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var visit visitEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
		return err
	}
	if err := updateVisitTotals(ctx, table, visit); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// updateVisitTotals keeps the totals up to date.
func updateVisitTotals(ctx context.Context, table *aztables.Client, visit visitEvent) error {
	var totals visitTotals
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "totals", visit.Page, nil)
	if err != nil && !isNoVisit(err) {
		return err
	}
	if err == nil {
		var row visitTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if slices.Contains(totals.Handled, visit.ID) {
		return nil
	}
	if !slices.Contains(totals.Members, visit.ID) {
		totals.Members = append(totals.Members, visit.ID)
	}
	totals.Handled = append(totals.Handled, visit.ID)
	data, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(visitTotalsRow{PartitionKey: "totals", RowKey: visit.Page, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putVisitRow(ctx, table, body, etag); err != nil {
		return err
	}
	return nil
}

type visitTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type visitTotals struct {
	Members []string `json:"members"`
	Handled []string `json:"handled"`
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

// plan: methods layout=handle renew put put.row put.key=single put.place=deep put.via=iface look look.row

type scoreEvent struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
}

// ScoreWorker works on scores.
type ScoreWorker struct {
	queue       *azqueue.QueueClient
	blobs       *azblob.Client
	totalsStore scoreTotalsStore
}

// NewScoreWorker makes one.
func NewScoreWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ScoreWorker {
	return &ScoreWorker{
		queue:       queue,
		blobs:       blobs,
		totalsStore: &scoreTotalsTable{client: table},
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
	var score scoreEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return err
	}
	release := w.keepScore(ctx, msg)
	defer release()
	if err := w.applyScoreTotals(ctx, score); err != nil {
		return err
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
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return err
	}
	return nil
}

// keepScore renews the lease of a message until release is called, which returns the last receipt.
func (w *ScoreWorker) keepScore(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// writeScoreTotals keeps the totals up to date.
func (w *ScoreWorker) writeScoreTotals(ctx context.Context, score scoreEvent) error {
	body, err := json.Marshal(scoreTotals{
		PartitionKey: "totals",
		RowKey:       "current",
		ID:           score.ID,
		Player:       score.Player,
		Points:       score.Points,
	})
	if err != nil {
		return err
	}
	if err := w.totalsStore.PutScore(ctx, body); err != nil {
		return err
	}
	return nil
}

type scoreTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Player       string `json:"player"`
	Points       int    `json:"points"`
}

// scoreTotalsStore keeps them.
type scoreTotalsStore interface {
	PutScore(ctx context.Context, body []byte) error
}

type scoreTotalsTable struct {
	client *aztables.Client
}

func (b *scoreTotalsTable) PutScore(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// applyScoreTotals takes one score further.
func (w *ScoreWorker) applyScoreTotals(ctx context.Context, score scoreEvent) error {
	if score.ID == "" {
		return errors.New("score without id")
	}
	if err := w.writeScoreTotals(ctx, score); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 methods layout=work change change.change=grow change.retries=9 change.absent change.place=deep change.via=iface put put.row put.content=random put.place=deep put.via=generic put put.row put.key=group put.guard=after put.place=func put.via=funcs

type tripMessage struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// TripWorker works on trips.
type TripWorker struct {
	queue       *azqueue.QueueClient
	table       *aztables.Client
	totalsStore tripTotalsStore
}

// NewTripWorker makes one.
func NewTripWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *TripWorker {
	return &TripWorker{
		queue:       queue,
		table:       table,
		totalsStore: &tripTotalsBlobs{client: blobs},
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
	if err := w.processTrip(ctx, *msg.MessageText); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processTrip does what one trip asks for.
func (w *TripWorker) processTrip(ctx context.Context, text string) error {
	var trip tripMessage
	if err := json.Unmarshal([]byte(text), &trip); err != nil {
		return err
	}
	if err := w.applyTripTotals(ctx, trip); err != nil {
		return err
	}
	if err := w.applyTripBoard(ctx, trip); err != nil {
		return err
	}
	if err := w.writeTripProfile(ctx, &trip); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// changeTripTotals keeps the totals up to date.
func (w *TripWorker) changeTripTotals(ctx context.Context, trip tripMessage) error {
	name := fmt.Sprintf("totals/%s.json", trip.ID)
	for try := 0; try < 10; try++ {
		totals, etag, err := w.totalsStore.LoadTrip(ctx, name)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		totals.Notes += trip.ID + "\n"
		refused := w.totalsStore.SaveTrip(ctx, name, totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("totals keep changing")
}

type tripTotals struct {
	Notes string `json:"notes"`
}

// tripTotalsStore keeps them.
type tripTotalsStore interface {
	LoadTrip(ctx context.Context, name string) (value tripTotals, version *azcore.ETag, err error)
	SaveTrip(ctx context.Context, name string, value tripTotals, version *azcore.ETag) error
}

type tripTotalsBlobs struct {
	client *azblob.Client
}

func (b *tripTotalsBlobs) LoadTrip(ctx context.Context, name string) (value tripTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.DownloadStream(ctx, "trips-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, version, err
		}
		etag = got.ETag
	}
	return value, etag, nil
}

func (b *tripTotalsBlobs) SaveTrip(ctx context.Context, name string, value tripTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadBuffer(ctx, "trips-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// applyTripTotals takes one trip further.
func (w *TripWorker) applyTripTotals(ctx context.Context, trip tripMessage) error {
	if trip.ID == "" {
		return errors.New("trip without id")
	}
	if err := w.changeTripTotals(ctx, trip); err != nil {
		return err
	}
	return nil
}

// saveTripBoard keeps the board up to date.
func (w *TripWorker) saveTripBoard(ctx context.Context, trip tripMessage) error {
	if err := saveTripRow(ctx, w.table, tripBoard{
		PartitionKey: trip.Truck,
		RowKey:       "board-" + trip.ID,
		ID:           trip.ID,
		Truck:        trip.Truck,
		Miles:        trip.Miles,
		Secret:       uuid.NewString(),
	}); err != nil {
		return err
	}
	return nil
}

// saveTripRow encodes a value and writes it.
func saveTripRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type tripBoard struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Truck        string `json:"truck"`
	Miles        int    `json:"miles"`
	Secret       string `json:"secret"`
}

// applyTripBoard takes one trip further.
func (w *TripWorker) applyTripBoard(ctx context.Context, trip tripMessage) error {
	return w.saveTripBoard(ctx, trip)
}

// writeTripProfile keeps the profile up to date.
func (w *TripWorker) writeTripProfile(ctx context.Context, trip *tripMessage) error {
	_, err := w.table.GetEntity(ctx, "done-profile", trip.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoTrip(err) {
		return err
	}
	body, err := json.Marshal(tripProfile{
		PartitionKey: "profile",
		RowKey:       trip.Truck,
		ID:           trip.ID,
		Truck:        trip.Truck,
		Miles:        trip.Miles,
	})
	if err != nil {
		return err
	}
	if err := w.saveTripProfile(ctx, body); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-profile", "RowKey": trip.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoTrip(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type tripProfile struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Truck        string `json:"truck"`
	Miles        int    `json:"miles"`
}

// saveTripProfile writes the profile.
func (w *TripWorker) saveTripProfile(ctx context.Context, body []byte) error {
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=30 forever layout=work delete=first put put.content=beat put.place=deep put.onerror=retry change change.row change.absent change.place=deep change.large

type donationEvent struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// RunDonations receives donations and does what they ask for.
func RunDonations(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
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
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
		if err := processDonation(ctx, blobs, table, *msg.MessageText); err != nil {
			log.Printf("donation: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processDonation does what one donation asks for.
func processDonation(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var donation donationEvent
	if err := json.Unmarshal([]byte(text), &donation); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var failure error
	for range 3 {
		if failure = applyDonationTotals(ctx, blobs, &donation); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return failure
	}
	if donation.Cents > 100 {
		if err := applyDonationBoard(ctx, table, donation); err != nil {
			return fmt.Errorf("update: %w", err)
		}
	}
	return nil
}

// publishDonationTotals keeps the totals up to date.
func publishDonationTotals(ctx context.Context, blobs *azblob.Client, donation *donationEvent) error {
	name := fmt.Sprintf("totals/%s.json", donation.ID)
	body, err := json.Marshal(donationTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "donations-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

type donationTotals struct {
	SeenAt time.Time `json:"seenat"`
}

// applyDonationTotals takes one donation further.
func applyDonationTotals(ctx context.Context, blobs *azblob.Client, donation *donationEvent) error {
	if donation.ID == "" {
		return errors.New("donation without id")
	}
	if err := publishDonationTotals(ctx, blobs, donation); err != nil {
		return err
	}
	return nil
}

// updateDonationBoard keeps the board up to date.
func updateDonationBoard(ctx context.Context, table *aztables.Client, donation donationEvent) error {
	var board donationBoard
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "board", donation.ID, nil)
	if err != nil && !isNoDonation(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &board); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = &got.ETag
	}
	board.Most = max(board.Most, donation.Cents)
	board.PartitionKey, board.RowKey = "board", donation.ID
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	if err := putDonationRow(ctx, table, body, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type donationBoard struct {
	PartitionKey string
	RowKey       string
	Most         int `json:"most"`
}

func isNoDonation(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putDonationRow adds a row where there was none, and otherwise replaces what was read.
func putDonationRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// applyDonationBoard takes one donation further.
func applyDonationBoard(ctx context.Context, table *aztables.Client, donation donationEvent) error {
	return updateDonationBoard(ctx, table, donation)
}

// plan: lease=120 forever methods layout=handle renew send send.content=stamp send.place=func

type depositMessage struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// DepositWorker works on deposits.
type DepositWorker struct {
	queue *azqueue.QueueClient
	out   *azqueue.QueueClient
}

// NewDepositWorker makes one.
func NewDepositWorker(queue *azqueue.QueueClient, out *azqueue.QueueClient) *DepositWorker {
	return &DepositWorker{
		queue: queue,
		out:   out,
	}
}

// Run receives deposits and does what they ask for.
func (w *DepositWorker) Run(ctx context.Context) error {
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
		if err := w.handleDeposit(ctx, msg); err != nil {
			log.Printf("deposit: %v", err)
			continue
		}
	}
}

// handleDeposit handles one deposit.
func (w *DepositWorker) handleDeposit(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var deposit depositMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	release := w.keepDeposit(ctx, msg)
	defer release()
	if err := w.notifyDepositTotals(ctx, &deposit); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// keepDeposit renews the lease of a message until release is called, which returns the last receipt.
func (w *DepositWorker) keepDeposit(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// notifyDepositTotals tells others about the deposit.
func (w *DepositWorker) notifyDepositTotals(ctx context.Context, deposit *depositMessage) error {
	note, err := json.Marshal(map[string]any{"At": time.Now().UTC(), "Deposit": deposit.ID})
	if err != nil {
		return err
	}
	if _, err := w.out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// plan: lease=120 batch=2 layout=work delete=onerror change change.change=tally change.guard=applied change.absent change.stamp change.place=deep change.via=funcs change.large

type saleMessage struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// RunSales receives sales and does what they ask for.
func RunSales(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := processSale(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("sale %s failed: %v", *msg.MessageID, err)
			if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// processSale does what one sale asks for.
func processSale(ctx context.Context, blobs *azblob.Client, text string) error {
	var sale saleMessage
	if err := json.Unmarshal([]byte(text), &sale); err != nil {
		return err
	}
	if sale.Units > 100 {
		if err := applySaleTotals(ctx, blobs, sale); err != nil {
			return err
		}
	}
	return nil
}

// changeSaleTotals keeps the totals up to date.
func changeSaleTotals(ctx context.Context, blobs *azblob.Client, sale saleMessage) error {
	name := fmt.Sprintf("totals/%s.json", sale.ID)
	totals, etag, err := loadSaleTotals(ctx, blobs, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if slices.Contains(totals.Done, sale.ID) {
		return nil
	}
	if totals.Amounts == nil {
		totals.Amounts = map[string]int{}
	}
	totals.Amounts[sale.Shop] += sale.Units
	totals.Done = append(totals.Done, sale.ID)
	totals.WrittenAt = time.Now().UTC()
	if err := saveSaleTotals(ctx, blobs, name, totals, etag); err != nil {
		return err
	}
	return nil
}

type saleTotals struct {
	Amounts   map[string]int `json:"amounts"`
	Done      []string       `json:"done"`
	WrittenAt time.Time      `json:"writtenat"`
}

// loadSaleTotals reads the totals.
func loadSaleTotals(ctx context.Context, blobs *azblob.Client, name string) (value saleTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "sales-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, version, err
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveSaleTotals writes the totals.
func saveSaleTotals(ctx context.Context, blobs *azblob.Client, name string, value saleTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "sales-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// applySaleTotals takes one sale further.
func applySaleTotals(ctx context.Context, blobs *azblob.Client, sale saleMessage) error {
	if sale.ID == "" {
		return errors.New("sale without id")
	}
	if err := changeSaleTotals(ctx, blobs, sale); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 layout=handle deleteerror=drop put put.row put.key=fresh put.place=closure put.via=generic

type rentalMessage struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RunRentals receives rentals and does what they ask for.
func RunRentals(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleRental(ctx, queue, table, msg); err != nil {
		return err
	}
	return nil
}

// handleRental handles one rental.
func handleRental(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var rental rentalMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &rental); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	attempt := func() error {
		id := uuid.New().String()
		if err := saveRentalRow(ctx, table, rentalTotals{
			PartitionKey: "totals",
			RowKey:       id,
			ID:           rental.ID,
			Station:      rental.Station,
			Hours:        rental.Hours,
		}); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	}
	if err := attempt(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
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
	ID           string `json:"id"`
	Station      string `json:"station"`
	Hours        int    `json:"hours"`
}

// plan: methods layout=handle delete=forgotten wait wait.seconds=5 put put.row put.place=func

type sampleMessage struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// SampleWorker works on samples.
type SampleWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewSampleWorker makes one.
func NewSampleWorker(queue *azqueue.QueueClient, table *aztables.Client) *SampleWorker {
	return &SampleWorker{
		queue: queue,
		table: table,
	}
}

// Run receives samples and does what they ask for.
func (w *SampleWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleSample(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleSample handles one sample.
func (w *SampleWorker) handleSample(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var sample sampleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &sample); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	if sample.Level > 100 {
		log.Printf("large sample %s", sample.ID)
		return nil
	}
	if err := w.writeSampleBoard(ctx, sample); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// writeSampleBoard keeps the board up to date.
func (w *SampleWorker) writeSampleBoard(ctx context.Context, sample sampleMessage) error {
	body, err := json.Marshal(sampleBoard{
		PartitionKey: "board",
		RowKey:       sample.ID,
		ID:           sample.ID,
		Sensor:       sample.Sensor,
		Level:        sample.Level,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type sampleBoard struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Sensor       string `json:"sensor"`
	Level        int    `json:"level"`
}

// plan: lease=120 batch=16 layout=work delete=onerror put put.key=fresh put.onerror=drop put put.key=group put.content=stamp put.place=closure

type badgeTask struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// RunBadges receives badges and does what they ask for.
func RunBadges(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := processBadge(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("badge %s failed: %v", *msg.MessageID, err)
			if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				return err
			}
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

// processBadge does what one badge asks for.
func processBadge(ctx context.Context, blobs *azblob.Client, text string) error {
	var badge badgeTask
	if err := json.Unmarshal([]byte(text), &badge); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"id":   badge.ID,
		"door": badge.Door,
		"zone": badge.Zone,
	})
	if err != nil {
		return err
	}
	blobs.UploadBuffer(ctx, "data", "totals/"+time.Now().UTC().Format("20060102T150405.000000000")+".json", body, nil)
	work := func() error {
		name := "board/" + badge.Door
		body2, err := json.Marshal(badgeBoard{
			ID:        badge.ID,
			Door:      badge.Door,
			Zone:      badge.Zone,
			UpdatedAt: time.Now(),
		})
		if err != nil {
			return err
		}
		if _, err := blobs.UploadStream(ctx, "data", name, bytes.NewReader(body2), nil); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	}
	if err := work(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

type badgeBoard struct {
	ID        string
	Door      string
	Zone      int
	UpdatedAt time.Time
}
