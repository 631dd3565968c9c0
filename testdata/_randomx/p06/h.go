package p06

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
)

// plan: batch=2 methods layout=handle delete=deferred deleteerror=drop change change.key=group change.change=include change.place=func change.via=iface change.onerror=drop

type badgeTask struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// BadgeWorker works on badges.
type BadgeWorker struct {
	queue       *azqueue.QueueClient
	totalsStore badgeTotalsStore
}

// NewBadgeWorker makes one.
func NewBadgeWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *BadgeWorker {
	return &BadgeWorker{
		queue:       queue,
		totalsStore: &badgeTotalsBlobs{client: blobs},
	}
}

// Run receives badges and does what they ask for.
func (w *BadgeWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.handleBadge(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleBadge handles one badge.
func (w *BadgeWorker) handleBadge(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var badge badgeTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
		return err
	}
	w.updateBadgeTotals(ctx, &badge)
	return nil
}

// updateBadgeTotals keeps the totals up to date.
func (w *BadgeWorker) updateBadgeTotals(ctx context.Context, badge *badgeTask) error {
	totals, etag, err := w.totalsStore.LoadBadge(ctx, "totals/"+badge.Door+".json")
	if err != nil {
		return err
	}
	if !slices.Contains(totals.Members, badge.ID) {
		totals.Members = append(totals.Members, badge.ID)
	}
	if err := w.totalsStore.SaveBadge(ctx, "totals/"+badge.Door+".json", totals, etag); err != nil {
		return err
	}
	return nil
}

type badgeTotals struct {
	Members []string `json:"members"`
}

// badgeTotalsStore keeps them.
type badgeTotalsStore interface {
	LoadBadge(ctx context.Context, name string) (value badgeTotals, version *azcore.ETag, err error)
	SaveBadge(ctx context.Context, name string, value badgeTotals, version *azcore.ETag) error
}

type badgeTotalsBlobs struct {
	client *azblob.Client
}

func (b *badgeTotalsBlobs) LoadBadge(ctx context.Context, name string) (value badgeTotals, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "data", name, nil)
	if err != nil {
		return value, version, err
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return value, version, err
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

func (b *badgeTotalsBlobs) SaveBadge(ctx context.Context, name string, value badgeTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 methods layout=handle delete=arms change change.key=group change.guard=older change.retries=2 change.absent change.place=func change change.row change.change=entry change.absent change.stamp change.place=func

type uploadTask struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Seq    int    `json:"seq"`
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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleUpload(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleUpload handles one upload.
func (w *UploadWorker) handleUpload(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var upload uploadTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &upload); err != nil {
		return err
	}
	if err := w.changeUploadTotals(ctx, upload); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if upload.Seq > 100 {
		log.Printf("large upload %s", upload.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if err := w.updateUploadBoard(ctx, upload); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// changeUploadTotals keeps the totals up to date.
func (w *UploadWorker) changeUploadTotals(ctx context.Context, upload uploadTask) error {
	name := fmt.Sprintf("totals/%s.json", upload.Tenant)
	for try := 0; try < 3; try++ {
		var totals uploadTotals
		var etag *azcore.ETag
		got, err := w.blobs.DownloadStream(ctx, "uploads-totals", name, nil)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			return fmt.Errorf("read: %w", err)
		}
		if err == nil {
			if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
				return err
			}
			etag = got.ETag
		}
		if upload.Seq <= totals.Seq {
			return nil
		}
		if upload.Seq > totals.Peak {
			totals.Peak = upload.Seq
		}
		totals.Seq = upload.Seq
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := w.blobs.UploadBuffer(ctx, "uploads-totals", name, body, &azblob.UploadBufferOptions{
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

type uploadTotals struct {
	Peak int
	Seq  int
}

// updateUploadBoard keeps the board up to date.
func (w *UploadWorker) updateUploadBoard(ctx context.Context, upload uploadTask) error {
	var board uploadBoard
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, "board", upload.ID, nil)
	if err != nil && !isNoUpload(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row uploadBoardRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &board); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if board.ByID == nil {
		board.ByID = map[string]int{}
	}
	board.ByID[upload.ID] = upload.Seq
	board.WrittenAt = time.Now().UTC()
	data, err := json.Marshal(board)
	if err != nil {
		return err
	}
	body, err := json.Marshal(uploadBoardRow{PartitionKey: "board", RowKey: upload.ID, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putUploadRow(ctx, w.table, body, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type uploadBoardRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type uploadBoard struct {
	ByID      map[string]int
	WrittenAt time.Time
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

// plan: batch=16 layout=handle change change.absent look look.place=func

type reviewEvent struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// RunReviews receives reviews and does what they ask for.
func RunReviews(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := handleReview(ctx, queue, blobs, msg); err != nil {
			log.Printf("review: %v", err)
			continue
		}
	}
	return nil
}

// handleReview handles one review.
func handleReview(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var review reviewEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &review); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", review.ID)
	var totals reviewTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "reviews-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return err
		}
		etag = got.ETag
	}
	if review.Stars > totals.Peak {
		totals.Peak = review.Stars
	}
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "reviews-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	if err := consultReviewBoard(ctx, blobs, &review); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type reviewTotals struct {
	Peak int `json:"peak"`
}

// consultReviewBoard looks at the settings.
func consultReviewBoard(ctx context.Context, blobs *azblob.Client, review *reviewEvent) error {
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

// plan: lease=120 batch=16 forever methods deleteerror=log change change.change=grow change.guard=after change.absent change.place=closure change.via=generic

type lectureTask struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// LectureWorker works on lectures.
type LectureWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewLectureWorker makes one.
func NewLectureWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *LectureWorker {
	return &LectureWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives lectures and does what they ask for.
func (w *LectureWorker) Run(ctx context.Context) error {
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
			var lecture lectureTask
			if err := json.Unmarshal([]byte(*msg.MessageText), &lecture); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			attempt := func() error {
				_, err := w.table.GetEntity(ctx, "done-totals", lecture.ID, nil)
				if err == nil {
					return nil // done by an earlier delivery
				}
				if !isNoLecture(err) {
					return fmt.Errorf("mark: %w", err)
				}
				totals, etag, err := loadLectureJSONIfThere[lectureTotals](ctx, w.blobs, "data", "totals/"+lecture.ID+".json")
				if err != nil {
					return err
				}
				totals.Text = fmt.Sprintf("%s%s;", totals.Text, lecture.ID)
				if err := saveLectureJSONIfThere(ctx, w.blobs, "data", "totals/"+lecture.ID+".json", totals, etag); err != nil {
					return err
				}
				mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": lecture.ID})
				if err != nil {
					return fmt.Errorf("mark: %w", err)
				}
				if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
					return fmt.Errorf("mark: %w", err)
				}
				return nil
			}
			if err := attempt(); err != nil {
				log.Printf("update: %v", err)
				continue
			}
			if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete %s: %v", *msg.MessageID, err)
			}
		}
	}
}

func isNoLecture(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type lectureTotals struct {
	Text string `json:"text"`
}

// loadLectureJSONIfThere reads a value.
func loadLectureJSONIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, version, err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return value, version, err
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return value, version, fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	return value, etag, nil
}

// saveLectureJSONIfThere writes a value.
func saveLectureJSONIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
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

// plan: lease=120 batch=4 forever methods layout=handle delete=deferred deleteerror=drop wait wait.seconds=20 change change.row change.key=single change.change=chain change.retries=2 change.absent change.place=func

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
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
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
			if err := w.handleShift(ctx, msg); err != nil {
				log.Printf("shift: %v", err)
				continue
			}
		}
	}
}

// handleShift handles one shift.
func (w *ShiftWorker) handleShift(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var shift shiftMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &shift); err != nil {
		return err
	}
	time.Sleep(20 * time.Second)
	if err := w.changeShiftBoard(ctx, &shift); err != nil {
		return err
	}
	return nil
}

// changeShiftBoard keeps the board up to date.
func (w *ShiftWorker) changeShiftBoard(ctx context.Context, shift *shiftMessage) error {
	for try := 0; try < 3; try++ {
		var board shiftBoard
		var etag *azcore.ETag
		got, err := w.table.GetEntity(ctx, "board", "current", nil)
		if err != nil && !isNoShift(err) {
			return err
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &board); err != nil {
				return err
			}
			etag = &got.ETag
		}
		sum := sha256.Sum256([]byte(board.Digest + shift.ID))
		board.Digest = hex.EncodeToString(sum[:])
		board.PartitionKey, board.RowKey = "board", "current"
		body, err := json.Marshal(board)
		if err != nil {
			return err
		}
		refused := putShiftRow(ctx, w.table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleShift(refused) || haveShift(refused)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type shiftBoard struct {
	PartitionKey string
	RowKey       string
	Digest       string `json:"digest"`
}

func isNoShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
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

func staleShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: methods layout=handle create create.content=beat create create.via=funcs

type crateEvent struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// CrateWorker works on crates.
type CrateWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewCrateWorker makes one.
func NewCrateWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *CrateWorker {
	return &CrateWorker{
		queue: queue,
		blobs: blobs,
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
	if err := w.handleCrate(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleCrate handles one crate.
func (w *CrateWorker) handleCrate(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var crate crateEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &crate); err != nil {
		return err
	}
	body, err := json.Marshal(crateTotals{
		At: time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", crate.ID), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	name := fmt.Sprintf("board/%s.json", crate.ID)
	body2, err := json.Marshal(crate)
	if err != nil {
		return err
	}
	if err := w.createCrateBoard(ctx, name, body2); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		log.Printf("crate %s is there already", crate.ID)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type crateTotals struct {
	At time.Time `json:"at"`
}

// createCrateBoard writes the board.
func (w *CrateWorker) createCrateBoard(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 forever layout=handle delete=arms deleteerror=drop change change.row change.key=group change.change=count change.stamp change.place=func

type mealMessage struct {
	ID       string `json:"id"`
	Kitchen  string `json:"kitchen"`
	Portions int    `json:"portions"`
}

// RunMeals receives meals and does what they ask for.
func RunMeals(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
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
		if err := handleMeal(ctx, queue, table, msg); err != nil {
			log.Printf("meal: %v", err)
			continue
		}
	}
}

// handleMeal handles one meal.
func handleMeal(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var meal mealMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &meal); err != nil {
		return err
	}
	if err := updateMealTotals(ctx, table, meal); err != nil {
		return err
	}
	if meal.Portions > 100 {
		log.Printf("large meal %s", meal.ID)
		queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		return nil
	}
	queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// updateMealTotals keeps the totals up to date.
func updateMealTotals(ctx context.Context, table *aztables.Client, meal mealMessage) error {
	var totals mealTotals
	got, err := table.GetEntity(ctx, "totals", meal.Kitchen, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(got.Value, &totals); err != nil {
		return err
	}
	totals.Meals++
	totals.At = time.Now().UTC()
	totals.PartitionKey, totals.RowKey = "totals", meal.Kitchen
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type mealTotals struct {
	PartitionKey string
	RowKey       string
	Meals        int
	At           time.Time
}

// plan: lease=120 batch=3 send send.place=closure

type letterEvent struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// RunLetters receives letters and does what they ask for.
func RunLetters(ctx context.Context, queue *azqueue.QueueClient, out *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var letter letterEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &letter); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		work := func() error {
			note, err := json.Marshal(letter)
			if err != nil {
				return err
			}
			if _, err := out.EnqueueMessage(ctx, string(note), nil); err != nil {
				return err
			}
			return nil
		}
		if err := work(); err != nil {
			log.Printf("forward: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// plan: lease=120 batch=4 forever deleteerror=drop change change.guard=seen change.absent change.place=func

type lessonTask struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// RunLessons receives lessons and does what they ask for.
func RunLessons(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
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
			var lesson lessonTask
			if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			if err := mergeLessonTotals(ctx, blobs, lesson); err != nil {
				log.Printf("merge: %v", err)
				continue
			}
			_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
		}
	}
	return ctx.Err()
}

// mergeLessonTotals keeps the totals up to date.
func mergeLessonTotals(ctx context.Context, blobs *azblob.Client, lesson lessonTask) error {
	name := "totals/" + lesson.ID
	var totals lessonTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "lessons", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return err
		}
		etag = got.ETag
	}
	if totals.Applied[lesson.ID] {
		return nil
	}
	if lesson.Minutes > totals.Highest {
		totals.Highest = lesson.Minutes
	}
	if totals.Applied == nil {
		totals.Applied = map[string]bool{}
	}
	totals.Applied[lesson.ID] = true
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "lessons", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type lessonTotals struct {
	Highest int             `json:"highest"`
	Applied map[string]bool `json:"applied"`
}

// plan: lease=30 methods layout=handle renew wait wait.place=func wait.seconds=5 create create.row create.place=func create.via=generic put put.key=fresh put.content=stamp put.via=generic

type harvestMessage struct {
	ID     string `json:"id"`
	Farm   string `json:"farm"`
	Tonnes int    `json:"tonnes"`
}

// HarvestWorker works on harvests.
type HarvestWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewHarvestWorker makes one.
func NewHarvestWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *HarvestWorker {
	return &HarvestWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives harvests and does what they ask for.
func (w *HarvestWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
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
	release := w.keepHarvest(ctx, msg)
	defer release()
	if err := w.settleHarvestTotals(ctx, &harvest); err != nil {
		return err
	}
	if err := w.openHarvestBoard(ctx, harvest); err != nil {
		return err
	}
	if err := saveHarvestJSON(ctx, w.blobs, "data", path.Join("profile", time.Now().UTC().Format("20060102T150405.000000000")), harvestProfile{
		ID:        harvest.ID,
		Farm:      harvest.Farm,
		Tonnes:    harvest.Tonnes,
		UpdatedAt: time.Now().UTC(),
	}); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// keepHarvest renews the lease of a message until release is called, which returns the last receipt.
func (w *HarvestWorker) keepHarvest(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// settleHarvestTotals gives other systems some time.
func (w *HarvestWorker) settleHarvestTotals(ctx context.Context, harvest *harvestMessage) error {
	time.Sleep(5 * time.Second)
	return nil
}

// openHarvestBoard keeps the board up to date.
func (w *HarvestWorker) openHarvestBoard(ctx context.Context, harvest harvestMessage) error {
	if err := createHarvestRow(ctx, w.table, harvestBoard{
		PartitionKey: harvest.Farm,
		RowKey:       "board-" + harvest.ID,
		ID:           harvest.ID,
		Farm:         harvest.Farm,
		Tonnes:       harvest.Tonnes,
	}); err != nil {
		if !haveHarvest(err) {
			return err
		}
		log.Printf("harvest %s is there already", harvest.ID)
	}
	return nil
}

// createHarvestRow encodes a value and writes it.
func createHarvestRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type harvestBoard struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Farm         string `json:"farm"`
	Tonnes       int    `json:"tonnes"`
}

func haveHarvest(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// saveHarvestJSON encodes a value and writes it.
func saveHarvestJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

type harvestProfile struct {
	ID        string    `json:"id"`
	Farm      string    `json:"farm"`
	Tonnes    int       `json:"tonnes"`
	UpdatedAt time.Time `json:"updatedat"`
}

// plan: forever methods layout=handle deleteerror=log renew create create.key=group create.content=mixed create create.content=expiry create.place=deep create.via=generic

type quoteMessage struct {
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
		if err := w.handleQuote(ctx, msg); err != nil {
			log.Printf("quote: %v", err)
			continue
		}
	}
}

// handleQuote handles one quote.
func (w *QuoteWorker) handleQuote(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var quote quoteMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &quote); err != nil {
		return err
	}
	release := w.keepQuote(ctx, msg)
	defer release()
	current, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return err
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return err
	}
	body, err := json.Marshal(quoteTotals{
		ID:     quote.ID,
		Broker: quote.Broker,
		Price:  quote.Price,
		Rate:   settings.Rate,
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", quote.Broker), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	if err := w.applyQuoteBoard(ctx, quote); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, release(), nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// keepQuote renews the lease of a message until release is called, which returns the last receipt.
func (w *QuoteWorker) keepQuote(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

type quoteTotals struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
	Rate   int    `json:"rate"`
}

// openQuoteBoard keeps the board up to date.
func (w *QuoteWorker) openQuoteBoard(ctx context.Context, quote quoteMessage) error {
	name := fmt.Sprintf("board/%s.json", quote.ID)
	if err := createQuoteJSON(ctx, w.blobs, "archive", name, quoteBoard{
		ID:      quote.ID,
		Broker:  quote.Broker,
		Price:   quote.Price,
		Expires: time.Now().Add(24 * time.Hour),
	}); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return err
		}
		log.Printf("quote %s is there already", quote.ID)
	}
	return nil
}

// createQuoteJSON encodes a value and writes it.
func createQuoteJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type quoteBoard struct {
	ID      string    `json:"id"`
	Broker  string    `json:"broker"`
	Price   int       `json:"price"`
	Expires time.Time `json:"expires"`
}

// applyQuoteBoard takes one quote further.
func (w *QuoteWorker) applyQuoteBoard(ctx context.Context, quote quoteMessage) error {
	if quote.ID == "" {
		return errors.New("quote without id")
	}
	if err := w.openQuoteBoard(ctx, quote); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever methods change change.row change.key=single change.match=none change.stamp change.large wait wait.place=func wait.seconds=1

type songTask struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// SongWorker works on songs.
type SongWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewSongWorker makes one.
func NewSongWorker(queue *azqueue.QueueClient, table *aztables.Client) *SongWorker {
	return &SongWorker{
		queue: queue,
		table: table,
	}
}

// Run receives songs and does what they ask for.
func (w *SongWorker) Run(ctx context.Context) error {
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
		var song songTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if song.Plays > 100 {
			var totals songTotals
			got, err := w.table.GetEntity(ctx, "totals", "current", nil)
			if err != nil {
				log.Printf("read: %v", err)
				continue
			}
			if err := json.Unmarshal(got.Value, &totals); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			if song.Plays > totals.Most {
				totals.Most = song.Plays
			}
			totals.UpdatedAt = time.Now().UTC()
			totals.PartitionKey, totals.RowKey = "totals", "current"
			body, err := json.Marshal(totals)
			if err != nil {
				log.Printf("encode: %v", err)
				continue
			}
			if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
				log.Printf("write: %v", err)
				continue
			}
		}
		if err := w.pauseSongBoard(ctx, song); err != nil {
			log.Printf("pause: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

type songTotals struct {
	PartitionKey string
	RowKey       string
	Most         int
	UpdatedAt    time.Time
}

// pauseSongBoard gives other systems some time.
func (w *SongWorker) pauseSongBoard(ctx context.Context, song songTask) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(1 * time.Second):
	}
	return nil
}

// plan: lease=30 methods layout=handle delete=arms create create.conflict=error change change.key=group change.guard=seen change.absent change.stamp change.place=deep change.via=swap

type fineMessage struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// FineWorker works on fines.
type FineWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewFineWorker makes one.
func NewFineWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *FineWorker {
	return &FineWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives fines and does what they ask for.
func (w *FineWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleFine(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleFine handles one fine.
func (w *FineWorker) handleFine(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var fine fineMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &fine); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := fmt.Sprintf("totals/%s.json", fine.ID)
	body, err := json.Marshal(fine)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "fines-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	if fine.Euros > 100 {
		log.Printf("large fine %s", fine.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if err := w.applyFineBoard(ctx, &fine); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// mergeFineBoard keeps the board up to date.
func (w *FineWorker) mergeFineBoard(ctx context.Context, fine *fineMessage) error {
	if err := updateFineIfThere(ctx, w.blobs, "fines-board", path.Join("board", fine.Plate), func(board *fineBoard) bool {
		if board.Seen[fine.ID] {
			return false
		}
		board.Most = max(board.Most, fine.Euros)
		if board.Seen == nil {
			board.Seen = map[string]bool{}
		}
		board.Seen[fine.ID] = true
		board.UpdatedAt = time.Now().UTC()
		return true
	}); err != nil {
		return err
	}
	return nil
}

type fineBoard struct {
	Most      int             `json:"most"`
	Seen      map[string]bool `json:"seen"`
	UpdatedAt time.Time       `json:"updatedat"`
}

// updateFineIfThere changes a value; change returns false to leave it as it is.
func updateFineIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	var value T
	var etag *azcore.ETag
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
			return fmt.Errorf("decode: %w", err)
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
	if _, err := blobs.UploadStream(ctx, container, name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// applyFineBoard takes one fine further.
func (w *FineWorker) applyFineBoard(ctx context.Context, fine *fineMessage) error {
	return w.mergeFineBoard(ctx, fine)
}

// plan: lease=60 put put.place=deep

type loanEvent struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// RunLoans receives loans and does what they ask for.
func RunLoans(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var loan loanEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
		return err
	}
	if err := applyLoanTotals(ctx, blobs, loan); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// storeLoanTotals keeps the totals up to date.
func storeLoanTotals(ctx context.Context, blobs *azblob.Client, loan loanEvent) error {
	body, err := json.Marshal(loanTotals{
		ID:     loan.ID,
		Branch: loan.Branch,
		Sum:    loan.Sum,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", loan.ID), body, nil); err != nil {
		return err
	}
	return nil
}

type loanTotals struct {
	ID     string
	Branch string
	Sum    int
}

// applyLoanTotals takes one loan further.
func applyLoanTotals(ctx context.Context, blobs *azblob.Client, loan loanEvent) error {
	return storeLoanTotals(ctx, blobs, loan)
}

// plan: lease=30 layout=handle look look.place=closure look.onerror=retry

type tourTask struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// RunTours receives tours and does what they ask for.
func RunTours(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleTour(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleTour handles one tour.
func handleTour(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var tour tourTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &tour); err != nil {
		return err
	}
	attempt := func() error {
		settings, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
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
	var failure error
	for range 3 {
		if failure = attempt(); failure == nil {
			break
		}
	}
	if failure != nil {
		return fmt.Errorf("inspect: %w", failure)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 methods layout=work renew change change.row change.change=grow change.guard=before change.absent change.place=deep change.via=generic

type orderEvent struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// OrderWorker works on orders.
type OrderWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewOrderWorker makes one.
func NewOrderWorker(queue *azqueue.QueueClient, table *aztables.Client) *OrderWorker {
	return &OrderWorker{
		queue: queue,
		table: table,
	}
}

// Run receives orders and does what they ask for.
func (w *OrderWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	release := w.keepOrder(ctx, msg)
	err = w.processOrder(ctx, *msg.MessageText)
	receipt := release()
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil); err != nil {
		return err
	}
	return nil
}

// processOrder does what one order asks for.
func (w *OrderWorker) processOrder(ctx context.Context, text string) error {
	var order orderEvent
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return err
	}
	if err := w.applyOrderTotals(ctx, order); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// updateOrderTotals keeps the totals up to date.
func (w *OrderWorker) updateOrderTotals(ctx context.Context, order orderEvent) error {
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
	totals, etag, err := loadOrderRowIfThere[orderTotals](ctx, w.table, "totals", order.ID)
	if err != nil {
		return err
	}
	totals.Notes = fmt.Sprintf("%s%s;", totals.Notes, order.ID)
	totals.PartitionKey, totals.RowKey = "totals", order.ID
	if err := saveOrderRowIfThere(ctx, w.table, totals, etag); err != nil {
		return err
	}
	return nil
}

func haveOrder(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type orderTotals struct {
	PartitionKey string
	RowKey       string
	Notes        string
}

// loadOrderRowIfThere reads a value.
func loadOrderRowIfThere[T any](ctx context.Context, table *aztables.Client, partition, row string) (value T, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoOrder(err) {
		return value, version, err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &value); err != nil {
			return value, version, err
		}
		etag = &got.ETag
	}
	return value, etag, nil
}

func isNoOrder(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveOrderRowIfThere writes a value.
func saveOrderRowIfThere[T any](ctx context.Context, table *aztables.Client, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putOrderRow(ctx, table, body, version); err != nil {
		return err
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

// applyOrderTotals takes one order further.
func (w *OrderWorker) applyOrderTotals(ctx context.Context, order orderEvent) error {
	return w.updateOrderTotals(ctx, order)
}

// keepOrder renews the lease of a message until release is called, which returns the last receipt.
func (w *OrderWorker) keepOrder(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// plan: lease=120 batch=2 forever layout=handle change change.key=group change.change=entry change.guard=older change.retries=9 change.place=func change.large

type parcelEvent struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Seq   int    `json:"seq"`
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
			if err := handleParcel(ctx, queue, blobs, msg); err != nil {
				log.Printf("parcel: %v", err)
				continue
			}
		}
	}
}

// handleParcel handles one parcel.
func handleParcel(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var parcel parcelEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if parcel.Seq > 100 {
		if err := changeParcelTotals(ctx, blobs, parcel); err != nil {
			return err
		}
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// changeParcelTotals keeps the totals up to date.
func changeParcelTotals(ctx context.Context, blobs *azblob.Client, parcel parcelEvent) error {
	for range 10 {
		var totals parcelTotals
		got, err := blobs.DownloadStream(ctx, "archive", path.Join("totals", parcel.Depot), nil)
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
		if parcel.Seq <= totals.Seq {
			return nil
		}
		if totals.Amounts == nil {
			totals.Amounts = map[string]int{}
		}
		totals.Amounts[parcel.ID] = parcel.Seq
		totals.Seq = parcel.Seq
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		_, refused := blobs.UploadBuffer(ctx, "archive", path.Join("totals", parcel.Depot), body, &azblob.UploadBufferOptions{
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

type parcelTotals struct {
	Amounts map[string]int
	Seq     int
}

// plan: put put.row put.key=group put.place=deep put.via=iface

type invoiceTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Amount  int    `json:"amount"`
}

// RunInvoices receives invoices and does what they ask for.
func RunInvoices(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	totalsStore := &invoiceTotalsTable{client: table}
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var invoice invoiceTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &invoice); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := applyInvoiceTotals(ctx, totalsStore, invoice); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// storeInvoiceTotals keeps the totals up to date.
func storeInvoiceTotals(ctx context.Context, totalsStore invoiceTotalsStore, invoice invoiceTask) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: invoice.Account},
		Properties: map[string]any{
			"ID":      invoice.ID,
			"Account": invoice.Account,
			"Amount":  invoice.Amount,
		},
	})
	if err != nil {
		return err
	}
	if err := totalsStore.PutInvoice(ctx, body); err != nil {
		return err
	}
	return nil
}

// invoiceTotalsStore keeps them.
type invoiceTotalsStore interface {
	PutInvoice(ctx context.Context, body []byte) error
}

type invoiceTotalsTable struct {
	client *aztables.Client
}

func (b *invoiceTotalsTable) PutInvoice(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// applyInvoiceTotals takes one invoice further.
func applyInvoiceTotals(ctx context.Context, totalsStore invoiceTotalsStore, invoice invoiceTask) error {
	return storeInvoiceTotals(ctx, totalsStore, invoice)
}

// plan: lease=120 batch=4 forever methods put put.row put.content=stamp put.via=iface put.onerror=retrylog

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
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
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
			var booking bookingEvent
			if err := json.Unmarshal([]byte(*msg.MessageText), &booking); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			body, err := json.Marshal(bookingTotals{
				PartitionKey: "totals",
				RowKey:       booking.ID,
				ID:           booking.ID,
				Room:         booking.Room,
				Nights:       booking.Nights,
				WrittenAt:    time.Now().UTC(),
			})
			if err != nil {
				log.Printf("encode: %v", err)
				continue
			}
			var failure error
			for range 3 {
				if failure = w.totalsStore.PutBooking(ctx, body); failure == nil {
					break
				}
			}
			if failure != nil {
				log.Printf("store %s: %v", booking.ID, failure)
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

type bookingTotals struct {
	PartitionKey string
	RowKey       string
	ID           string    `json:"id"`
	Room         string    `json:"room"`
	Nights       int       `json:"nights"`
	WrittenAt    time.Time `json:"writtenat"`
}

// bookingTotalsStore keeps them.
type bookingTotalsStore interface {
	PutBooking(ctx context.Context, body []byte) error
}

type bookingTotalsTable struct {
	client *aztables.Client
}

func (b *bookingTotalsTable) PutBooking(ctx context.Context, body []byte) error {
	if _, err := b.client.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: batch=2 forever put put.row put.key=single put.content=stamp put.guard=before put.place=func put.via=funcs

type readingTask struct {
	ID    string `json:"id"`
	Meter string `json:"meter"`
	Watts int    `json:"watts"`
}

// RunReadings receives readings and does what they ask for.
func RunReadings(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
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
			if err := publishReadingTotals(ctx, table, reading); err != nil {
				log.Printf("publish: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// publishReadingTotals keeps the totals up to date.
func publishReadingTotals(ctx context.Context, table *aztables.Client, reading readingTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": reading.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveReading(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	body, err := json.Marshal(readingTotals{
		PartitionKey: "totals",
		RowKey:       "current",
		ID:           reading.ID,
		Meter:        reading.Meter,
		Watts:        reading.Watts,
		UpdatedAt:    time.Now(),
	})
	if err != nil {
		return err
	}
	if err := saveReadingTotals(ctx, table, body); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

func haveReading(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type readingTotals struct {
	PartitionKey string
	RowKey       string
	ID           string    `json:"id"`
	Meter        string    `json:"meter"`
	Watts        int       `json:"watts"`
	UpdatedAt    time.Time `json:"updatedat"`
}

// saveReadingTotals writes the totals.
func saveReadingTotals(ctx context.Context, table *aztables.Client, body []byte) error {
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=2 methods layout=handle change change.guard=applied change.retries=2 change.absent change.place=deep change.via=swap change change.key=single change.change=include change.guard=applied change.absent change.place=func change.onerror=retrylog

type voteTask struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.handleVote(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleVote handles one vote.
func (w *VoteWorker) handleVote(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var vote voteTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.applyVoteTotals(ctx, vote); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.mergeVoteBoard(ctx, vote); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		log.Printf("merge %s: %v", vote.ID, failure)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// changeVoteTotals keeps the totals up to date.
func (w *VoteWorker) changeVoteTotals(ctx context.Context, vote voteTask) error {
	if err := updateVoteIfThereAgain(ctx, w.blobs, "data", "totals/"+vote.ID+".json", func(totals *voteTotals) bool {
		if slices.Contains(totals.Applied, vote.ID) {
			return false
		}
		totals.Peak = max(totals.Peak, vote.Weight)
		totals.Applied = append(totals.Applied, vote.ID)
		return true
	}); err != nil {
		return err
	}
	return nil
}

type voteTotals struct {
	Peak    int      `json:"peak"`
	Applied []string `json:"applied"`
}

// updateVoteIfThereAgain changes a value; change returns false to leave it as it is.
func updateVoteIfThereAgain[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	for range 3 {
		var value T
		var etag *azcore.ETag
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
				return fmt.Errorf("decode: %w", err)
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

// applyVoteTotals takes one vote further.
func (w *VoteWorker) applyVoteTotals(ctx context.Context, vote voteTask) error {
	return w.changeVoteTotals(ctx, vote)
}

// mergeVoteBoard keeps the board up to date.
func (w *VoteWorker) mergeVoteBoard(ctx context.Context, vote voteTask) error {
	name := "board/latest.json"
	var board voteBoard
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "data", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if slices.Contains(board.Done, vote.ID) {
		return nil
	}
	if !slices.Contains(board.Votes, vote.ID) {
		board.Votes = append(board.Votes, vote.ID)
	}
	board.Done = append(board.Done, vote.ID)
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
	return nil
}

type voteBoard struct {
	Votes []string `json:"votes"`
	Done  []string `json:"done"`
}

// plan: lease=60 methods change change.row change.key=group change.guard=applied change.stamp change.via=iface

type refundEvent struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RefundWorker works on refunds.
type RefundWorker struct {
	queue       *azqueue.QueueClient
	totalsStore refundTotalsStore
}

// NewRefundWorker makes one.
func NewRefundWorker(queue *azqueue.QueueClient, table *aztables.Client) *RefundWorker {
	return &RefundWorker{
		queue:       queue,
		totalsStore: &refundTotalsTable{client: table},
	}
}

// Run receives refunds and does what they ask for.
func (w *RefundWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var refund refundEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &refund); err != nil {
		return err
	}
	totals, etag, err := w.totalsStore.LoadRefund(ctx, "totals", refund.Merchant)
	if err != nil {
		return err
	}
	if !slices.Contains(totals.Applied, refund.ID) {
		if refund.Cents > totals.Peak {
			totals.Peak = refund.Cents
		}
		totals.Applied = append(totals.Applied, refund.ID)
		totals.UpdatedAt = time.Now().UTC()
		if err := w.totalsStore.SaveRefund(ctx, "totals", refund.Merchant, totals, etag); err != nil {
			return err
		}
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type refundTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type refundTotals struct {
	Peak      int
	Applied   []string
	UpdatedAt time.Time
}

// refundTotalsStore keeps them.
type refundTotalsStore interface {
	LoadRefund(ctx context.Context, partition, row string) (value refundTotals, version *azcore.ETag, err error)
	SaveRefund(ctx context.Context, partition, row string, value refundTotals, version *azcore.ETag) error
}

type refundTotalsTable struct {
	client *aztables.Client
}

func (b *refundTotalsTable) LoadRefund(ctx context.Context, partition, row string) (value refundTotals, version *azcore.ETag, err error) {
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	var row refundTotalsRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, version, err
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

func (b *refundTotalsTable) SaveRefund(ctx context.Context, partition, row string, value refundTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(refundTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := b.client.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 batch=3 forever methods layout=work deleteerror=log change change.row change.key=group change.change=append change.guard=older change.match=none change.place=deep change.via=funcs

type paymentMessage struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Seq    int    `json:"seq"`
}

// PaymentWorker works on payments.
type PaymentWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewPaymentWorker makes one.
func NewPaymentWorker(queue *azqueue.QueueClient, table *aztables.Client) *PaymentWorker {
	return &PaymentWorker{
		queue: queue,
		table: table,
	}
}

// Run receives payments and does what they ask for.
func (w *PaymentWorker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3)), VisibilityTimeout: to.Ptr(int32(30))})
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
				log.Printf("delete %s: %v", *msg.MessageID, err)
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
	if err := w.applyPaymentTotals(ctx, payment); err != nil {
		return err
	}
	return nil
}

// mergePaymentTotals keeps the totals up to date.
func (w *PaymentWorker) mergePaymentTotals(ctx context.Context, payment paymentMessage) error {
	totals, err := w.loadPaymentTotals(ctx, "totals", payment.Wallet)
	if err != nil {
		return err
	}
	if payment.Seq <= totals.Seq {
		return nil
	}
	totals.Items = append(totals.Items, payment.ID)
	totals.Seq = payment.Seq
	if err := w.savePaymentTotals(ctx, "totals", payment.Wallet, totals); err != nil {
		return err
	}
	return nil
}

type paymentTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type paymentTotals struct {
	Items []string `json:"items"`
	Seq   int      `json:"seq"`
}

// loadPaymentTotals reads the totals.
func (w *PaymentWorker) loadPaymentTotals(ctx context.Context, partition, row string) (value paymentTotals, err error) {
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, err
	}
	var row paymentTotalsRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, err
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, err
	}
	return value, nil
}

// savePaymentTotals writes the totals.
func (w *PaymentWorker) savePaymentTotals(ctx context.Context, partition, row string, value paymentTotals) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(paymentTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

// applyPaymentTotals takes one payment further.
func (w *PaymentWorker) applyPaymentTotals(ctx context.Context, payment paymentMessage) error {
	if payment.ID == "" {
		return errors.New("payment without id")
	}
	if err := w.mergePaymentTotals(ctx, payment); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 forever layout=handle change change.key=group change.change=chain change.guard=older change.absent change.stamp put put.key=group put.place=deep

type photoMessage struct {
	ID    string `json:"id"`
	Album string `json:"album"`
	Seq   int    `json:"seq"`
}

// RunPhotos receives photos and does what they ask for.
func RunPhotos(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := handlePhoto(ctx, queue, blobs, msg); err != nil {
			log.Printf("photo: %v", err)
			continue
		}
	}
}

// handlePhoto handles one photo.
func handlePhoto(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var photo photoMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &photo); err != nil {
		return err
	}
	var totals photoTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "archive", path.Join("totals", photo.Album), nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			return err
		}
		etag = got.ETag
	}
	if !(photo.Seq <= totals.Seq) {
		sum := sha256.Sum256([]byte(totals.Digest + photo.ID))
		totals.Digest = hex.EncodeToString(sum[:])
		totals.Seq = photo.Seq
		totals.At = time.Now().UTC()
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", photo.Album), body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
		}); err != nil {
			return err
		}
	}
	if err := applyPhotoBoard(ctx, blobs, photo); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type photoTotals struct {
	Digest string
	Seq    int
	At     time.Time
}

// writePhotoBoard keeps the board up to date.
func writePhotoBoard(ctx context.Context, blobs *azblob.Client, photo photoMessage) error {
	name := fmt.Sprintf("board/%s.json", photo.Album)
	body, err := json.Marshal(photo)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// applyPhotoBoard takes one photo further.
func applyPhotoBoard(ctx context.Context, blobs *azblob.Client, photo photoMessage) error {
	if photo.ID == "" {
		return errors.New("photo without id")
	}
	if err := writePhotoBoard(ctx, blobs, photo); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=handle delete=first deleteerror=log change change.change=include change.absent change.stamp change.place=func

type articleEvent struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleArticle(ctx, msg); err != nil {
		return fmt.Errorf("article: %w", err)
	}
	return nil
}

// handleArticle handles one article.
func (w *ArticleWorker) handleArticle(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var article articleEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	if err := w.changeArticleTotals(ctx, article); err != nil {
		return err
	}
	return nil
}

// changeArticleTotals keeps the totals up to date.
func (w *ArticleWorker) changeArticleTotals(ctx context.Context, article articleEvent) error {
	var totals articleTotals
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+article.ID+".json", nil)
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
	if !slices.Contains(totals.Articles, article.ID) {
		totals.Articles = append(totals.Articles, article.ID)
	}
	totals.UpdatedAt = time.Now().UTC()
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadStream(ctx, "data", "totals/"+article.ID+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type articleTotals struct {
	Articles  []string  `json:"articles"`
	UpdatedAt time.Time `json:"updatedat"`
}
