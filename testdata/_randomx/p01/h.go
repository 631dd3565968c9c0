package p01

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

// plan: lease=30 deleteerror=log put put.via=funcs change change.key=group change.change=count change.absent change.stamp

type letterMessage struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// RunLetters receives letters and does what they ask for.
func RunLetters(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var letter letterMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &letter); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", letter.ID)
	body, err := json.Marshal(letter)
	if err != nil {
		return err
	}
	if err := saveLetterTotals(ctx, blobs, name, body); err != nil {
		return err
	}
	var board letterBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "letters-board", path.Join("board", letter.District), nil)
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
	board.Letters++
	board.WrittenAt = time.Now().UTC()
	body2, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "letters-board", path.Join("board", letter.District), bytes.NewReader(body2), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// saveLetterTotals writes the totals.
func saveLetterTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "letters-totals", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type letterBoard struct {
	Letters   int       `json:"letters"`
	WrittenAt time.Time `json:"writtenat"`
}

// plan: lease=30 forever put put.row put.content=random put.place=func put.via=iface put put.content=digest put.place=deep put.via=generic

type lessonEvent struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// RunLessons receives lessons and does what they ask for.
func RunLessons(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	totalsStore := &lessonTotalsTable{client: table}
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
		var lesson lessonEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := writeLessonTotals(ctx, totalsStore, &lesson); err != nil {
			log.Printf("write: %v", err)
			continue
		}
		if err := applyLessonBoard(ctx, blobs, lesson); err != nil {
			log.Printf("store: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// writeLessonTotals keeps the totals up to date.
func writeLessonTotals(ctx context.Context, totalsStore lessonTotalsStore, lesson *lessonEvent) error {
	body, err := json.Marshal(lessonTotals{
		PartitionKey: "totals",
		RowKey:       lesson.ID,
		ID:           lesson.ID,
		Pupil:        lesson.Pupil,
		Minutes:      lesson.Minutes,
		Code:         uuid.NewString(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := totalsStore.PutLesson(ctx, body); err != nil {
		return err
	}
	return nil
}

type lessonTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Pupil        string `json:"pupil"`
	Minutes      int    `json:"minutes"`
	Code         string `json:"code"`
}

// lessonTotalsStore keeps them.
type lessonTotalsStore interface {
	PutLesson(ctx context.Context, body []byte) error
}

type lessonTotalsTable struct {
	client *aztables.Client
}

func (b *lessonTotalsTable) PutLesson(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// storeLessonBoard keeps the board up to date.
func storeLessonBoard(ctx context.Context, blobs *azblob.Client, lesson lessonEvent) error {
	sum := sha256.Sum256([]byte(lesson.Pupil + lesson.ID))
	if err := saveLessonJSON(ctx, blobs, "lessons", "board/"+lesson.ID+".json", lessonBoard{
		Digest:  hex.EncodeToString(sum[:]),
		Minutes: lesson.Minutes,
	}); err != nil {
		return err
	}
	return nil
}

// saveLessonJSON encodes a value and writes it.
func saveLessonJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

type lessonBoard struct {
	Digest  string `json:"digest"`
	Minutes int    `json:"minutes"`
}

// applyLessonBoard takes one lesson further.
func applyLessonBoard(ctx context.Context, blobs *azblob.Client, lesson lessonEvent) error {
	return storeLessonBoard(ctx, blobs, lesson)
}

// plan: lease=60 batch=2 deleteerror=drop change change.row change.key=single change.change=include change.place=func change.via=funcs

type harvestTask struct {
	ID     string `json:"id"`
	Farm   string `json:"farm"`
	Tonnes int    `json:"tonnes"`
}

// RunHarvests receives harvests and does what they ask for.
func RunHarvests(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		var harvest harvestTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
			return err
		}
		if err := changeHarvestTotals(ctx, table, harvest); err != nil {
			return err
		}
		queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	}
	return nil
}

// changeHarvestTotals keeps the totals up to date.
func changeHarvestTotals(ctx context.Context, table *aztables.Client, harvest harvestTask) error {
	totals, etag, err := loadHarvestTotals(ctx, table, "totals", "all")
	if err != nil {
		return err
	}
	if !slices.Contains(totals.Members, harvest.ID) {
		totals.Members = append(totals.Members, harvest.ID)
	}
	if err := saveHarvestTotals(ctx, table, "totals", "all", totals, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type harvestTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type harvestTotals struct {
	Members []string
}

// loadHarvestTotals reads the totals.
func loadHarvestTotals(ctx context.Context, table *aztables.Client, partition, row string) (value harvestTotals, version *azcore.ETag, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	var row harvestTotalsRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, version, err
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

// saveHarvestTotals writes the totals.
func saveHarvestTotals(ctx context.Context, table *aztables.Client, partition, row string, value harvestTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(harvestTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: batch=16 forever methods layout=work change change.change=grow change.guard=seen change.retries=2 change.absent change.place=func change.via=funcs wait wait.place=deep wait.seconds=35

type quoteEvent struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// QuoteWorker works on quotes.
type QuoteWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewQuoteWorker makes one.
func NewQuoteWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *QuoteWorker {
	return &QuoteWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives quotes and does what they ask for.
func (w *QuoteWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16))})
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
			if err := w.processQuote(ctx, *msg.MessageText); err != nil {
				log.Printf("quote: %v", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// processQuote does what one quote asks for.
func (w *QuoteWorker) processQuote(ctx context.Context, text string) error {
	var quote quoteEvent
	if err := json.Unmarshal([]byte(text), &quote); err != nil {
		return err
	}
	if err := w.updateQuoteTotals(ctx, &quote); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if err := w.applyQuoteBoard(ctx, quote); err != nil {
		return err
	}
	return nil
}

// updateQuoteTotals keeps the totals up to date.
func (w *QuoteWorker) updateQuoteTotals(ctx context.Context, quote *quoteEvent) error {
	for range 3 {
		totals, etag, err := w.loadQuoteTotals(ctx, path.Join("totals", quote.ID))
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if totals.Seen[quote.ID] {
			return nil
		}
		totals.Lines = fmt.Sprintf("%s%s;", totals.Lines, quote.ID)
		if totals.Seen == nil {
			totals.Seen = map[string]bool{}
		}
		totals.Seen[quote.ID] = true
		refused := w.saveQuoteTotals(ctx, path.Join("totals", quote.ID), totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("totals keep changing")
}

type quoteTotals struct {
	Lines string
	Seen  map[string]bool
}

// loadQuoteTotals reads the totals.
func (w *QuoteWorker) loadQuoteTotals(ctx context.Context, name string) (value quoteTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
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

// saveQuoteTotals writes the totals.
func (w *QuoteWorker) saveQuoteTotals(ctx context.Context, name string, value quoteTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// coolQuoteBoard gives other systems some time.
func (w *QuoteWorker) coolQuoteBoard(ctx context.Context, quote quoteEvent) error {
	time.Sleep(35 * time.Second)
	return nil
}

// applyQuoteBoard takes one quote further.
func (w *QuoteWorker) applyQuoteBoard(ctx context.Context, quote quoteEvent) error {
	if quote.ID == "" {
		return errors.New("quote without id")
	}
	if err := w.coolQuoteBoard(ctx, quote); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 methods layout=handle renew change change.key=group change.change=entry change.guard=seen change.match=none change.absent change.place=func change change.row change.key=single change.change=tally change.guard=after change.absent change.place=func change.via=funcs put put.row put.key=fresh put.content=digest put put.key=single put.guard=before put.place=func put.via=funcs

type songMessage struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// SongWorker works on songs.
type SongWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewSongWorker makes one.
func NewSongWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *SongWorker {
	return &SongWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives songs and does what they ask for.
func (w *SongWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleSong(ctx, msg); err != nil {
		return fmt.Errorf("song: %w", err)
	}
	return nil
}

// handleSong handles one song.
func (w *SongWorker) handleSong(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var song songMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
		return err
	}
	release := w.keepSong(ctx, msg)
	defer release()
	if err := w.updateSongTotals(ctx, song); err != nil {
		return err
	}
	if err := w.mergeSongBoard(ctx, &song); err != nil {
		return err
	}
	id := uuid.NewString()
	sum := sha256.Sum256([]byte(song.Artist + song.ID))
	body, err := json.Marshal(songProfile{
		PartitionKey: "profile",
		RowKey:       id,
		Digest:       hex.EncodeToString(sum[:]),
		Plays:        song.Plays,
	})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	if err := w.storeSongLedger(ctx, song); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, release(), nil); err != nil {
		return err
	}
	return nil
}

// keepSong renews the lease of a message until release is called, which returns the last receipt.
func (w *SongWorker) keepSong(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// updateSongTotals keeps the totals up to date.
func (w *SongWorker) updateSongTotals(ctx context.Context, song songMessage) error {
	name := fmt.Sprintf("totals/%s.json", song.Artist)
	var totals songTotals
	got, err := w.blobs.DownloadStream(ctx, "songs-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return err
		}
	}
	if totals.Applied[song.ID] {
		return nil
	}
	if totals.Amounts == nil {
		totals.Amounts = map[string]int{}
	}
	totals.Amounts[song.ID] = song.Plays
	if totals.Applied == nil {
		totals.Applied = map[string]bool{}
	}
	totals.Applied[song.ID] = true
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "songs-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

type songTotals struct {
	Amounts map[string]int
	Applied map[string]bool
}

// mergeSongBoard keeps the board up to date.
func (w *SongWorker) mergeSongBoard(ctx context.Context, song *songMessage) error {
	_, err := w.table.GetEntity(ctx, "done-board", song.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoSong(err) {
		return fmt.Errorf("mark: %w", err)
	}
	board, etag, err := w.loadSongBoard(ctx, "board", "all")
	if err != nil {
		return err
	}
	if board.ByID == nil {
		board.ByID = map[string]int{}
	}
	board.ByID[song.Artist] += song.Plays
	if err := w.saveSongBoard(ctx, "board", "all", board, etag); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": song.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func isNoSong(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type songBoardRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type songBoard struct {
	ByID map[string]int
}

// loadSongBoard reads the board.
func (w *SongWorker) loadSongBoard(ctx context.Context, partition, row string) (value songBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoSong(err) {
		return value, version, err
	}
	if err == nil {
		var row songBoardRow
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

// saveSongBoard writes the board.
func (w *SongWorker) saveSongBoard(ctx context.Context, partition, row string, value songBoard, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(songBoardRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putSongRow(ctx, w.table, body, version); err != nil {
		return err
	}
	return nil
}

// putSongRow adds a row where there was none, and otherwise replaces what was read.
func putSongRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

type songProfile struct {
	PartitionKey string
	RowKey       string
	Digest       string
	Plays        int
}

// storeSongLedger keeps the ledger up to date.
func (w *SongWorker) storeSongLedger(ctx context.Context, song songMessage) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-ledger", "RowKey": song.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveSong(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	body, err := json.Marshal(songLedger{
		ID:     song.ID,
		Artist: song.Artist,
		Plays:  song.Plays,
	})
	if err != nil {
		return err
	}
	if err := w.saveSongLedger(ctx, "ledger.json", body); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func haveSong(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type songLedger struct {
	ID     string
	Artist string
	Plays  int
}

// saveSongLedger writes the ledger.
func (w *SongWorker) saveSongLedger(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "songs-ledger", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 layout=work create create.key=group create.content=digest create.conflict=done

type fineMessage struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// RunFines receives fines and does what they ask for.
func RunFines(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processFine(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processFine does what one fine asks for.
func processFine(ctx context.Context, blobs *azblob.Client, text string) error {
	var fine fineMessage
	if err := json.Unmarshal([]byte(text), &fine); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", fine.Plate)
	sum := sha256.Sum256([]byte(fine.Plate + fine.ID))
	body, err := json.Marshal(fineTotals{
		Digest: hex.EncodeToString(sum[:]),
		Euros:  fine.Euros,
	})
	if err != nil {
		return err
	}
	_, refused := blobs.UploadBuffer(ctx, "fines-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		return nil
	}
	if refused != nil {
		return fmt.Errorf("open: %w", refused)
	}
	return nil
}

type fineTotals struct {
	Digest string `json:"digest"`
	Euros  int    `json:"euros"`
}

// plan: batch=2 forever methods layout=work deleteerror=drop change change.row change.key=group change.change=include change.guard=older change.match=none change.absent change.stamp change.place=deep change.via=funcs change.onerror=retrylog

type loanTask struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Seq    int    `json:"seq"`
}

// LoanWorker works on loans.
type LoanWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewLoanWorker makes one.
func NewLoanWorker(queue *azqueue.QueueClient, table *aztables.Client) *LoanWorker {
	return &LoanWorker{
		queue: queue,
		table: table,
	}
}

// Run receives loans and does what they ask for.
func (w *LoanWorker) Run(ctx context.Context) error {
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
			if err := w.processLoan(ctx, *msg.MessageText); err != nil {
				log.Printf("loan: %v", err)
				continue
			}
			w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		}
	}
}

// processLoan does what one loan asks for.
func (w *LoanWorker) processLoan(ctx context.Context, text string) error {
	var loan loanTask
	if err := json.Unmarshal([]byte(text), &loan); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.applyLoanTotals(ctx, &loan); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		log.Printf("merge %s: %v", loan.ID, failure)
	}
	return nil
}

// mergeLoanTotals keeps the totals up to date.
func (w *LoanWorker) mergeLoanTotals(ctx context.Context, loan *loanTask) error {
	totals, err := w.loadLoanTotals(ctx, "totals", loan.Branch)
	if err != nil {
		return err
	}
	if loan.Seq <= totals.Seq {
		return nil
	}
	if !slices.Contains(totals.Members, loan.ID) {
		totals.Members = append(totals.Members, loan.ID)
	}
	totals.Seq = loan.Seq
	totals.WrittenAt = time.Now().UTC()
	if err := w.saveLoanTotals(ctx, "totals", loan.Branch, totals); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type loanTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type loanTotals struct {
	Members   []string  `json:"members"`
	Seq       int       `json:"seq"`
	WrittenAt time.Time `json:"writtenat"`
}

// loadLoanTotals reads the totals.
func (w *LoanWorker) loadLoanTotals(ctx context.Context, partition, row string) (value loanTotals, err error) {
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoLoan(err) {
		return value, err
	}
	if err == nil {
		var row loanTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return value, err
		}
		if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
			return value, err
		}
	}
	return value, nil
}

func isNoLoan(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveLoanTotals writes the totals.
func (w *LoanWorker) saveLoanTotals(ctx context.Context, partition, row string, value loanTotals) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(loanTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// applyLoanTotals takes one loan further.
func (w *LoanWorker) applyLoanTotals(ctx context.Context, loan *loanTask) error {
	return w.mergeLoanTotals(ctx, loan)
}

// plan: lease=60 forever layout=work change change.row change.change=entry change.guard=applied change.retries=2 change.absent change.place=deep change.via=funcs change.onerror=drop change change.change=tally change.retries=4 change.absent change.place=func change.via=swap

type tourEvent struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// RunTours receives tours and does what they ask for.
func RunTours(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
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
		if err := processTour(ctx, blobs, table, *msg.MessageText); err != nil {
			log.Printf("tour: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processTour does what one tour asks for.
func processTour(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var tour tourEvent
	if err := json.Unmarshal([]byte(text), &tour); err != nil {
		return err
	}
	_ = applyTourTotals(ctx, table, tour)
	if err := updateTourBoard(ctx, blobs, tour); err != nil {
		return err
	}
	return nil
}

// mergeTourTotals keeps the totals up to date.
func mergeTourTotals(ctx context.Context, table *aztables.Client, tour tourEvent) error {
	for range 3 {
		totals, etag, err := loadTourTotals(ctx, table, tour.Guide, "totals-"+tour.ID)
		if err != nil {
			return err
		}
		if slices.Contains(totals.Handled, tour.ID) {
			return nil
		}
		if totals.Entries == nil {
			totals.Entries = map[string]int{}
		}
		totals.Entries[tour.ID] = tour.Guests
		totals.Handled = append(totals.Handled, tour.ID)
		refused := saveTourTotals(ctx, table, tour.Guide, "totals-"+tour.ID, totals, etag)
		if refused == nil {
			return nil
		}
		if !(staleTour(refused) || haveTour(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type tourTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type tourTotals struct {
	Entries map[string]int
	Handled []string
}

// loadTourTotals reads the totals.
func loadTourTotals(ctx context.Context, table *aztables.Client, partition, row string) (value tourTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoTour(err) {
		return value, version, err
	}
	if err == nil {
		var row tourTotalsRow
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

func isNoTour(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveTourTotals writes the totals.
func saveTourTotals(ctx context.Context, table *aztables.Client, partition, row string, value tourTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(tourTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putTourRow(ctx, table, body, version); err != nil {
		return err
	}
	return nil
}

// putTourRow adds a row where there was none, and otherwise replaces what was read.
func putTourRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleTour(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveTour(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// applyTourTotals takes one tour further.
func applyTourTotals(ctx context.Context, table *aztables.Client, tour tourEvent) error {
	return mergeTourTotals(ctx, table, tour)
}

// updateTourBoard keeps the board up to date.
func updateTourBoard(ctx context.Context, blobs *azblob.Client, tour tourEvent) error {
	name := fmt.Sprintf("board/%s.json", tour.ID)
	if err := updateTourIfThereAgain(ctx, blobs, "archive", name, func(board *tourBoard) bool {
		if board.ByID == nil {
			board.ByID = map[string]int{}
		}
		board.ByID[tour.Guide] += tour.Guests
		return true
	}); err != nil {
		return err
	}
	return nil
}

type tourBoard struct {
	ByID map[string]int
}

// updateTourIfThereAgain changes a value; change returns false to leave it as it is.
func updateTourIfThereAgain[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	for range 5 {
		var value T
		var etag *azcore.ETag
		got, err := blobs.DownloadStream(ctx, container, name, nil)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			return err
		}
		if err == nil {
			if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
				return err
			}
			etag = got.ETag
		}
		if !change(&value) {
			return nil
		}
		body, err := json.Marshal(value)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, err = blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
		})
		if err == nil {
			return nil
		}
		if !bloberror.HasCode(err, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists) {
			return err
		}
	}
	return errors.New("keeps changing")
}

// plan: lease=120 methods delete=arms deleteerror=drop change change.key=group change.change=entry change.guard=before change.absent change.place=func change.large

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
		return err
	}
	if order.Cents > 100 {
		if err := w.changeOrderTotals(ctx, &order); err != nil {
			return fmt.Errorf("change: %w", err)
		}
	}
	if order.Cents > 100 {
		log.Printf("large order %s", order.ID)
		w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		return nil
	}
	w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// changeOrderTotals keeps the totals up to date.
func (w *OrderWorker) changeOrderTotals(ctx context.Context, order *orderTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": order.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveOrder(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	var totals orderTotals
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+order.Customer+".json", nil)
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
	if totals.Amounts == nil {
		totals.Amounts = map[string]int{}
	}
	totals.Amounts[order.ID] = order.Cents
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadStream(ctx, "data", "totals/"+order.Customer+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

func haveOrder(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type orderTotals struct {
	Amounts map[string]int `json:"amounts"`
}

// plan: lease=120 batch=2 forever layout=work delete=first change change.key=single change.change=tally change.guard=applied change.absent

type parcelTask struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// RunParcels receives parcels and does what they ask for.
func RunParcels(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
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
			if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
			if err := processParcel(ctx, blobs, *msg.MessageText); err != nil {
				log.Printf("parcel: %v", err)
				continue
			}
		}
	}
}

// processParcel does what one parcel asks for.
func processParcel(ctx context.Context, blobs *azblob.Client, text string) error {
	var parcel parcelTask
	if err := json.Unmarshal([]byte(text), &parcel); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var totals parcelTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "data", "totals.json", nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if !slices.Contains(totals.Handled, parcel.ID) {
		if totals.ByID == nil {
			totals.ByID = map[string]int{}
		}
		totals.ByID[parcel.Depot] += parcel.Grams
		totals.Handled = append(totals.Handled, parcel.ID)
		body, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		if _, err := blobs.UploadStream(ctx, "data", "totals.json", bytes.NewReader(body), &azblob.UploadStreamOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
		}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

type parcelTotals struct {
	ByID    map[string]int `json:"byid"`
	Handled []string       `json:"handled"`
}

// plan: lease=30 methods layout=work deleteerror=drop change change.key=single change.guard=older change.absent change.via=funcs

type invoiceEvent struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Seq     int    `json:"seq"`
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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processInvoice(ctx, *msg.MessageText); err != nil {
		return fmt.Errorf("invoice: %w", err)
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// processInvoice does what one invoice asks for.
func (w *InvoiceWorker) processInvoice(ctx context.Context, text string) error {
	var invoice invoiceEvent
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return err
	}
	name := "totals/latest.json"
	totals, etag, err := w.loadInvoiceTotals(ctx, name)
	if err != nil {
		return err
	}
	if !(invoice.Seq <= totals.Seq) {
		if invoice.Seq > totals.Highest {
			totals.Highest = invoice.Seq
		}
		totals.Seq = invoice.Seq
		if err := w.saveInvoiceTotals(ctx, name, totals, etag); err != nil {
			return err
		}
	}
	return nil
}

type invoiceTotals struct {
	Highest int `json:"highest"`
	Seq     int `json:"seq"`
}

// loadInvoiceTotals reads the totals.
func (w *InvoiceWorker) loadInvoiceTotals(ctx context.Context, name string) (value invoiceTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "invoices", name, nil)
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

// saveInvoiceTotals writes the totals.
func (w *InvoiceWorker) saveInvoiceTotals(ctx context.Context, name string, value invoiceTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadStream(ctx, "invoices", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever deleteerror=log change change.row change.key=group change.change=grow change.guard=older change.match=none change.place=func

type bookingEvent struct {
	ID   string `json:"id"`
	Room string `json:"room"`
	Seq  int    `json:"seq"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
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
		var booking bookingEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &booking); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := changeBookingTotals(ctx, table, booking); err != nil {
			log.Printf("change: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
}

// changeBookingTotals keeps the totals up to date.
func changeBookingTotals(ctx context.Context, table *aztables.Client, booking bookingEvent) error {
	var totals bookingTotals
	got, err := table.GetEntity(ctx, "totals", booking.Room, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(got.Value, &totals); err != nil {
		return err
	}
	if booking.Seq <= totals.Seq {
		return nil
	}
	totals.Text = fmt.Sprintf("%s%s;", totals.Text, booking.ID)
	totals.Seq = booking.Seq
	totals.PartitionKey, totals.RowKey = "totals", booking.Room
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type bookingTotals struct {
	PartitionKey string
	RowKey       string
	Text         string `json:"text"`
	Seq          int    `json:"seq"`
}

// plan: lease=120 forever methods layout=handle send send.guard=before send.place=func

type readingEvent struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// ReadingWorker works on readings.
type ReadingWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
	out   *azqueue.QueueClient
}

// NewReadingWorker makes one.
func NewReadingWorker(queue *azqueue.QueueClient, table *aztables.Client, out *azqueue.QueueClient) *ReadingWorker {
	return &ReadingWorker{
		queue: queue,
		table: table,
		out:   out,
	}
}

// Run receives readings and does what they ask for.
func (w *ReadingWorker) Run(ctx context.Context) error {
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
		if err := w.handleReading(ctx, msg); err != nil {
			log.Printf("reading: %v", err)
			continue
		}
	}
}

// handleReading handles one reading.
func (w *ReadingWorker) handleReading(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var reading readingEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &reading); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.notifyReadingTotals(ctx, &reading); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// notifyReadingTotals tells others about the reading.
func (w *ReadingWorker) notifyReadingTotals(ctx context.Context, reading *readingEvent) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": reading.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveReading(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	note, err := json.Marshal(reading)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

func haveReading(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=30 forever layout=work create create.key=group create.conflict=error create.place=closure create.onerror=log change change.change=include change.absent change.place=func change.via=funcs change.large

type voteMessage struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// RunVotes receives votes and does what they ask for.
func RunVotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := processVote(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("vote: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processVote does what one vote asks for.
func processVote(ctx context.Context, blobs *azblob.Client, text string) error {
	var vote voteMessage
	if err := json.Unmarshal([]byte(text), &vote); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	work := func() error {
		name := fmt.Sprintf("totals/%s.json", vote.Poll)
		body, err := json.Marshal(vote)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if _, err := blobs.UploadBuffer(ctx, "votes-totals", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
		}); err != nil {
			return fmt.Errorf("register: %w", err)
		}
		return nil
	}
	if err := work(); err != nil {
		log.Printf("register %s: %v", vote.ID, err)
	}
	if vote.Weight > 100 {
		if err := changeVoteBoard(ctx, blobs, vote); err != nil {
			return err
		}
	}
	return nil
}

// changeVoteBoard keeps the board up to date.
func changeVoteBoard(ctx context.Context, blobs *azblob.Client, vote voteMessage) error {
	board, etag, err := loadVoteBoard(ctx, blobs, path.Join("board", vote.ID))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if !slices.Contains(board.Votes, vote.ID) {
		board.Votes = append(board.Votes, vote.ID)
	}
	if err := saveVoteBoard(ctx, blobs, path.Join("board", vote.ID), board, etag); err != nil {
		return err
	}
	return nil
}

type voteBoard struct {
	Votes []string `json:"votes"`
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
			return value, version, fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveVoteBoard writes the board.
func saveVoteBoard(ctx context.Context, blobs *azblob.Client, name string, value voteBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "votes-board", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 layout=handle deleteerror=drop change change.row change.key=single change.change=set change.guard=after change.absent change.place=func

type refundMessage struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RunRefunds receives refunds and does what they ask for.
func RunRefunds(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleRefund(ctx, queue, table, msg); err != nil {
		return err
	}
	return nil
}

// handleRefund handles one refund.
func handleRefund(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var refund refundMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &refund); err != nil {
		return err
	}
	if err := changeRefundTotals(ctx, table, &refund); err != nil {
		return err
	}
	queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// changeRefundTotals keeps the totals up to date.
func changeRefundTotals(ctx context.Context, table *aztables.Client, refund *refundMessage) error {
	_, err := table.GetEntity(ctx, "done-totals", refund.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoRefund(err) {
		return err
	}
	var totals refundTotals
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "totals", "all", nil)
	if err != nil && !isNoRefund(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	totals.Latest = refund.Cents
	totals.PartitionKey, totals.RowKey = "totals", "all"
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if err := putRefundRow(ctx, table, body, etag); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": refund.ID})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
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
	Latest       int `json:"latest"`
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

// plan: lease=60 batch=2 forever methods layout=work send send.place=deep

type paymentMessage struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
}

// PaymentWorker works on payments.
type PaymentWorker struct {
	queue *azqueue.QueueClient
	out   *azqueue.QueueClient
}

// NewPaymentWorker makes one.
func NewPaymentWorker(queue *azqueue.QueueClient, out *azqueue.QueueClient) *PaymentWorker {
	return &PaymentWorker{
		queue: queue,
		out:   out,
	}
}

// Run receives payments and does what they ask for.
func (w *PaymentWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(60))})
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
			if err := w.processPayment(ctx, *msg.MessageText); err != nil {
				log.Printf("payment: %v", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// processPayment does what one payment asks for.
func (w *PaymentWorker) processPayment(ctx context.Context, text string) error {
	var payment paymentMessage
	if err := json.Unmarshal([]byte(text), &payment); err != nil {
		return err
	}
	if err := w.applyPaymentTotals(ctx, &payment); err != nil {
		return err
	}
	return nil
}

// notifyPaymentTotals tells others about the payment.
func (w *PaymentWorker) notifyPaymentTotals(ctx context.Context, payment *paymentMessage) error {
	note, err := json.Marshal(payment)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return err
	}
	return nil
}

// applyPaymentTotals takes one payment further.
func (w *PaymentWorker) applyPaymentTotals(ctx context.Context, payment *paymentMessage) error {
	if payment.ID == "" {
		return errors.New("payment without id")
	}
	if err := w.notifyPaymentTotals(ctx, payment); err != nil {
		return err
	}
	return nil
}

// plan: batch=16 methods layout=work delete=onerror put put.row put.content=expiry put.via=iface

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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processPhoto(ctx, *msg.MessageText); err != nil {
			log.Printf("photo %s failed: %v", *msg.MessageID, err)
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

// processPhoto does what one photo asks for.
func (w *PhotoWorker) processPhoto(ctx context.Context, text string) error {
	var photo photoMessage
	if err := json.Unmarshal([]byte(text), &photo); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "totals",
		"RowKey":       photo.ID,
		"ID":           photo.ID,
		"Album":        photo.Album,
		"Pixels":       photo.Pixels,
		"ValidUntil":   time.Now().Add(24 * time.Hour),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.totalsStore.PutPhoto(ctx, body); err != nil {
		return fmt.Errorf("write: %w", err)
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
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=30 batch=16 forever methods layout=handle renew put put.key=single put.content=text put.guard=before put.place=func put.via=iface put put.place=func put.via=funcs

type articleEvent struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// ArticleWorker works on articles.
type ArticleWorker struct {
	queue       *azqueue.QueueClient
	blobs       *azblob.Client
	table       *aztables.Client
	totalsStore articleTotalsStore
}

// NewArticleWorker makes one.
func NewArticleWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ArticleWorker {
	return &ArticleWorker{
		queue:       queue,
		blobs:       blobs,
		table:       table,
		totalsStore: &articleTotalsBlobs{client: blobs},
	}
}

// Run receives articles and does what they ask for.
func (w *ArticleWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(30))})
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
			if err := w.handleArticle(ctx, msg); err != nil {
				log.Printf("article: %v", err)
				continue
			}
		}
	}
}

// handleArticle handles one article.
func (w *ArticleWorker) handleArticle(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var article articleEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
		return err
	}
	release := w.keepArticle(ctx, msg)
	defer release()
	if err := w.storeArticleTotals(ctx, article); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := w.writeArticleBoard(ctx, article); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// keepArticle renews the lease of a message until release is called, which returns the last receipt.
func (w *ArticleWorker) keepArticle(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// storeArticleTotals keeps the totals up to date.
func (w *ArticleWorker) storeArticleTotals(ctx context.Context, article articleEvent) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": article.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveArticle(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	body := []byte(fmt.Sprintf("%s: %d", article.Section, article.Words))
	if err := w.totalsStore.PutArticle(ctx, "totals.json", body); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func haveArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// articleTotalsStore keeps them.
type articleTotalsStore interface {
	PutArticle(ctx context.Context, name string, body []byte) error
}

type articleTotalsBlobs struct {
	client *azblob.Client
}

func (b *articleTotalsBlobs) PutArticle(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// writeArticleBoard keeps the board up to date.
func (w *ArticleWorker) writeArticleBoard(ctx context.Context, article articleEvent) error {
	name := fmt.Sprintf("board/%s.json", article.ID)
	body, err := json.Marshal(article)
	if err != nil {
		return err
	}
	if err := w.saveArticleBoard(ctx, name, body); err != nil {
		return err
	}
	return nil
}

// saveArticleBoard writes the board.
func (w *ArticleWorker) saveArticleBoard(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// plan: batch=2 forever methods layout=handle look look.place=func

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
			if err := w.handleVisit(ctx, msg); err != nil {
				log.Printf("visit: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// handleVisit handles one visit.
func (w *VisitWorker) handleVisit(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var visit visitMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
		return err
	}
	if err := w.inspectVisitTotals(ctx, visit); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// inspectVisitTotals looks at the settings.
func (w *VisitWorker) inspectVisitTotals(ctx context.Context, visit visitMessage) error {
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

// plan: forever layout=work wait wait.seconds=60

type scoreMessage struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
}

// RunScores receives scores and does what they ask for.
func RunScores(ctx context.Context, queue *azqueue.QueueClient) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessage(ctx, nil)
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
		if err := processScore(ctx, *msg.MessageText); err != nil {
			log.Printf("score: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processScore does what one score asks for.
func processScore(ctx context.Context, text string) error {
	var score scoreMessage
	if err := json.Unmarshal([]byte(text), &score); err != nil {
		return err
	}
	time.Sleep(60 * time.Second)
	return nil
}

// plan: lease=120 batch=2 forever methods layout=work deleteerror=drop change change.change=include change.guard=applied change.retries=4 change.absent change.place=func change.onerror=retry

type tripEvent struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// TripWorker works on trips.
type TripWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewTripWorker makes one.
func NewTripWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *TripWorker {
	return &TripWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives trips and does what they ask for.
func (w *TripWorker) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
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
			if err := w.processTrip(ctx, *msg.MessageText); err != nil {
				log.Printf("trip: %v", err)
				continue
			}
			w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		}
	}
}

// processTrip does what one trip asks for.
func (w *TripWorker) processTrip(ctx context.Context, text string) error {
	var trip tripEvent
	if err := json.Unmarshal([]byte(text), &trip); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.updateTripTotals(ctx, trip); failure == nil {
			break
		}
	}
	if failure != nil {
		return fmt.Errorf("update: %w", failure)
	}
	return nil
}

// updateTripTotals keeps the totals up to date.
func (w *TripWorker) updateTripTotals(ctx context.Context, trip tripEvent) error {
	for range 5 {
		var totals tripTotals
		var etag *azcore.ETag
		got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+trip.ID+".json", nil)
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
		if slices.Contains(totals.Applied, trip.ID) {
			return nil
		}
		if !slices.Contains(totals.Members, trip.ID) {
			totals.Members = append(totals.Members, trip.ID)
		}
		totals.Applied = append(totals.Applied, trip.ID)
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := w.blobs.UploadStream(ctx, "data", "totals/"+trip.ID+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
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

type tripTotals struct {
	Members []string `json:"members"`
	Applied []string `json:"applied"`
}

// plan: lease=30 layout=handle create create.row create.key=single create.conflict=error

type donationEvent struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// RunDonations receives donations and does what they ask for.
func RunDonations(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleDonation(ctx, queue, table, msg); err != nil {
		return err
	}
	return nil
}

// handleDonation handles one donation.
func handleDonation(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var donation donationEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &donation); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	body, err := json.Marshal(donationTotals{
		PartitionKey: "totals",
		RowKey:       "current",
		ID:           donation.ID,
		Campaign:     donation.Campaign,
		Cents:        donation.Cents,
	})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type donationTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Campaign     string `json:"campaign"`
	Cents        int    `json:"cents"`
}

func haveDonation(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=60 methods layout=handle deleteerror=drop put put.content=random put.guard=before put.place=closure put.via=funcs

type depositEvent struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// DepositWorker works on deposits.
type DepositWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewDepositWorker makes one.
func NewDepositWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *DepositWorker {
	return &DepositWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives deposits and does what they ask for.
func (w *DepositWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
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
	var deposit depositEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
		return err
	}
	work := func() error {
		mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": deposit.ID})
		if err != nil {
			return err
		}
		if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
			if haveDeposit(err) {
				return nil // done by an earlier delivery
			}
			return err
		}
		body, err := json.Marshal(depositTotals{
			ID:      deposit.ID,
			Account: deposit.Account,
			Cents:   deposit.Cents,
			Code:    uuid.NewString(),
		})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if err := w.saveDepositTotals(ctx, path.Join("totals", deposit.ID), body); err != nil {
			return err
		}
		return nil
	}
	if err := work(); err != nil {
		return err
	}
	w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

func haveDeposit(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type depositTotals struct {
	ID      string
	Account string
	Cents   int
	Code    string
}

// saveDepositTotals writes the totals.
func (w *DepositWorker) saveDepositTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 methods layout=handle wait wait.place=func wait.seconds=5

type saleMessage struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// SaleWorker works on sales.
type SaleWorker struct {
	queue *azqueue.QueueClient
}

// NewSaleWorker makes one.
func NewSaleWorker(queue *azqueue.QueueClient) *SaleWorker {
	return &SaleWorker{
		queue: queue,
	}
}

// Run receives sales and does what they ask for.
func (w *SaleWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleSale(ctx, msg); err != nil {
		return fmt.Errorf("sale: %w", err)
	}
	return nil
}

// handleSale handles one sale.
func (w *SaleWorker) handleSale(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var sale saleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &sale); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.pauseSaleTotals(ctx, sale); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// pauseSaleTotals gives other systems some time.
func (w *SaleWorker) pauseSaleTotals(ctx context.Context, sale saleMessage) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
	}
	return nil
}

// plan: lease=120 batch=3 methods layout=handle delete=arms renew create create.row create.large change change.change=add change.guard=after change.absent change.place=func change.large

type rentalMessage struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RentalWorker works on rentals.
type RentalWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewRentalWorker makes one.
func NewRentalWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *RentalWorker {
	return &RentalWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives rentals and does what they ask for.
func (w *RentalWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleRental(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleRental handles one rental.
func (w *RentalWorker) handleRental(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var rental rentalMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &rental); err != nil {
		return err
	}
	release := w.keepRental(ctx, msg)
	defer release()
	if rental.Hours > 100 {
		body, err := json.Marshal(aztables.EDMEntity{
			Entity: aztables.Entity{PartitionKey: rental.Station, RowKey: "totals-" + rental.ID},
			Properties: map[string]any{
				"ID":      rental.ID,
				"Station": rental.Station,
				"Hours":   rental.Hours,
			},
		})
		if err != nil {
			return err
		}
		if _, err := w.table.AddEntity(ctx, body, nil); err != nil && !haveRental(err) {
			return fmt.Errorf("create: %w", err)
		}
	}
	if rental.Hours > 100 {
		log.Printf("large rental %s", rental.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
			return err
		}
		return nil
	}
	if rental.Hours > 100 {
		if err := w.changeRentalBoard(ctx, rental); err != nil {
			return fmt.Errorf("change: %w", err)
		}
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return err
	}
	return nil
}

// keepRental renews the lease of a message until release is called, which returns the last receipt.
func (w *RentalWorker) keepRental(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

func haveRental(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// changeRentalBoard keeps the board up to date.
func (w *RentalWorker) changeRentalBoard(ctx context.Context, rental rentalMessage) error {
	_, err := w.table.GetEntity(ctx, "done-board", rental.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoRental(err) {
		return err
	}
	name := "board/" + rental.ID
	var board rentalBoard
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "data", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
			return err
		}
		etag = got.ETag
	}
	board.Sum += rental.Hours
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": rental.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoRental(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type rentalBoard struct {
	Sum int `json:"sum"`
}
