package p05

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

// plan: lease=60 layout=work create create.place=func create.via=funcs put put.row put.key=single put.place=closure change change.key=group change.change=add change.guard=applied change.place=func change.via=generic change.large put put.key=single put.via=generic put.onerror=retrylog

type lessonEvent struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// RunLessons receives lessons and does what they ask for.
func RunLessons(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processLesson(ctx, blobs, table, *msg.MessageText); err != nil {
		return fmt.Errorf("lesson: %w", err)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processLesson does what one lesson asks for.
func processLesson(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var lesson lessonEvent
	if err := json.Unmarshal([]byte(text), &lesson); err != nil {
		return err
	}
	if err := openLessonTotals(ctx, blobs, lesson); err != nil {
		return err
	}
	work := func() error {
		body, err := json.Marshal(aztables.EDMEntity{
			Entity: aztables.Entity{PartitionKey: "board", RowKey: "all"},
			Properties: map[string]any{
				"ID":      lesson.ID,
				"Pupil":   lesson.Pupil,
				"Minutes": lesson.Minutes,
			},
		})
		if err != nil {
			return err
		}
		if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
			return err
		}
		return nil
	}
	if err := work(); err != nil {
		return err
	}
	if lesson.Minutes > 100 {
		if err := updateLessonProfile(ctx, blobs, lesson); err != nil {
			return err
		}
	}
	var failure error
	for range 3 {
		if failure = saveLessonJSON(ctx, blobs, "lessons-ledger", "ledger.json", lessonLedger{
			ID:      lesson.ID,
			Pupil:   lesson.Pupil,
			Minutes: lesson.Minutes,
		}); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		log.Printf("store %s: %v", lesson.ID, failure)
	}
	return nil
}

// openLessonTotals keeps the totals up to date.
func openLessonTotals(ctx context.Context, blobs *azblob.Client, lesson lessonEvent) error {
	name := fmt.Sprintf("totals/%s.json", lesson.ID)
	body, err := json.Marshal(lesson)
	if err != nil {
		return err
	}
	if err := createLessonTotals(ctx, blobs, name, body); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		log.Printf("lesson %s is there already", lesson.ID)
	}
	return nil
}

// createLessonTotals writes the totals.
func createLessonTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "lessons-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// updateLessonProfile keeps the profile up to date.
func updateLessonProfile(ctx context.Context, blobs *azblob.Client, lesson lessonEvent) error {
	name := "profile/" + lesson.Pupil
	profile, etag, err := loadLessonJSON[lessonProfile](ctx, blobs, "lessons-profile", name)
	if err != nil {
		return err
	}
	if slices.Contains(profile.Applied, lesson.ID) {
		return nil
	}
	profile.Total += lesson.Minutes
	profile.Applied = append(profile.Applied, lesson.ID)
	if err := saveLessonJSON(ctx, blobs, "lessons-profile", name, profile, etag); err != nil {
		return err
	}
	return nil
}

type lessonProfile struct {
	Total   int
	Applied []string
}

// loadLessonJSON reads a value.
func loadLessonJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

// saveLessonJSON writes a value.
func saveLessonJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return err
	}
	return nil
}

type lessonLedger struct {
	ID      string
	Pupil   string
	Minutes int
}

// plan: lease=30 forever methods change change.key=group change.change=tally change.guard=applied change.match=none change.stamp

type harvestEvent struct {
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
		var harvest harvestEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		var totals harvestTotals
		got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+harvest.Farm+".json", nil)
		if err != nil {
			log.Printf("read: %v", err)
			continue
		}
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			log.Printf("read: %v", err)
			continue
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if !slices.Contains(totals.Done, harvest.ID) {
			if totals.ByID == nil {
				totals.ByID = map[string]int{}
			}
			totals.ByID[harvest.Farm] += harvest.Tonnes
			totals.Done = append(totals.Done, harvest.ID)
			totals.WrittenAt = time.Now().UTC()
			body, err := json.Marshal(totals)
			if err != nil {
				log.Printf("encode: %v", err)
				continue
			}
			if _, err := w.blobs.UploadStream(ctx, "data", "totals/"+harvest.Farm+".json", bytes.NewReader(body), nil); err != nil {
				log.Printf("write: %v", err)
				continue
			}
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

type harvestTotals struct {
	ByID      map[string]int
	Done      []string
	WrittenAt time.Time
}

// plan: lease=60 forever methods layout=handle create create.row create.key=group create.guard=after create.place=func create.via=funcs

type quoteTask struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// QuoteWorker works on quotes.
type QuoteWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewQuoteWorker makes one.
func NewQuoteWorker(queue *azqueue.QueueClient, table *aztables.Client) *QuoteWorker {
	return &QuoteWorker{
		queue: queue,
		table: table,
	}
}

// Run receives quotes and does what they ask for.
func (w *QuoteWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
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
		if err := w.handleQuote(ctx, msg); err != nil {
			log.Printf("quote: %v", err)
			continue
		}
	}
}

// handleQuote handles one quote.
func (w *QuoteWorker) handleQuote(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var quote quoteTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &quote); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.registerQuoteTotals(ctx, quote); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// registerQuoteTotals keeps the totals up to date.
func (w *QuoteWorker) registerQuoteTotals(ctx context.Context, quote quoteTask) error {
	_, err := w.table.GetEntity(ctx, "done-totals", quote.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoQuote(err) {
		return err
	}
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: quote.Broker},
		Properties: map[string]any{
			"ID":     quote.ID,
			"Broker": quote.Broker,
			"Price":  quote.Price,
		},
	})
	if err != nil {
		return err
	}
	if err := w.createQuoteTotals(ctx, body); err != nil && !haveQuote(err) {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": quote.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoQuote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// createQuoteTotals writes the totals.
func (w *QuoteWorker) createQuoteTotals(ctx context.Context, body []byte) error {
	if _, err := w.table.AddEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

func haveQuote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: layout=work deleteerror=log wait wait.place=func wait.seconds=60 change change.key=single change.absent change.place=func change.via=iface change.large

type songMessage struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// RunSongs receives songs and does what they ask for.
func RunSongs(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	boardStore := &songBoardBlobs{client: blobs}
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processSong(ctx, boardStore, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// processSong does what one song asks for.
func processSong(ctx context.Context, boardStore songBoardStore, text string) error {
	var song songMessage
	if err := json.Unmarshal([]byte(text), &song); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := pauseSongTotals(ctx, &song); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	if song.Plays > 100 {
		if err := updateSongBoard(ctx, boardStore, song); err != nil {
			return err
		}
	}
	return nil
}

// pauseSongTotals gives other systems some time.
func pauseSongTotals(ctx context.Context, song *songMessage) error {
	time.Sleep(60 * time.Second)
	return nil
}

// updateSongBoard keeps the board up to date.
func updateSongBoard(ctx context.Context, boardStore songBoardStore, song songMessage) error {
	name := "board/latest.json"
	board, etag, err := boardStore.LoadSong(ctx, name)
	if err != nil {
		return err
	}
	if song.Plays > board.Peak {
		board.Peak = song.Plays
	}
	if err := boardStore.SaveSong(ctx, name, board, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type songBoard struct {
	Peak int `json:"peak"`
}

// songBoardStore keeps them.
type songBoardStore interface {
	LoadSong(ctx context.Context, name string) (value songBoard, version *azcore.ETag, err error)
	SaveSong(ctx context.Context, name string, value songBoard, version *azcore.ETag) error
}

type songBoardBlobs struct {
	client *azblob.Client
}

func (b *songBoardBlobs) LoadSong(ctx context.Context, name string) (value songBoard, version *azcore.ETag, err error) {
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

func (b *songBoardBlobs) SaveSong(ctx context.Context, name string, value songBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=30 batch=3 forever deleteerror=drop wait wait.seconds=60

type fineMessage struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// RunFines receives fines and does what they ask for.
func RunFines(ctx context.Context, queue *azqueue.QueueClient) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(30))})
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
			var fine fineMessage
			if err := json.Unmarshal([]byte(*msg.MessageText), &fine); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			select {
			case <-ctx.Done():
				log.Printf("wait: %v", ctx.Err())
				continue
			case <-time.After(60 * time.Second):
			}
			_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		}
	}
	return ctx.Err()
}

// plan: lease=120 batch=3 methods layout=handle delete=deferred deleteerror=drop change change.row change.key=group change.guard=older change.stamp change.via=generic put put.row put.via=iface

type loanTask struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Seq    int    `json:"seq"`
}

// LoanWorker works on loans.
type LoanWorker struct {
	queue      *azqueue.QueueClient
	table      *aztables.Client
	boardStore loanBoardStore
}

// NewLoanWorker makes one.
func NewLoanWorker(queue *azqueue.QueueClient, table *aztables.Client) *LoanWorker {
	return &LoanWorker{
		queue:      queue,
		table:      table,
		boardStore: &loanBoardTable{client: table},
	}
}

// Run receives loans and does what they ask for.
func (w *LoanWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.handleLoan(ctx, msg); err != nil {
			return fmt.Errorf("loan: %w", err)
		}
	}
	return nil
}

// handleLoan handles one loan.
func (w *LoanWorker) handleLoan(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var loan loanTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
		return err
	}
	totals, etag, err := loadLoanRow[loanTotals](ctx, w.table, "totals", loan.Branch)
	if err != nil {
		return err
	}
	if !(loan.Seq <= totals.Seq) {
		totals.Peak = max(totals.Peak, loan.Seq)
		totals.Seq = loan.Seq
		totals.UpdatedAt = time.Now().UTC()
		totals.PartitionKey, totals.RowKey = "totals", loan.Branch
		if err := saveLoanRow(ctx, w.table, totals, etag); err != nil {
			return err
		}
	}
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "board",
		"RowKey":       loan.ID,
		"ID":           loan.ID,
		"Branch":       loan.Branch,
		"Seq":          loan.Seq,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.boardStore.PutLoan(ctx, body); err != nil {
		return err
	}
	return nil
}

type loanTotals struct {
	PartitionKey string
	RowKey       string
	Peak         int       `json:"peak"`
	Seq          int       `json:"seq"`
	UpdatedAt    time.Time `json:"updatedat"`
}

// loadLoanRow reads a value.
func loadLoanRow[T any](ctx context.Context, table *aztables.Client, partition, row string) (value T, version *azcore.ETag, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

// saveLoanRow writes a value.
func saveLoanRow[T any](ctx context.Context, table *aztables.Client, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// loanBoardStore keeps them.
type loanBoardStore interface {
	PutLoan(ctx context.Context, body []byte) error
}

type loanBoardTable struct {
	client *aztables.Client
}

func (b *loanBoardTable) PutLoan(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: batch=16 methods layout=handle put put.key=single put.via=iface put put.row put.content=stamp put put.place=func

type tourEvent struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// TourWorker works on tours.
type TourWorker struct {
	queue       *azqueue.QueueClient
	blobs       *azblob.Client
	table       *aztables.Client
	totalsStore tourTotalsStore
}

// NewTourWorker makes one.
func NewTourWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *TourWorker {
	return &TourWorker{
		queue:       queue,
		blobs:       blobs,
		table:       table,
		totalsStore: &tourTotalsBlobs{client: blobs},
	}
}

// Run receives tours and does what they ask for.
func (w *TourWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleTour(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleTour handles one tour.
func (w *TourWorker) handleTour(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var tour tourEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &tour); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"id":     tour.ID,
		"guide":  tour.Guide,
		"guests": tour.Guests,
	})
	if err != nil {
		return err
	}
	if err := w.totalsStore.PutTour(ctx, "totals.json", body); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	body2, err := json.Marshal(map[string]any{
		"PartitionKey": tour.Guide,
		"RowKey":       "board-" + tour.ID,
		"ID":           tour.ID,
		"Guide":        tour.Guide,
		"Guests":       tour.Guests,
		"UpdatedAt":    time.Now(),
	})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body2, nil); err != nil {
		return err
	}
	if err := w.storeTourProfile(ctx, &tour); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// tourTotalsStore keeps them.
type tourTotalsStore interface {
	PutTour(ctx context.Context, name string, body []byte) error
}

type tourTotalsBlobs struct {
	client *azblob.Client
}

func (b *tourTotalsBlobs) PutTour(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// storeTourProfile keeps the profile up to date.
func (w *TourWorker) storeTourProfile(ctx context.Context, tour *tourEvent) error {
	body, err := json.Marshal(map[string]any{
		"id":     tour.ID,
		"guide":  tour.Guide,
		"guests": tour.Guests,
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "data", path.Join("profile", tour.ID), body, nil); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// plan: lease=60 batch=3 delete=forgotten deleteerror=log put put.key=fresh put.content=text put.place=closure put.via=funcs put.onerror=log put put.key=fresh put.via=iface

type orderTask struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// RunOrders receives orders and does what they ask for.
func RunOrders(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	boardStore := &orderBoardBlobs{client: blobs}
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		var order orderTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &order); err != nil {
			return err
		}
		work := func() error {
			body := []byte(fmt.Sprintf("%s: %d", order.Customer, order.Cents))
			if err := saveOrderTotals(ctx, blobs, path.Join("totals", uuid.New().String()), body); err != nil {
				return err
			}
			return nil
		}
		if err := work(); err != nil {
			log.Printf("store %s: %v", order.ID, err)
		}
		if order.Cents > 100 {
			log.Printf("large order %s", order.ID)
			continue
		}
		name := fmt.Sprintf("board/%s.json", uuid.NewString())
		body, err := json.Marshal(order)
		if err != nil {
			return err
		}
		if err := boardStore.PutOrder(ctx, name, body); err != nil {
			return err
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// saveOrderTotals writes the totals.
func saveOrderTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}

// orderBoardStore keeps them.
type orderBoardStore interface {
	PutOrder(ctx context.Context, name string, body []byte) error
}

type orderBoardBlobs struct {
	client *azblob.Client
}

func (b *orderBoardBlobs) PutOrder(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 layout=handle create create.key=single create.content=random create.guard=before create.conflict=done create.place=func create.large change change.row change.change=grow change.retries=9 change.absent change.stamp change.place=func change change.row change.change=grow change.retries=4 change.absent change.stamp change.place=closure change.via=iface change.onerror=drop change.large change change.row change.key=single change.change=append change.guard=applied change.absent change.place=func change.via=funcs

type parcelEvent struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// RunParcels receives parcels and does what they ask for.
func RunParcels(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	profileStore := &parcelProfileTable{client: table}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleParcel(ctx, queue, blobs, table, profileStore, msg); err != nil {
		return err
	}
	return nil
}

// handleParcel handles one parcel.
func handleParcel(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, profileStore parcelProfileStore, msg *azqueue.DequeuedMessage) error {
	var parcel parcelEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
		return err
	}
	if parcel.Grams > 100 {
		if err := registerParcelTotals(ctx, blobs, table, &parcel); err != nil {
			return err
		}
	}
	if err := updateParcelBoard(ctx, table, parcel); err != nil {
		return err
	}
	if parcel.Grams > 100 {
		work := func() error {
			for range 5 {
				profile, etag, err := profileStore.LoadParcel(ctx, "profile", parcel.ID)
				if err != nil {
					return fmt.Errorf("read: %w", err)
				}
				profile.Notes = fmt.Sprintf("%s%s;", profile.Notes, parcel.ID)
				profile.UpdatedAt = time.Now().UTC()
				refused := profileStore.SaveParcel(ctx, "profile", parcel.ID, profile, etag)
				if refused == nil {
					return nil
				}
				if !(staleParcel(refused) || haveParcel(refused)) {
					return refused
				}
			}
			return errors.New("profile keep changing")
		}
		_ = work()
	}
	if err := mergeParcelLedger(ctx, table, parcel); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// registerParcelTotals keeps the totals up to date.
func registerParcelTotals(ctx context.Context, blobs *azblob.Client, table *aztables.Client, parcel *parcelEvent) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": parcel.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveParcel(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	body, err := json.Marshal(map[string]any{
		"id":    parcel.ID,
		"depot": parcel.Depot,
		"grams": parcel.Grams,
		"code":  uuid.NewString(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, refused := blobs.UploadStream(ctx, "data", "totals.json", bytes.NewReader(body), &azblob.UploadStreamOptions{
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

func haveParcel(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// updateParcelBoard keeps the board up to date.
func updateParcelBoard(ctx context.Context, table *aztables.Client, parcel parcelEvent) error {
	for try := 0; try < 10; try++ {
		var board parcelBoard
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, parcel.Depot, "board-"+parcel.ID, nil)
		if err != nil && !isNoParcel(err) {
			return fmt.Errorf("read: %w", err)
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &board); err != nil {
				return err
			}
			etag = &got.ETag
		}
		board.Notes += parcel.ID + "\n"
		board.UpdatedAt = time.Now().UTC()
		board.PartitionKey, board.RowKey = parcel.Depot, "board-"+parcel.ID
		body, err := json.Marshal(board)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		refused := putParcelRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleParcel(refused) || haveParcel(refused)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type parcelBoard struct {
	PartitionKey string
	RowKey       string
	Notes        string
	UpdatedAt    time.Time
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

type parcelProfile struct {
	PartitionKey string
	RowKey       string
	Notes        string
	UpdatedAt    time.Time
}

// parcelProfileStore keeps them.
type parcelProfileStore interface {
	LoadParcel(ctx context.Context, partition, row string) (value parcelProfile, version *azcore.ETag, err error)
	SaveParcel(ctx context.Context, partition, row string, value parcelProfile, version *azcore.ETag) error
}

type parcelProfileTable struct {
	client *aztables.Client
}

func (b *parcelProfileTable) LoadParcel(ctx context.Context, partition, row string) (value parcelProfile, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoParcel(err) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &value); err != nil {
			return value, version, err
		}
		etag = &got.ETag
	}
	return value, etag, nil
}

func (b *parcelProfileTable) SaveParcel(ctx context.Context, partition, row string, value parcelProfile, version *azcore.ETag) error {
	value.PartitionKey, value.RowKey = partition, row
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putParcelRow(ctx, b.client, body, version); err != nil {
		return err
	}
	return nil
}

// mergeParcelLedger keeps the ledger up to date.
func mergeParcelLedger(ctx context.Context, table *aztables.Client, parcel parcelEvent) error {
	ledger, etag, err := loadParcelLedger(ctx, table, "ledger", "current")
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if slices.Contains(ledger.Done, parcel.ID) {
		return nil
	}
	ledger.Items = append(ledger.Items, parcel.ID)
	ledger.Done = append(ledger.Done, parcel.ID)
	if err := saveParcelLedger(ctx, table, "ledger", "current", ledger, etag); err != nil {
		return err
	}
	return nil
}

type parcelLedgerRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type parcelLedger struct {
	Items []string
	Done  []string
}

// loadParcelLedger reads the ledger.
func loadParcelLedger(ctx context.Context, table *aztables.Client, partition, row string) (value parcelLedger, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoParcel(err) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row parcelLedgerRow
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

// saveParcelLedger writes the ledger.
func saveParcelLedger(ctx context.Context, table *aztables.Client, partition, row string, value parcelLedger, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(parcelLedgerRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putParcelRow(ctx, table, body, version); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever methods layout=work delete=onerror change change.change=include change.retries=4 change.absent change.place=func change.large change change.change=include change.guard=applied change.retries=9 change.absent change.stamp change.place=func

type invoiceMessage struct {
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
			log.Printf("invoice %s failed: %v", *msg.MessageID, err)
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
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
	if invoice.Amount > 100 {
		if err := w.mergeInvoiceTotals(ctx, invoice); err != nil {
			return fmt.Errorf("merge: %w", err)
		}
	}
	if err := w.updateInvoiceBoard(ctx, invoice); err != nil {
		return err
	}
	return nil
}

// mergeInvoiceTotals keeps the totals up to date.
func (w *InvoiceWorker) mergeInvoiceTotals(ctx context.Context, invoice invoiceMessage) error {
	for range 5 {
		var totals invoiceTotals
		var etag *azcore.ETag
		got, err := w.blobs.DownloadStream(ctx, "archive", path.Join("totals", invoice.ID), nil)
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
			etag = got.ETag
		}
		if !slices.Contains(totals.Members, invoice.ID) {
			totals.Members = append(totals.Members, invoice.ID)
		}
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", invoice.ID), body, &azblob.UploadBufferOptions{
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

type invoiceTotals struct {
	Members []string
}

// updateInvoiceBoard keeps the board up to date.
func (w *InvoiceWorker) updateInvoiceBoard(ctx context.Context, invoice invoiceMessage) error {
	name := fmt.Sprintf("board/%s.json", invoice.ID)
	for try := 0; try < 10; try++ {
		var board invoiceBoard
		var etag *azcore.ETag
		got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			return err
		}
		if err == nil {
			if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
				return err
			}
			etag = got.ETag
		}
		if slices.Contains(board.Handled, invoice.ID) {
			return nil
		}
		if !slices.Contains(board.Items, invoice.ID) {
			board.Items = append(board.Items, invoice.ID)
		}
		board.Handled = append(board.Handled, invoice.ID)
		board.At = time.Now().UTC()
		body, err := json.Marshal(board)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
		})
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type invoiceBoard struct {
	Items   []string
	Handled []string
	At      time.Time
}

// plan: layout=work change change.row change.key=group change.retries=2 change.absent change.place=func change.via=swap

type bookingMessage struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Nights int    `json:"nights"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processBooking(ctx, table, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processBooking does what one booking asks for.
func processBooking(ctx context.Context, table *aztables.Client, text string) error {
	var booking bookingMessage
	if err := json.Unmarshal([]byte(text), &booking); err != nil {
		return err
	}
	if err := updateBookingTotals(ctx, table, booking); err != nil {
		return err
	}
	return nil
}

// updateBookingTotals keeps the totals up to date.
func updateBookingTotals(ctx context.Context, table *aztables.Client, booking bookingMessage) error {
	if err := updateBookingIfThereRowAgain(ctx, table, "totals", booking.Room, func(totals *bookingTotals) bool {
		totals.Highest = max(totals.Highest, booking.Nights)
		totals.PartitionKey, totals.RowKey = "totals", booking.Room
		return true
	}); err != nil {
		return err
	}
	return nil
}

type bookingTotals struct {
	PartitionKey string
	RowKey       string
	Highest      int `json:"highest"`
}

// updateBookingIfThereRowAgain changes a value; change returns false to leave it as it is.
func updateBookingIfThereRowAgain[T any](ctx context.Context, table *aztables.Client, partition, row string, change func(*T) bool) error {
	for range 3 {
		var value T
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, partition, row, nil)
		if err != nil && !isNoBooking(err) {
			return fmt.Errorf("read: %w", err)
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
		err = putBookingRow(ctx, table, body, etag)
		if err == nil {
			return nil
		}
		if !(staleBooking(err) || haveBooking(err)) {
			return err
		}
	}
	return errors.New("keeps changing")
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

// plan: lease=120 layout=work put put.key=single put.content=random wait wait.place=func wait.seconds=20

type readingTask struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// RunReadings receives readings and does what they ask for.
func RunReadings(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processReading(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processReading does what one reading asks for.
func processReading(ctx context.Context, blobs *azblob.Client, text string) error {
	var reading readingTask
	if err := json.Unmarshal([]byte(text), &reading); err != nil {
		return err
	}
	body, err := json.Marshal(readingTotals{
		ID:    reading.ID,
		Meter: reading.Meter,
		Watts: reading.Watts,
		Token: uuid.NewString(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", "totals.json", body, nil); err != nil {
		return err
	}
	if err := coolReadingBoard(ctx, reading); err != nil {
		return err
	}
	return nil
}

type readingTotals struct {
	ID    string
	Meter string
	Watts int
	Token string
}

// coolReadingBoard gives other systems some time.
func coolReadingBoard(ctx context.Context, reading readingTask) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(20 * time.Second):
	}
	return nil
}

// plan: layout=handle change change.change=count change.guard=applied change.absent change.place=func change.via=funcs

type voteEvent struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// RunVotes receives votes and does what they ask for.
func RunVotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleVote(ctx, queue, blobs, msg); err != nil {
		return fmt.Errorf("vote: %w", err)
	}
	return nil
}

// handleVote handles one vote.
func handleVote(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var vote voteEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := changeVoteTotals(ctx, blobs, vote); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// changeVoteTotals keeps the totals up to date.
func changeVoteTotals(ctx context.Context, blobs *azblob.Client, vote voteEvent) error {
	name := "totals/" + vote.ID
	totals, etag, err := loadVoteTotals(ctx, blobs, name)
	if err != nil {
		return err
	}
	if slices.Contains(totals.Handled, vote.ID) {
		return nil
	}
	totals.Count++
	totals.Handled = append(totals.Handled, vote.ID)
	if err := saveVoteTotals(ctx, blobs, name, totals, etag); err != nil {
		return err
	}
	return nil
}

type voteTotals struct {
	Count   int
	Handled []string
}

// loadVoteTotals reads the totals.
func loadVoteTotals(ctx context.Context, blobs *azblob.Client, name string) (value voteTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "votes", name, nil)
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

// saveVoteTotals writes the totals.
func saveVoteTotals(ctx context.Context, blobs *azblob.Client, name string, value voteTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "votes", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=handle deleteerror=drop put put.row put.place=func put.via=generic

type refundTask struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleRefund(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleRefund handles one refund.
func (w *RefundWorker) handleRefund(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var refund refundTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &refund); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.writeRefundTotals(ctx, refund); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// writeRefundTotals keeps the totals up to date.
func (w *RefundWorker) writeRefundTotals(ctx context.Context, refund refundTask) error {
	if err := saveRefundRow(ctx, w.table, refundTotals{
		PartitionKey: refund.Merchant,
		RowKey:       "totals-" + refund.ID,
		ID:           refund.ID,
		Merchant:     refund.Merchant,
		Cents:        refund.Cents,
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// saveRefundRow encodes a value and writes it.
func saveRefundRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
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

// plan: lease=120 forever methods layout=handle delete=arms create create.key=group create.conflict=done create create.row change change.change=include change.absent change.place=func change.via=iface put put.row put.content=beat put.place=func put.via=generic

type paymentTask struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
}

// PaymentWorker works on payments.
type PaymentWorker struct {
	queue        *azqueue.QueueClient
	blobs        *azblob.Client
	table        *aztables.Client
	profileStore paymentProfileStore
}

// NewPaymentWorker makes one.
func NewPaymentWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *PaymentWorker {
	return &PaymentWorker{
		queue:        queue,
		blobs:        blobs,
		table:        table,
		profileStore: &paymentProfileBlobs{client: blobs},
	}
}

// Run receives payments and does what they ask for.
func (w *PaymentWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		if err := w.handlePayment(ctx, msg); err != nil {
			log.Printf("payment: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handlePayment handles one payment.
func (w *PaymentWorker) handlePayment(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var payment paymentTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &payment); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := "totals/" + payment.Wallet
	body, err := json.Marshal(payment)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, refused := w.blobs.UploadBuffer(ctx, "payments", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if refused != nil {
		return refused
	}
	body2, err := json.Marshal(map[string]any{
		"PartitionKey": "board",
		"RowKey":       payment.ID,
		"ID":           payment.ID,
		"Wallet":       payment.Wallet,
		"Pence":        payment.Pence,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.table.AddEntity(ctx, body2, nil); err != nil && !havePayment(err) {
		return err
	}
	if payment.Pence > 100 {
		log.Printf("large payment %s", payment.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if err := w.changePaymentProfile(ctx, &payment); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if err := w.savePaymentLedger(ctx, payment); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

func havePayment(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// changePaymentProfile keeps the profile up to date.
func (w *PaymentWorker) changePaymentProfile(ctx context.Context, payment *paymentTask) error {
	name := fmt.Sprintf("profile/%s.json", payment.ID)
	profile, etag, err := w.profileStore.LoadPayment(ctx, name)
	if err != nil {
		return err
	}
	if !slices.Contains(profile.Items, payment.ID) {
		profile.Items = append(profile.Items, payment.ID)
	}
	if err := w.profileStore.SavePayment(ctx, name, profile, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type paymentProfile struct {
	Items []string `json:"items"`
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
	got, err := b.client.DownloadStream(ctx, "payments", name, nil)
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

func (b *paymentProfileBlobs) SavePayment(ctx context.Context, name string, value paymentProfile, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadStream(ctx, "payments", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// savePaymentLedger keeps the ledger up to date.
func (w *PaymentWorker) savePaymentLedger(ctx context.Context, payment paymentTask) error {
	if err := savePaymentRow(ctx, w.table, paymentLedger{
		PartitionKey: "ledger",
		RowKey:       payment.ID,
		SeenAt:       time.Now().UTC(),
	}); err != nil {
		return err
	}
	return nil
}

// savePaymentRow encodes a value and writes it.
func savePaymentRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type paymentLedger struct {
	PartitionKey string
	RowKey       string
	SeenAt       time.Time `json:"seenat"`
}

// plan: lease=120 forever layout=work delete=first put put.row put.place=deep put.via=iface

type photoEvent struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
}

// RunPhotos receives photos and does what they ask for.
func RunPhotos(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	totalsStore := &photoTotalsTable{client: table}
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
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
		if err := processPhoto(ctx, totalsStore, *msg.MessageText); err != nil {
			log.Printf("photo: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processPhoto does what one photo asks for.
func processPhoto(ctx context.Context, totalsStore photoTotalsStore, text string) error {
	var photo photoEvent
	if err := json.Unmarshal([]byte(text), &photo); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := applyPhotoTotals(ctx, totalsStore, photo); err != nil {
		return err
	}
	return nil
}

// writePhotoTotals keeps the totals up to date.
func writePhotoTotals(ctx context.Context, totalsStore photoTotalsStore, photo photoEvent) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: photo.ID},
		Properties: map[string]any{
			"ID":     photo.ID,
			"Album":  photo.Album,
			"Pixels": photo.Pixels,
		},
	})
	if err != nil {
		return err
	}
	if err := totalsStore.PutPhoto(ctx, body); err != nil {
		return err
	}
	return nil
}

// photoTotalsStore keeps them.
type photoTotalsStore interface {
	PutPhoto(ctx context.Context, body []byte) error
}

type photoTotalsTable struct {
	client *aztables.Client
}

func (b *photoTotalsTable) PutPhoto(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// applyPhotoTotals takes one photo further.
func applyPhotoTotals(ctx context.Context, totalsStore photoTotalsStore, photo photoEvent) error {
	if photo.ID == "" {
		return errors.New("photo without id")
	}
	if err := writePhotoTotals(ctx, totalsStore, photo); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 batch=3 methods put put.key=group put.content=stamp put.place=func put put.content=stamp put.place=deep put.via=iface put.large

type articleEvent struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// ArticleWorker works on articles.
type ArticleWorker struct {
	queue      *azqueue.QueueClient
	blobs      *azblob.Client
	boardStore articleBoardStore
}

// NewArticleWorker makes one.
func NewArticleWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ArticleWorker {
	return &ArticleWorker{
		queue:      queue,
		blobs:      blobs,
		boardStore: &articleBoardBlobs{client: blobs},
	}
}

// Run receives articles and does what they ask for.
func (w *ArticleWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var article articleEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.writeArticleTotals(ctx, article); err != nil {
			log.Printf("write: %v", err)
			continue
		}
		if article.Words > 100 {
			if err := w.applyArticleBoard(ctx, &article); err != nil {
				log.Printf("store: %v", err)
				continue
			}
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// writeArticleTotals keeps the totals up to date.
func (w *ArticleWorker) writeArticleTotals(ctx context.Context, article articleEvent) error {
	name := "totals/" + article.Section
	body, err := json.Marshal(articleTotals{
		ID:        article.ID,
		Section:   article.Section,
		Words:     article.Words,
		WrittenAt: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadStream(ctx, "articles", name, bytes.NewReader(body), &azblob.UploadStreamOptions{}); err != nil {
		return err
	}
	return nil
}

type articleTotals struct {
	ID        string    `json:"id"`
	Section   string    `json:"section"`
	Words     int       `json:"words"`
	WrittenAt time.Time `json:"writtenat"`
}

// storeArticleBoard keeps the board up to date.
func (w *ArticleWorker) storeArticleBoard(ctx context.Context, article *articleEvent) error {
	body, err := json.Marshal(articleBoard{
		ID:        article.ID,
		Section:   article.Section,
		Words:     article.Words,
		WrittenAt: time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.boardStore.PutArticle(ctx, "board/"+article.ID+".json", body); err != nil {
		return err
	}
	return nil
}

type articleBoard struct {
	ID        string    `json:"id"`
	Section   string    `json:"section"`
	Words     int       `json:"words"`
	WrittenAt time.Time `json:"writtenat"`
}

// articleBoardStore keeps them.
type articleBoardStore interface {
	PutArticle(ctx context.Context, name string, body []byte) error
}

type articleBoardBlobs struct {
	client *azblob.Client
}

func (b *articleBoardBlobs) PutArticle(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadStream(ctx, "articles", name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

// applyArticleBoard takes one article further.
func (w *ArticleWorker) applyArticleBoard(ctx context.Context, article *articleEvent) error {
	return w.storeArticleBoard(ctx, article)
}

// plan: lease=120 forever methods create create.key=group create.place=deep create.via=generic look look.place=func

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
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		var visit visitMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.applyVisitTotals(ctx, visit); err != nil {
			log.Printf("register: %v", err)
			continue
		}
		if err := w.consultVisitBoard(ctx, visit); err != nil {
			log.Printf("consult: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// registerVisitTotals keeps the totals up to date.
func (w *VisitWorker) registerVisitTotals(ctx context.Context, visit visitMessage) error {
	name := fmt.Sprintf("totals/%s.json", visit.Page)
	if err := createVisitJSON(ctx, w.blobs, "visits-totals", name, visitTotals{
		ID:      visit.ID,
		Page:    visit.Page,
		Seconds: visit.Seconds,
	}); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		log.Printf("visit %s is there already", visit.ID)
	}
	return nil
}

// createVisitJSON encodes a value and writes it.
func createVisitJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadStream(ctx, container, name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

type visitTotals struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// applyVisitTotals takes one visit further.
func (w *VisitWorker) applyVisitTotals(ctx context.Context, visit visitMessage) error {
	if visit.ID == "" {
		return errors.New("visit without id")
	}
	if err := w.registerVisitTotals(ctx, visit); err != nil {
		return err
	}
	return nil
}

// consultVisitBoard looks at the settings.
func (w *VisitWorker) consultVisitBoard(ctx context.Context, visit visitMessage) error {
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

// plan: lease=120 batch=2 methods layout=handle delete=arms deleteerror=drop put put.content=mixed put.place=func create create.row create.content=mixed create.conflict=done create.large

type scoreMessage struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
}

// ScoreWorker works on scores.
type ScoreWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewScoreWorker makes one.
func NewScoreWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ScoreWorker {
	return &ScoreWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives scores and does what they ask for.
func (w *ScoreWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.handleScore(ctx, msg); err != nil {
			log.Printf("score: %v", err)
			continue
		}
	}
	return nil
}

// handleScore handles one score.
func (w *ScoreWorker) handleScore(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var score scoreMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return err
	}
	if err := w.writeScoreTotals(ctx, &score); err != nil {
		return err
	}
	if score.Points > 100 {
		log.Printf("large score %s", score.ID)
		_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		return nil
	}
	if score.Points > 100 {
		current, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
		if err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		var settings struct{ Rate int }
		if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		body, err := json.Marshal(scoreBoard{
			PartitionKey: "board",
			RowKey:       score.ID,
			ID:           score.ID,
			Player:       score.Player,
			Points:       score.Points,
			Rate:         settings.Rate,
		})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		_, refused := w.table.AddEntity(ctx, body, nil)
		if haveScore(refused) {
			_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
			return nil
		}
		if refused != nil {
			return refused
		}
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// writeScoreTotals keeps the totals up to date.
func (w *ScoreWorker) writeScoreTotals(ctx context.Context, score *scoreMessage) error {
	name := "totals/" + score.ID
	current, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	body, err := json.Marshal(scoreTotals{
		ID:     score.ID,
		Player: score.Player,
		Points: score.Points,
		Rate:   settings.Rate,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadStream(ctx, "scores", name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

type scoreTotals struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
	Rate   int    `json:"rate"`
}

type scoreBoard struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Player       string `json:"player"`
	Points       int    `json:"points"`
	Rate         int    `json:"rate"`
}

func haveScore(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 deleteerror=log create create.row create.content=text change change.change=append change.retries=9 change.absent change.place=func change.via=generic

type tripTask struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// RunTrips receives trips and does what they ask for.
func RunTrips(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var trip tripTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &trip); err != nil {
		return err
	}
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: trip.ID},
		Properties: map[string]any{
			"Text": fmt.Sprintf("%s: %d", trip.Truck, trip.Miles),
		},
	})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil && !haveTrip(err) {
		return err
	}
	if err := changeTripBoard(ctx, blobs, &trip); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

func haveTrip(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// changeTripBoard keeps the board up to date.
func changeTripBoard(ctx context.Context, blobs *azblob.Client, trip *tripTask) error {
	name := fmt.Sprintf("board/%s.json", trip.ID)
	for try := 0; try < 10; try++ {
		board, etag, err := loadTripJSONIfThere[tripBoard](ctx, blobs, "archive", name)
		if err != nil {
			return err
		}
		board.Members = append(board.Members, trip.ID)
		refused := saveTripJSONIfThere(ctx, blobs, "archive", name, board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type tripBoard struct {
	Members []string
}

// loadTripJSONIfThere reads a value.
func loadTripJSONIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
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

// saveTripJSONIfThere writes a value.
func saveTripJSONIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
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

// plan: lease=120 batch=16 methods create create.key=group create.place=func

type donationEvent struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// DonationWorker works on donations.
type DonationWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewDonationWorker makes one.
func NewDonationWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *DonationWorker {
	return &DonationWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives donations and does what they ask for.
func (w *DonationWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var donation donationEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &donation); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.createDonationTotals(ctx, &donation); err != nil {
			log.Printf("create: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// createDonationTotals keeps the totals up to date.
func (w *DonationWorker) createDonationTotals(ctx context.Context, donation *donationEvent) error {
	name := fmt.Sprintf("totals/%s.json", donation.Campaign)
	body, err := json.Marshal(donation)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "donations-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		log.Printf("donation %s is there already", donation.ID)
	}
	return nil
}

// plan: lease=30 forever layout=work change change.key=group change.change=grow change.guard=seen change.retries=9 change.place=deep put put.row put.place=func put.via=funcs

type depositTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// RunDeposits receives deposits and does what they ask for.
func RunDeposits(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
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
		if err := processDeposit(ctx, blobs, table, *msg.MessageText); err != nil {
			log.Printf("deposit: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processDeposit does what one deposit asks for.
func processDeposit(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var deposit depositTask
	if err := json.Unmarshal([]byte(text), &deposit); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := applyDepositTotals(ctx, blobs, deposit); err != nil {
		return err
	}
	if err := saveDepositBoard(ctx, table, &deposit); err != nil {
		return err
	}
	return nil
}

// changeDepositTotals keeps the totals up to date.
func changeDepositTotals(ctx context.Context, blobs *azblob.Client, deposit depositTask) error {
	name := fmt.Sprintf("totals/%s.json", deposit.Account)
	for try := 0; try < 10; try++ {
		var totals depositTotals
		got, err := blobs.DownloadStream(ctx, "deposits-totals", name, nil)
		if err != nil {
			return err
		}
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if totals.Applied[deposit.ID] {
			return nil
		}
		totals.Lines += deposit.ID + "\n"
		if totals.Applied == nil {
			totals.Applied = map[string]bool{}
		}
		totals.Applied[deposit.ID] = true
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		_, refused := blobs.UploadBuffer(ctx, "deposits-totals", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
		})
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type depositTotals struct {
	Lines   string          `json:"lines"`
	Applied map[string]bool `json:"applied"`
}

// applyDepositTotals takes one deposit further.
func applyDepositTotals(ctx context.Context, blobs *azblob.Client, deposit depositTask) error {
	if deposit.ID == "" {
		return errors.New("deposit without id")
	}
	if err := changeDepositTotals(ctx, blobs, deposit); err != nil {
		return err
	}
	return nil
}

// saveDepositBoard keeps the board up to date.
func saveDepositBoard(ctx context.Context, table *aztables.Client, deposit *depositTask) error {
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "board",
		"RowKey":       deposit.ID,
		"ID":           deposit.ID,
		"Account":      deposit.Account,
		"Cents":        deposit.Cents,
	})
	if err != nil {
		return err
	}
	if err := saveDepositBoard(ctx, table, body); err != nil {
		return err
	}
	return nil
}

// saveDepositBoard writes the board.
func saveDepositBoard(ctx context.Context, table *aztables.Client, body []byte) error {
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever layout=handle look look.key=group look.place=deep look.large put put.key=group put.place=func put.via=iface

type saleMessage struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// RunSales receives sales and does what they ask for.
func RunSales(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	boardStore := &saleBoardBlobs{client: blobs}
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
		if err := handleSale(ctx, queue, blobs, boardStore, msg); err != nil {
			log.Printf("sale: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleSale handles one sale.
func handleSale(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, boardStore saleBoardStore, msg *azqueue.DequeuedMessage) error {
	var sale saleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &sale); err != nil {
		return err
	}
	if sale.Units > 100 {
		if err := applySaleTotals(ctx, blobs, sale); err != nil {
			return fmt.Errorf("inspect: %w", err)
		}
	}
	if err := saveSaleBoard(ctx, boardStore, &sale); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// inspectSaleTotals looks at the settings.
func inspectSaleTotals(ctx context.Context, blobs *azblob.Client, sale saleMessage) error {
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

// applySaleTotals takes one sale further.
func applySaleTotals(ctx context.Context, blobs *azblob.Client, sale saleMessage) error {
	if sale.ID == "" {
		return errors.New("sale without id")
	}
	if err := inspectSaleTotals(ctx, blobs, sale); err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	return nil
}

// saveSaleBoard keeps the board up to date.
func saveSaleBoard(ctx context.Context, boardStore saleBoardStore, sale *saleMessage) error {
	body, err := json.Marshal(saleBoard{
		ID:    sale.ID,
		Shop:  sale.Shop,
		Units: sale.Units,
	})
	if err != nil {
		return err
	}
	if err := boardStore.PutSale(ctx, path.Join("board", sale.Shop), body); err != nil {
		return err
	}
	return nil
}

type saleBoard struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// saleBoardStore keeps them.
type saleBoardStore interface {
	PutSale(ctx context.Context, name string, body []byte) error
}

type saleBoardBlobs struct {
	client *azblob.Client
}

func (b *saleBoardBlobs) PutSale(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "sales-board", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: batch=4 forever layout=work create create.content=digest create.place=closure create.via=generic create.onerror=retry wait wait.place=func wait.seconds=10

type rentalTask struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RunRentals receives rentals and does what they ask for.
func RunRentals(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4))})
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
			if err := processRental(ctx, blobs, *msg.MessageText); err != nil {
				log.Printf("rental: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// processRental does what one rental asks for.
func processRental(ctx context.Context, blobs *azblob.Client, text string) error {
	var rental rentalTask
	if err := json.Unmarshal([]byte(text), &rental); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	work := func() error {
		sum := sha256.Sum256([]byte(rental.Station + rental.ID))
		if err := createRentalJSON(ctx, blobs, "data", "totals/"+rental.ID+".json", rentalTotals{
			Digest: hex.EncodeToString(sum[:]),
			Hours:  rental.Hours,
		}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		return nil
	}
	var failure error
	for range 3 {
		if failure = work(); failure == nil {
			break
		}
	}
	if failure != nil {
		return failure
	}
	if err := settleRentalBoard(ctx, rental); err != nil {
		return err
	}
	return nil
}

// createRentalJSON encodes a value and writes it.
func createRentalJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

type rentalTotals struct {
	Digest string `json:"digest"`
	Hours  int    `json:"hours"`
}

// settleRentalBoard gives other systems some time.
func settleRentalBoard(ctx context.Context, rental rentalTask) error {
	time.Sleep(10 * time.Second)
	return nil
}

// plan: lease=120 methods layout=work put put.row put.via=generic put put.key=group put.guard=after put.place=func put.via=funcs

type sampleEvent struct {
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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processSample(ctx, *msg.MessageText); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processSample does what one sample asks for.
func (w *SampleWorker) processSample(ctx context.Context, text string) error {
	var sample sampleEvent
	if err := json.Unmarshal([]byte(text), &sample); err != nil {
		return err
	}
	if err := saveSampleRow(ctx, w.table, sampleTotals{
		PartitionKey: sample.Sensor,
		RowKey:       "totals-" + sample.ID,
		ID:           sample.ID,
		Sensor:       sample.Sensor,
		Level:        sample.Level,
	}); err != nil {
		return err
	}
	if err := w.writeSampleBoard(ctx, sample); err != nil {
		return err
	}
	return nil
}

// saveSampleRow encodes a value and writes it.
func saveSampleRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type sampleTotals struct {
	PartitionKey string
	RowKey       string
	ID           string
	Sensor       string
	Level        int
}

// writeSampleBoard keeps the board up to date.
func (w *SampleWorker) writeSampleBoard(ctx context.Context, sample sampleEvent) error {
	_, err := w.table.GetEntity(ctx, "done-board", sample.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoSample(err) {
		return err
	}
	name := fmt.Sprintf("board/%s.json", sample.Sensor)
	body, err := json.Marshal(sample)
	if err != nil {
		return err
	}
	if err := w.saveSampleBoard(ctx, name, body); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": sample.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveSampleBoard writes the board.
func (w *SampleWorker) saveSampleBoard(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}
