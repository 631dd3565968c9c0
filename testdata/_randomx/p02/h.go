package p02

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

// plan: lease=30 layout=work put put.row put.key=fresh put.place=func put.via=funcs put.large put put.place=closure

type sampleEvent struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// RunSamples receives samples and does what they ask for.
func RunSamples(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processSample(ctx, blobs, table, *msg.MessageText); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processSample does what one sample asks for.
func processSample(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var sample sampleEvent
	if err := json.Unmarshal([]byte(text), &sample); err != nil {
		return err
	}
	if sample.Level > 100 {
		if err := writeSampleTotals(ctx, table, sample); err != nil {
			return err
		}
	}
	attempt := func() error {
		body, err := json.Marshal(sampleBoard{
			ID:     sample.ID,
			Sensor: sample.Sensor,
			Level:  sample.Level,
		})
		if err != nil {
			return err
		}
		if _, err := blobs.UploadBuffer(ctx, "samples", "board/"+sample.ID+".json", body, nil); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		return nil
	}
	if err := attempt(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// writeSampleTotals keeps the totals up to date.
func writeSampleTotals(ctx context.Context, table *aztables.Client, sample sampleEvent) error {
	id := uuid.NewString()
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "totals", RowKey: id},
		Properties: map[string]any{
			"ID":     sample.ID,
			"Sensor": sample.Sensor,
			"Level":  sample.Level,
		},
	})
	if err != nil {
		return err
	}
	if err := saveSampleTotals(ctx, table, body); err != nil {
		return err
	}
	return nil
}

// saveSampleTotals writes the totals.
func saveSampleTotals(ctx context.Context, table *aztables.Client, body []byte) error {
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type sampleBoard struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// plan: lease=120 methods delete=forgotten change change.row change.key=single change.change=include change.guard=applied change.retries=4 change.place=func change.via=funcs

type badgeMessage struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// BadgeWorker works on badges.
type BadgeWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewBadgeWorker makes one.
func NewBadgeWorker(queue *azqueue.QueueClient, table *aztables.Client) *BadgeWorker {
	return &BadgeWorker{
		queue: queue,
		table: table,
	}
}

// Run receives badges and does what they ask for.
func (w *BadgeWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var badge badgeMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.updateBadgeTotals(ctx, badge); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if badge.Zone > 100 {
		log.Printf("large badge %s", badge.ID)
		return nil
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateBadgeTotals keeps the totals up to date.
func (w *BadgeWorker) updateBadgeTotals(ctx context.Context, badge badgeMessage) error {
	for try := 0; try < 5; try++ {
		totals, etag, err := w.loadBadgeTotals(ctx, "totals", "current")
		if err != nil {
			return err
		}
		if slices.Contains(totals.Handled, badge.ID) {
			return nil
		}
		if !slices.Contains(totals.Badges, badge.ID) {
			totals.Badges = append(totals.Badges, badge.ID)
		}
		totals.Handled = append(totals.Handled, badge.ID)
		refused := w.saveBadgeTotals(ctx, "totals", "current", totals, etag)
		if refused == nil {
			return nil
		}
		if !(staleBadge(refused)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("totals keep changing")
}

type badgeTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type badgeTotals struct {
	Badges  []string
	Handled []string
}

// loadBadgeTotals reads the totals.
func (w *BadgeWorker) loadBadgeTotals(ctx context.Context, partition, row string) (value badgeTotals, version *azcore.ETag, err error) {
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	var row badgeTotalsRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	return value, &got.ETag, nil
}

// saveBadgeTotals writes the totals.
func (w *BadgeWorker) saveBadgeTotals(ctx context.Context, partition, row string, value badgeTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(badgeTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := w.table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func staleBadge(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// plan: lease=120 methods delete=first put put.place=closure

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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var upload uploadEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &upload); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	work := func() error {
		name := fmt.Sprintf("totals/%s.json", upload.ID)
		body, err := json.Marshal(upload)
		if err != nil {
			return err
		}
		if _, err := w.blobs.UploadBuffer(ctx, "uploads-totals", name, body, nil); err != nil {
			return err
		}
		return nil
	}
	if err := work(); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever deleteerror=drop change change.retries=4 change.absent change.stamp change.place=deep change.onerror=drop

type reviewEvent struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// RunReviews receives reviews and does what they ask for.
func RunReviews(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		var review reviewEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &review); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		applyReviewTotals(ctx, blobs, &review)
		_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	}
	return ctx.Err()
}

// changeReviewTotals keeps the totals up to date.
func changeReviewTotals(ctx context.Context, blobs *azblob.Client, review *reviewEvent) error {
	name := fmt.Sprintf("totals/%s.json", review.ID)
	for try := 0; try < 5; try++ {
		var totals reviewTotals
		var etag *azcore.ETag
		got, err := blobs.DownloadStream(ctx, "reviews-totals", name, nil)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			return fmt.Errorf("read: %w", err)
		}
		if err == nil {
			if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
				return err
			}
			etag = got.ETag
		}
		if review.Stars > totals.Highest {
			totals.Highest = review.Stars
		}
		totals.WrittenAt = time.Now().UTC()
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := blobs.UploadBuffer(ctx, "reviews-totals", name, body, &azblob.UploadBufferOptions{
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

type reviewTotals struct {
	Highest   int       `json:"highest"`
	WrittenAt time.Time `json:"writtenat"`
}

// applyReviewTotals takes one review further.
func applyReviewTotals(ctx context.Context, blobs *azblob.Client, review *reviewEvent) error {
	if review.ID == "" {
		return errors.New("review without id")
	}
	if err := changeReviewTotals(ctx, blobs, review); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=4 methods layout=work deleteerror=log change change.key=group change.match=wildcard change.stamp change.place=func create create.content=stamp create.guard=after create.place=func create.via=iface

type lectureEvent struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// LectureWorker works on lectures.
type LectureWorker struct {
	queue      *azqueue.QueueClient
	blobs      *azblob.Client
	table      *aztables.Client
	boardStore lectureBoardStore
}

// NewLectureWorker makes one.
func NewLectureWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *LectureWorker {
	return &LectureWorker{
		queue:      queue,
		blobs:      blobs,
		table:      table,
		boardStore: &lectureBoardBlobs{client: blobs},
	}
}

// Run receives lectures and does what they ask for.
func (w *LectureWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.processLecture(ctx, *msg.MessageText); err != nil {
			return err
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processLecture does what one lecture asks for.
func (w *LectureWorker) processLecture(ctx context.Context, text string) error {
	var lecture lectureEvent
	if err := json.Unmarshal([]byte(text), &lecture); err != nil {
		return err
	}
	if err := w.mergeLectureTotals(ctx, lecture); err != nil {
		return err
	}
	if err := w.createLectureBoard(ctx, lecture); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	return nil
}

// mergeLectureTotals keeps the totals up to date.
func (w *LectureWorker) mergeLectureTotals(ctx context.Context, lecture lectureEvent) error {
	var totals lectureTotals
	got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+lecture.Course+".json", nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(raw, &totals); err != nil {
		return err
	}
	totals.Highest = max(totals.Highest, lecture.Credits)
	totals.At = time.Now().UTC()
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadStream(ctx, "data", "totals/"+lecture.Course+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

type lectureTotals struct {
	Highest int       `json:"highest"`
	At      time.Time `json:"at"`
}

// createLectureBoard keeps the board up to date.
func (w *LectureWorker) createLectureBoard(ctx context.Context, lecture lectureEvent) error {
	_, err := w.table.GetEntity(ctx, "done-board", lecture.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoLecture(err) {
		return fmt.Errorf("mark: %w", err)
	}
	name := "board/" + lecture.ID
	body, err := json.Marshal(lectureBoard{
		ID:      lecture.ID,
		Course:  lecture.Course,
		Credits: lecture.Credits,
		At:      time.Now(),
	})
	if err != nil {
		return err
	}
	if err := w.boardStore.CreateLecture(ctx, name, body); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return fmt.Errorf("create: %w", err)
		}
		log.Printf("lecture %s is there already", lecture.ID)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": lecture.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func isNoLecture(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type lectureBoard struct {
	ID      string    `json:"id"`
	Course  string    `json:"course"`
	Credits int       `json:"credits"`
	At      time.Time `json:"at"`
}

// lectureBoardStore keeps them.
type lectureBoardStore interface {
	CreateLecture(ctx context.Context, name string, body []byte) error
}

type lectureBoardBlobs struct {
	client *azblob.Client
}

func (b *lectureBoardBlobs) CreateLecture(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=4 methods layout=handle delete=first change change.row change.absent change.place=func change.onerror=retry change change.row change.retries=2 change.absent change.stamp change.place=func

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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleShift(ctx, msg); err != nil {
			log.Printf("shift: %v", err)
			continue
		}
	}
	return nil
}

// handleShift handles one shift.
func (w *ShiftWorker) handleShift(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var shift shiftMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &shift); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	var failure error
	for range 3 {
		if failure = w.changeShiftTotals(ctx, shift); failure == nil {
			break
		}
	}
	if failure != nil {
		return fmt.Errorf("change: %w", failure)
	}
	if err := w.updateShiftBoard(ctx, shift); err != nil {
		return err
	}
	return nil
}

// changeShiftTotals keeps the totals up to date.
func (w *ShiftWorker) changeShiftTotals(ctx context.Context, shift shiftMessage) error {
	var totals shiftTotals
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, shift.Ward, "totals-"+shift.ID, nil)
	if err != nil && !isNoShift(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if shift.Hours > totals.Highest {
		totals.Highest = shift.Hours
	}
	totals.PartitionKey, totals.RowKey = shift.Ward, "totals-"+shift.ID
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putShiftRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	return nil
}

type shiftTotals struct {
	PartitionKey string
	RowKey       string
	Highest      int
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

// updateShiftBoard keeps the board up to date.
func (w *ShiftWorker) updateShiftBoard(ctx context.Context, shift shiftMessage) error {
	for range 3 {
		var board shiftBoard
		var etag *azcore.ETag
		got, err := w.table.GetEntity(ctx, "board", shift.ID, nil)
		if err != nil && !isNoShift(err) {
			return err
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &board); err != nil {
				return err
			}
			etag = &got.ETag
		}
		board.Most = max(board.Most, shift.Hours)
		board.At = time.Now().UTC()
		board.PartitionKey, board.RowKey = "board", shift.ID
		body, err := json.Marshal(board)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
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
	Most         int
	At           time.Time
}

func staleShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 batch=4 methods layout=work change change.key=group change.change=grow change.guard=applied change.match=none change.absent change.stamp change.place=func change.via=iface change.large

type crateTask struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// CrateWorker works on crates.
type CrateWorker struct {
	queue       *azqueue.QueueClient
	totalsStore crateTotalsStore
}

// NewCrateWorker makes one.
func NewCrateWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *CrateWorker {
	return &CrateWorker{
		queue:       queue,
		totalsStore: &crateTotalsBlobs{client: blobs},
	}
}

// Run receives crates and does what they ask for.
func (w *CrateWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processCrate(ctx, *msg.MessageText); err != nil {
			log.Printf("crate: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

// processCrate does what one crate asks for.
func (w *CrateWorker) processCrate(ctx context.Context, text string) error {
	var crate crateTask
	if err := json.Unmarshal([]byte(text), &crate); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if crate.Kilos > 100 {
		if err := w.mergeCrateTotals(ctx, crate); err != nil {
			return err
		}
	}
	return nil
}

// mergeCrateTotals keeps the totals up to date.
func (w *CrateWorker) mergeCrateTotals(ctx context.Context, crate crateTask) error {
	name := fmt.Sprintf("totals/%s.json", crate.Warehouse)
	totals, err := w.totalsStore.LoadCrate(ctx, name)
	if err != nil {
		return err
	}
	if slices.Contains(totals.Handled, crate.ID) {
		return nil
	}
	totals.Notes += crate.ID + "\n"
	totals.Handled = append(totals.Handled, crate.ID)
	totals.WrittenAt = time.Now().UTC()
	if err := w.totalsStore.SaveCrate(ctx, name, totals); err != nil {
		return err
	}
	return nil
}

type crateTotals struct {
	Notes     string    `json:"notes"`
	Handled   []string  `json:"handled"`
	WrittenAt time.Time `json:"writtenat"`
}

// crateTotalsStore keeps them.
type crateTotalsStore interface {
	LoadCrate(ctx context.Context, name string) (value crateTotals, err error)
	SaveCrate(ctx context.Context, name string, value crateTotals) error
}

type crateTotalsBlobs struct {
	client *azblob.Client
}

func (b *crateTotalsBlobs) LoadCrate(ctx context.Context, name string) (value crateTotals, err error) {
	got, err := b.client.DownloadStream(ctx, "crates-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, fmt.Errorf("decode: %w", err)
		}
	}
	return value, nil
}

func (b *crateTotalsBlobs) SaveCrate(ctx context.Context, name string, value crateTotals) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "crates-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 batch=4 methods layout=work deleteerror=log change change.key=group change.change=append change.guard=seen change.match=none change.absent change.via=iface put put.content=expiry put.place=deep put put.row put.key=group put.content=beat put.guard=after put.place=func put.via=funcs

type mealEvent struct {
	ID       string `json:"id"`
	Kitchen  string `json:"kitchen"`
	Portions int    `json:"portions"`
}

// MealWorker works on meals.
type MealWorker struct {
	queue       *azqueue.QueueClient
	blobs       *azblob.Client
	table       *aztables.Client
	totalsStore mealTotalsStore
}

// NewMealWorker makes one.
func NewMealWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *MealWorker {
	return &MealWorker{
		queue:       queue,
		blobs:       blobs,
		table:       table,
		totalsStore: &mealTotalsBlobs{client: blobs},
	}
}

// Run receives meals and does what they ask for.
func (w *MealWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processMeal(ctx, *msg.MessageText); err != nil {
			log.Printf("meal: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processMeal does what one meal asks for.
func (w *MealWorker) processMeal(ctx context.Context, text string) error {
	var meal mealEvent
	if err := json.Unmarshal([]byte(text), &meal); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", meal.Kitchen)
	totals, err := w.totalsStore.LoadMeal(ctx, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if !totals.Applied[meal.ID] {
		totals.Members = append(totals.Members, meal.ID)
		if totals.Applied == nil {
			totals.Applied = map[string]bool{}
		}
		totals.Applied[meal.ID] = true
		if err := w.totalsStore.SaveMeal(ctx, name, totals); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if err := w.applyMealBoard(ctx, meal); err != nil {
		return err
	}
	if err := w.writeMealProfile(ctx, meal); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type mealTotals struct {
	Members []string
	Applied map[string]bool
}

// mealTotalsStore keeps them.
type mealTotalsStore interface {
	LoadMeal(ctx context.Context, name string) (value mealTotals, err error)
	SaveMeal(ctx context.Context, name string, value mealTotals) error
}

type mealTotalsBlobs struct {
	client *azblob.Client
}

func (b *mealTotalsBlobs) LoadMeal(ctx context.Context, name string) (value mealTotals, err error) {
	got, err := b.client.DownloadStream(ctx, "meals-totals", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return value, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
			return value, err
		}
	}
	return value, nil
}

func (b *mealTotalsBlobs) SaveMeal(ctx context.Context, name string, value mealTotals) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "meals-totals", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// saveMealBoard keeps the board up to date.
func (w *MealWorker) saveMealBoard(ctx context.Context, meal mealEvent) error {
	body, err := json.Marshal(mealBoard{
		ID:         meal.ID,
		Kitchen:    meal.Kitchen,
		Portions:   meal.Portions,
		ValidUntil: time.Now().UTC().Add(24 * time.Hour),
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "meals-board", path.Join("board", meal.ID), body, nil); err != nil {
		return err
	}
	return nil
}

type mealBoard struct {
	ID         string
	Kitchen    string
	Portions   int
	ValidUntil time.Time
}

// applyMealBoard takes one meal further.
func (w *MealWorker) applyMealBoard(ctx context.Context, meal mealEvent) error {
	return w.saveMealBoard(ctx, meal)
}

// writeMealProfile keeps the profile up to date.
func (w *MealWorker) writeMealProfile(ctx context.Context, meal mealEvent) error {
	_, err := w.table.GetEntity(ctx, "done-profile", meal.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoMeal(err) {
		return err
	}
	body, err := json.Marshal(mealProfile{
		PartitionKey: "profile",
		RowKey:       meal.Kitchen,
		SeenAt:       time.Now(),
	})
	if err != nil {
		return err
	}
	if err := w.saveMealProfile(ctx, body); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-profile", "RowKey": meal.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoMeal(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type mealProfile struct {
	PartitionKey string
	RowKey       string
	SeenAt       time.Time
}

// saveMealProfile writes the profile.
func (w *MealWorker) saveMealProfile(ctx context.Context, body []byte) error {
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 methods layout=handle deleteerror=log put put.via=funcs put.onerror=retrylog put.large

type letterTask struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// LetterWorker works on letters.
type LetterWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewLetterWorker makes one.
func NewLetterWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *LetterWorker {
	return &LetterWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives letters and does what they ask for.
func (w *LetterWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleLetter(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleLetter handles one letter.
func (w *LetterWorker) handleLetter(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var letter letterTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &letter); err != nil {
		return err
	}
	if letter.Pages > 100 {
		body, err := json.Marshal(letterTotals{
			ID:       letter.ID,
			District: letter.District,
			Pages:    letter.Pages,
		})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		var failure error
		for range 3 {
			if failure = w.saveLetterTotals(ctx, path.Join("totals", letter.ID), body); failure == nil {
				break
			}
		}
		if failure != nil {
			log.Printf("store %s: %v", letter.ID, failure)
		}
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

type letterTotals struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// saveLetterTotals writes the totals.
func (w *LetterWorker) saveLetterTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 layout=handle delete=first change change.row change.key=group change.change=count change.match=wildcard change.via=generic

type lessonTask struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// RunLessons receives lessons and does what they ask for.
func RunLessons(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleLesson(ctx, queue, table, msg); err != nil {
		return fmt.Errorf("lesson: %w", err)
	}
	return nil
}

// handleLesson handles one lesson.
func handleLesson(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var lesson lessonTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	totals, err := loadLessonRowExisting[lessonTotals](ctx, table, "totals", lesson.Pupil)
	if err != nil {
		return err
	}
	totals.Lessons++
	totals.PartitionKey, totals.RowKey = "totals", lesson.Pupil
	if err := saveLessonRowExisting(ctx, table, totals); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type lessonTotals struct {
	PartitionKey string
	RowKey       string
	Lessons      int `json:"lessons"`
}

// loadLessonRowExisting reads a value.
func loadLessonRowExisting[T any](ctx context.Context, table *aztables.Client, partition, row string) (value T, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return value, err
	}
	return value, nil
}

// saveLessonRowExisting writes a value.
func saveLessonRowExisting[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: to.Ptr(azcore.ETagAny), UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: forever methods layout=handle change change.key=single change.change=add change.guard=seen change.place=func change.via=swap change.onerror=log

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
	for ctx.Err() == nil {
		resp, err := w.queue.DequeueMessage(ctx, nil)
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
		if err := w.handleHarvest(ctx, msg); err != nil {
			log.Printf("harvest: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleHarvest handles one harvest.
func (w *HarvestWorker) handleHarvest(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var harvest harvestEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
		return err
	}
	if err := w.updateHarvestTotals(ctx, &harvest); err != nil {
		log.Printf("update %s: %v", harvest.ID, err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateHarvestTotals keeps the totals up to date.
func (w *HarvestWorker) updateHarvestTotals(ctx context.Context, harvest *harvestEvent) error {
	name := "totals/latest.json"
	if err := updateHarvest(ctx, w.blobs, "harvests", name, func(totals *harvestTotals) bool {
		if totals.Applied[harvest.ID] {
			return false
		}
		totals.Sum += harvest.Tonnes
		if totals.Applied == nil {
			totals.Applied = map[string]bool{}
		}
		totals.Applied[harvest.ID] = true
		return true
	}); err != nil {
		return err
	}
	return nil
}

type harvestTotals struct {
	Sum     int
	Applied map[string]bool
}

// updateHarvest changes a value; change returns false to leave it as it is.
func updateHarvest[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	var value T
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return err
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever layout=work change change.key=group change.change=set change.guard=after change.place=closure change.via=generic change change.row change.change=entry change.guard=seen change.absent change.via=funcs send send.place=closure change change.key=single change.guard=applied change.retries=4 change.stamp change.place=func change.via=iface

type quoteEvent struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// RunQuotes receives quotes and does what they ask for.
func RunQuotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, out *azqueue.QueueClient) error {
	ledgerStore := &quoteLedgerBlobs{client: blobs}
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
		if err := processQuote(ctx, blobs, table, out, ledgerStore, *msg.MessageText); err != nil {
			log.Printf("quote: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processQuote does what one quote asks for.
func processQuote(ctx context.Context, blobs *azblob.Client, table *aztables.Client, out *azqueue.QueueClient, ledgerStore quoteLedgerStore, text string) error {
	var quote quoteEvent
	if err := json.Unmarshal([]byte(text), &quote); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	apply := func() error {
		_, err := table.GetEntity(ctx, "done-totals", quote.ID, nil)
		if err == nil {
			return nil // done by an earlier delivery
		}
		if !isNoQuote(err) {
			return fmt.Errorf("mark: %w", err)
		}
		totals, etag, err := loadQuoteJSON[quoteTotals](ctx, blobs, "archive", path.Join("totals", quote.Broker))
		if err != nil {
			return err
		}
		totals.Last = quote.Price
		if err := saveQuoteJSON(ctx, blobs, "archive", path.Join("totals", quote.Broker), totals, etag); err != nil {
			return err
		}
		mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": quote.ID})
		if err != nil {
			return fmt.Errorf("mark: %w", err)
		}
		if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
			return fmt.Errorf("mark: %w", err)
		}
		return nil
	}
	if err := apply(); err != nil {
		return err
	}
	board, etag, err := loadQuoteBoard(ctx, table, quote.Broker, "board-"+quote.ID)
	if err != nil {
		return err
	}
	if !board.Applied[quote.ID] {
		if board.Entries == nil {
			board.Entries = map[string]int{}
		}
		board.Entries[quote.ID] = quote.Price
		if board.Applied == nil {
			board.Applied = map[string]bool{}
		}
		board.Applied[quote.ID] = true
		if err := saveQuoteBoard(ctx, table, quote.Broker, "board-"+quote.ID, board, etag); err != nil {
			return err
		}
	}
	work := func() error {
		note, err := json.Marshal(quote)
		if err != nil {
			return err
		}
		if _, err := out.EnqueueMessage(ctx, string(note), nil); err != nil {
			return fmt.Errorf("forward: %w", err)
		}
		return nil
	}
	if err := work(); err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	if err := changeQuoteLedger(ctx, ledgerStore, quote); err != nil {
		return err
	}
	return nil
}

func isNoQuote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type quoteTotals struct {
	Last int `json:"last"`
}

// loadQuoteJSON reads a value.
func loadQuoteJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return value, version, err
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return value, version, err
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	return value, got.ETag, nil
}

// saveQuoteJSON writes a value.
func saveQuoteJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
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

type quoteBoardRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type quoteBoard struct {
	Entries map[string]int  `json:"entries"`
	Applied map[string]bool `json:"applied"`
}

// loadQuoteBoard reads the board.
func loadQuoteBoard(ctx context.Context, table *aztables.Client, partition, row string) (value quoteBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoQuote(err) {
		return value, version, err
	}
	if err == nil {
		var row quoteBoardRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return value, version, fmt.Errorf("decode: %w", err)
		}
		if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
			return value, version, fmt.Errorf("decode: %w", err)
		}
		etag = &got.ETag
	}
	return value, etag, nil
}

// saveQuoteBoard writes the board.
func saveQuoteBoard(ctx context.Context, table *aztables.Client, partition, row string, value quoteBoard, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(quoteBoardRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putQuoteRow(ctx, table, body, version); err != nil {
		return err
	}
	return nil
}

// putQuoteRow adds a row where there was none, and otherwise replaces what was read.
func putQuoteRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// changeQuoteLedger keeps the ledger up to date.
func changeQuoteLedger(ctx context.Context, ledgerStore quoteLedgerStore, quote quoteEvent) error {
	name := "ledger/latest.json"
	for try := 0; try < 5; try++ {
		ledger, etag, err := ledgerStore.LoadQuote(ctx, name)
		if err != nil {
			return err
		}
		if slices.Contains(ledger.Applied, quote.ID) {
			return nil
		}
		if quote.Price > ledger.Peak {
			ledger.Peak = quote.Price
		}
		ledger.Applied = append(ledger.Applied, quote.ID)
		ledger.UpdatedAt = time.Now().UTC()
		refused := ledgerStore.SaveQuote(ctx, name, ledger, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return refused
		}
	}
	return errors.New("ledger keep changing")
}

type quoteLedger struct {
	Peak      int       `json:"peak"`
	Applied   []string  `json:"applied"`
	UpdatedAt time.Time `json:"updatedat"`
}

// quoteLedgerStore keeps them.
type quoteLedgerStore interface {
	LoadQuote(ctx context.Context, name string) (value quoteLedger, version *azcore.ETag, err error)
	SaveQuote(ctx context.Context, name string, value quoteLedger, version *azcore.ETag) error
}

type quoteLedgerBlobs struct {
	client *azblob.Client
}

func (b *quoteLedgerBlobs) LoadQuote(ctx context.Context, name string) (value quoteLedger, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "archive", name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	return value, got.ETag, nil
}

func (b *quoteLedgerBlobs) SaveQuote(ctx context.Context, name string, value quoteLedger, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 batch=2 methods create create.key=fresh create.content=text create.place=func create.via=iface

type songEvent struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// SongWorker works on songs.
type SongWorker struct {
	queue       *azqueue.QueueClient
	totalsStore songTotalsStore
}

// NewSongWorker makes one.
func NewSongWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *SongWorker {
	return &SongWorker{
		queue:       queue,
		totalsStore: &songTotalsBlobs{client: blobs},
	}
}

// Run receives songs and does what they ask for.
func (w *SongWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var song songEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := w.registerSongTotals(ctx, &song); err != nil {
			return err
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return nil
}

// registerSongTotals keeps the totals up to date.
func (w *SongWorker) registerSongTotals(ctx context.Context, song *songEvent) error {
	body := []byte(fmt.Sprintf("%s: %d", song.Artist, song.Plays))
	if err := w.totalsStore.CreateSong(ctx, path.Join("totals", uuid.NewString()), body); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	return nil
}

// songTotalsStore keeps them.
type songTotalsStore interface {
	CreateSong(ctx context.Context, name string, body []byte) error
}

type songTotalsBlobs struct {
	client *azblob.Client
}

func (b *songTotalsBlobs) CreateSong(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 methods layout=handle put put.key=group put.content=random put.place=closure put.via=funcs put put.content=digest put.place=func

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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
		return err
	}
	apply := func() error {
		name := fmt.Sprintf("totals/%s.json", fine.Plate)
		body, err := json.Marshal(map[string]any{
			"id":    fine.ID,
			"plate": fine.Plate,
			"euros": fine.Euros,
			"code":  uuid.NewString(),
		})
		if err != nil {
			return err
		}
		if err := w.saveFineTotals(ctx, name, body); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	}
	if err := apply(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := w.saveFineBoard(ctx, fine); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// saveFineTotals writes the totals.
func (w *FineWorker) saveFineTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "fines-totals", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// saveFineBoard keeps the board up to date.
func (w *FineWorker) saveFineBoard(ctx context.Context, fine fineMessage) error {
	sum := sha256.Sum256([]byte(fine.Plate + fine.ID))
	body, err := json.Marshal(map[string]any{
		"digest": hex.EncodeToString(sum[:]),
		"euros":  fine.Euros,
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "fines-board", path.Join("board", fine.ID), body, nil); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// plan: lease=30 delete=arms deleteerror=drop put put.row put.key=group put.content=beat put.guard=after put.place=func put.via=generic put.large

type loanEvent struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// RunLoans receives loans and does what they ask for.
func RunLoans(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
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
	if loan.Sum > 100 {
		if err := saveLoanTotals(ctx, table, loan); err != nil {
			return err
		}
	}
	if loan.Sum > 100 {
		log.Printf("large loan %s", loan.ID)
		queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
		return nil
	}
	queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// saveLoanTotals keeps the totals up to date.
func saveLoanTotals(ctx context.Context, table *aztables.Client, loan loanEvent) error {
	_, err := table.GetEntity(ctx, "done-totals", loan.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoLoan(err) {
		return err
	}
	if err := saveLoanRow(ctx, table, loanTotals{
		PartitionKey: "totals",
		RowKey:       loan.Branch,
		At:           time.Now().UTC(),
	}); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": loan.ID})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoLoan(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveLoanRow encodes a value and writes it.
func saveLoanRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type loanTotals struct {
	PartitionKey string
	RowKey       string
	At           time.Time `json:"at"`
}

// plan: lease=30 delete=arms deleteerror=log change change.row change.key=group change.guard=seen change.absent change.stamp change.place=func change.onerror=retrylog

type tourTask struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// RunTours receives tours and does what they ask for.
func RunTours(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var tour tourTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &tour); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var failure error
	for range 3 {
		if failure = changeTourTotals(ctx, table, tour); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		log.Printf("change %s: %v", tour.ID, failure)
	}
	if tour.Guests > 100 {
		log.Printf("large tour %s", tour.ID)
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
		return nil
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// changeTourTotals keeps the totals up to date.
func changeTourTotals(ctx context.Context, table *aztables.Client, tour tourTask) error {
	var totals tourTotals
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "totals", tour.Guide, nil)
	if err != nil && !isNoTour(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row tourTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = &got.ETag
	}
	if totals.Seen[tour.ID] {
		return nil
	}
	totals.Most = max(totals.Most, tour.Guests)
	if totals.Seen == nil {
		totals.Seen = map[string]bool{}
	}
	totals.Seen[tour.ID] = true
	totals.UpdatedAt = time.Now().UTC()
	data, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(tourTotalsRow{PartitionKey: "totals", RowKey: tour.Guide, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putTourRow(ctx, table, body, etag); err != nil {
		return err
	}
	return nil
}

type tourTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type tourTotals struct {
	Most      int
	Seen      map[string]bool
	UpdatedAt time.Time
}

func isNoTour(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
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

// plan: lease=120 layout=work delete=first put put.row put.key=single put.content=beat put.place=deep

type orderTask struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// RunOrders receives orders and does what they ask for.
func RunOrders(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	if err := processOrder(ctx, table, *msg.MessageText); err != nil {
		return err
	}
	return nil
}

// processOrder does what one order asks for.
func processOrder(ctx context.Context, table *aztables.Client, text string) error {
	var order orderTask
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := applyOrderTotals(ctx, table, order); err != nil {
		return err
	}
	return nil
}

// storeOrderTotals keeps the totals up to date.
func storeOrderTotals(ctx context.Context, table *aztables.Client, order orderTask) error {
	body, err := json.Marshal(map[string]any{
		"PartitionKey": "totals",
		"RowKey":       "all",
		"At":           time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// applyOrderTotals takes one order further.
func applyOrderTotals(ctx context.Context, table *aztables.Client, order orderTask) error {
	return storeOrderTotals(ctx, table, order)
}

// plan: lease=120 layout=work renew put put.row put.content=digest put.place=func

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
	release := keepParcel(ctx, queue, msg)
	err = processParcel(ctx, table, *msg.MessageText)
	receipt := release()
	if err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, receipt, nil); err != nil {
		return err
	}
	return nil
}

// processParcel does what one parcel asks for.
func processParcel(ctx context.Context, table *aztables.Client, text string) error {
	var parcel parcelMessage
	if err := json.Unmarshal([]byte(text), &parcel); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := writeParcelTotals(ctx, table, parcel); err != nil {
		return err
	}
	return nil
}

// writeParcelTotals keeps the totals up to date.
func writeParcelTotals(ctx context.Context, table *aztables.Client, parcel parcelMessage) error {
	sum := sha256.Sum256([]byte(parcel.Depot + parcel.ID))
	body, err := json.Marshal(parcelTotals{
		PartitionKey: "totals",
		RowKey:       parcel.ID,
		Digest:       hex.EncodeToString(sum[:]),
		Grams:        parcel.Grams,
	})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

type parcelTotals struct {
	PartitionKey string
	RowKey       string
	Digest       string
	Grams        int
}

// keepParcel renews the lease of a message until release is called, which returns the last receipt.
func keepParcel(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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

// plan: lease=30 forever methods layout=work delete=onerror put put.key=group put.via=generic

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
		resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
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
		if err := w.processInvoice(ctx, *msg.MessageText); err != nil {
			log.Printf("invoice %s failed: %v", *msg.MessageID, err)
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
	return ctx.Err()
}

// processInvoice does what one invoice asks for.
func (w *InvoiceWorker) processInvoice(ctx context.Context, text string) error {
	var invoice invoiceTask
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return err
	}
	name := "totals/" + invoice.Account
	if err := saveInvoiceJSON(ctx, w.blobs, "invoices", name, invoiceTotals{
		ID:      invoice.ID,
		Account: invoice.Account,
		Amount:  invoice.Amount,
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// saveInvoiceJSON encodes a value and writes it.
func saveInvoiceJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type invoiceTotals struct {
	ID      string
	Account string
	Amount  int
}

// plan: lease=30 batch=4 layout=handle delete=arms change change.row change.change=count change.absent change.place=closure create create.content=expiry create.conflict=done

type bookingTask struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Nights int    `json:"nights"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := handleBooking(ctx, queue, blobs, table, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleBooking handles one booking.
func handleBooking(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var booking bookingTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &booking); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	apply := func() error {
		var totals bookingTotals
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, booking.Room, "totals-"+booking.ID, nil)
		if err != nil && !isNoBooking(err) {
			return fmt.Errorf("read: %w", err)
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &totals); err != nil {
				return fmt.Errorf("decode: %w", err)
			}
			etag = &got.ETag
		}
		totals.Bookings++
		totals.PartitionKey, totals.RowKey = booking.Room, "totals-"+booking.ID
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		if err := putBookingRow(ctx, table, body, etag); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	if err := apply(); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if booking.Nights > 100 {
		log.Printf("large booking %s", booking.ID)
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	name := fmt.Sprintf("board/%s.json", booking.ID)
	body, err := json.Marshal(map[string]any{
		"id":      booking.ID,
		"room":    booking.Room,
		"nights":  booking.Nights,
		"expires": time.Now().Add(24 * time.Hour),
	})
	if err != nil {
		return err
	}
	_, refused := blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if refused != nil {
		return refused
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type bookingTotals struct {
	PartitionKey string
	RowKey       string
	Bookings     int
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

// plan: lease=120 methods layout=work change change.key=group change.change=append change.place=func change change.key=group change.change=append change change.key=group change.change=entry change.guard=seen change.absent change.place=func

type readingEvent struct {
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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processReading(ctx, *msg.MessageText); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processReading does what one reading asks for.
func (w *ReadingWorker) processReading(ctx context.Context, text string) error {
	var reading readingEvent
	if err := json.Unmarshal([]byte(text), &reading); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.changeReadingTotals(ctx, reading); err != nil {
		return err
	}
	var board readingBoard
	got, err := w.blobs.DownloadStream(ctx, "readings-board", path.Join("board", reading.Meter), nil)
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
	board.Items = append(board.Items, reading.ID)
	body, err := json.Marshal(board)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadStream(ctx, "readings-board", path.Join("board", reading.Meter), bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := w.updateReadingProfile(ctx, reading); err != nil {
		return err
	}
	return nil
}

// changeReadingTotals keeps the totals up to date.
func (w *ReadingWorker) changeReadingTotals(ctx context.Context, reading readingEvent) error {
	name := fmt.Sprintf("totals/%s.json", reading.Meter)
	var totals readingTotals
	got, err := w.blobs.DownloadStream(ctx, "readings-totals", name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	totals.Readings = append(totals.Readings, reading.ID)
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "readings-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type readingTotals struct {
	Readings []string `json:"readings"`
}

type readingBoard struct {
	Items []string `json:"items"`
}

// updateReadingProfile keeps the profile up to date.
func (w *ReadingWorker) updateReadingProfile(ctx context.Context, reading readingEvent) error {
	name := "profile/" + reading.Meter
	var profile readingProfile
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "readings-profile", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&profile); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if profile.Applied[reading.ID] {
		return nil
	}
	if profile.Amounts == nil {
		profile.Amounts = map[string]int{}
	}
	profile.Amounts[reading.ID] = reading.Watts
	if profile.Applied == nil {
		profile.Applied = map[string]bool{}
	}
	profile.Applied[reading.ID] = true
	body, err := json.Marshal(profile)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "readings-profile", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type readingProfile struct {
	Amounts map[string]int  `json:"amounts"`
	Applied map[string]bool `json:"applied"`
}

// plan: lease=120 methods change change.guard=applied change.retries=2 change.absent change.place=func change.via=swap change change.key=group change.guard=after change.match=none change.stamp change.place=deep change.via=generic

type voteEvent struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// VoteWorker works on votes.
type VoteWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewVoteWorker makes one.
func NewVoteWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *VoteWorker {
	return &VoteWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives votes and does what they ask for.
func (w *VoteWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var vote voteEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return err
	}
	if err := w.mergeVoteTotals(ctx, vote); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if err := w.applyVoteBoard(ctx, vote); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// mergeVoteTotals keeps the totals up to date.
func (w *VoteWorker) mergeVoteTotals(ctx context.Context, vote voteEvent) error {
	if err := updateVoteIfThereAgain(ctx, w.blobs, "data", "totals/"+vote.ID+".json", func(totals *voteTotals) bool {
		if slices.Contains(totals.Applied, vote.ID) {
			return false
		}
		totals.Highest = max(totals.Highest, vote.Weight)
		totals.Applied = append(totals.Applied, vote.ID)
		return true
	}); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

type voteTotals struct {
	Highest int
	Applied []string
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

// updateVoteBoard keeps the board up to date.
func (w *VoteWorker) updateVoteBoard(ctx context.Context, vote voteEvent) error {
	_, err := w.table.GetEntity(ctx, "done-board", vote.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoVote(err) {
		return fmt.Errorf("mark: %w", err)
	}
	name := "board/" + vote.Poll
	board, err := loadVoteJSONPlain[voteBoard](ctx, w.blobs, "data", name)
	if err != nil {
		return err
	}
	if vote.Weight > board.Peak {
		board.Peak = vote.Weight
	}
	board.WrittenAt = time.Now().UTC()
	if err := saveVoteJSONPlain(ctx, w.blobs, "data", name, board); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": vote.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func isNoVote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type voteBoard struct {
	Peak      int
	WrittenAt time.Time
}

// loadVoteJSONPlain reads a value.
func loadVoteJSONPlain[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, err error) {
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return value, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, err
	}
	return value, nil
}

// saveVoteJSONPlain writes a value.
func saveVoteJSONPlain[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

// applyVoteBoard takes one vote further.
func (w *VoteWorker) applyVoteBoard(ctx context.Context, vote voteEvent) error {
	if vote.ID == "" {
		return errors.New("vote without id")
	}
	if err := w.updateVoteBoard(ctx, vote); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// plan: lease=60 layout=handle delete=first change change.row change.retries=4 change.absent change.place=func change.via=iface change.large

type refundTask struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	Cents    int    `json:"cents"`
}

// RunRefunds receives refunds and does what they ask for.
func RunRefunds(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	totalsStore := &refundTotalsTable{client: table}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleRefund(ctx, queue, totalsStore, msg); err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	return nil
}

// handleRefund handles one refund.
func handleRefund(ctx context.Context, queue *azqueue.QueueClient, totalsStore refundTotalsStore, msg *azqueue.DequeuedMessage) error {
	var refund refundTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &refund); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if refund.Cents > 100 {
		if err := mergeRefundTotals(ctx, totalsStore, &refund); err != nil {
			return err
		}
	}
	return nil
}

// mergeRefundTotals keeps the totals up to date.
func mergeRefundTotals(ctx context.Context, totalsStore refundTotalsStore, refund *refundTask) error {
	for range 5 {
		totals, etag, err := totalsStore.LoadRefund(ctx, refund.Merchant, "totals-"+refund.ID)
		if err != nil {
			return err
		}
		totals.Highest = max(totals.Highest, refund.Cents)
		refused := totalsStore.SaveRefund(ctx, refund.Merchant, "totals-"+refund.ID, totals, etag)
		if refused == nil {
			return nil
		}
		if !(staleRefund(refused) || haveRefund(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type refundTotals struct {
	PartitionKey string
	RowKey       string
	Highest      int
}

// refundTotalsStore keeps them.
type refundTotalsStore interface {
	LoadRefund(ctx context.Context, partition, row string) (value refundTotals, version *azcore.ETag, err error)
	SaveRefund(ctx context.Context, partition, row string, value refundTotals, version *azcore.ETag) error
}

type refundTotalsTable struct {
	client *aztables.Client
}

func isNoRefund(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

func (b *refundTotalsTable) LoadRefund(ctx context.Context, partition, row string) (value refundTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoRefund(err) {
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

// putRefundRow adds a row where there was none, and otherwise replaces what was read.
func putRefundRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func (b *refundTotalsTable) SaveRefund(ctx context.Context, partition, row string, value refundTotals, version *azcore.ETag) error {
	value.PartitionKey, value.RowKey = partition, row
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := putRefundRow(ctx, b.client, body, version); err != nil {
		return err
	}
	return nil
}

func staleRefund(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveRefund(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=120 layout=handle renew put put.place=closure put.via=funcs

type paymentEvent struct {
	ID     string `json:"id"`
	Wallet string `json:"wallet"`
	Pence  int    `json:"pence"`
}

// RunPayments receives payments and does what they ask for.
func RunPayments(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handlePayment(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handlePayment handles one payment.
func handlePayment(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var payment paymentEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &payment); err != nil {
		return err
	}
	release := keepPayment(ctx, queue, msg)
	defer release()
	work := func() error {
		body, err := json.Marshal(paymentTotals{
			ID:     payment.ID,
			Wallet: payment.Wallet,
			Pence:  payment.Pence,
		})
		if err != nil {
			return err
		}
		if err := savePaymentTotals(ctx, blobs, "totals/"+payment.ID+".json", body); err != nil {
			return fmt.Errorf("save: %w", err)
		}
		return nil
	}
	if err := work(); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return err
	}
	return nil
}

// keepPayment renews the lease of a message until release is called, which returns the last receipt.
func keepPayment(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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

type paymentTotals struct {
	ID     string
	Wallet string
	Pence  int
}

// savePaymentTotals writes the totals.
func savePaymentTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "data", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever layout=work deleteerror=log create create.content=mixed create.place=func create.onerror=log put put.content=stamp put.place=deep

type photoTask struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
}

// RunPhotos receives photos and does what they ask for.
func RunPhotos(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := processPhoto(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("photo: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return ctx.Err()
}

// processPhoto does what one photo asks for.
func processPhoto(ctx context.Context, blobs *azblob.Client, text string) error {
	var photo photoTask
	if err := json.Unmarshal([]byte(text), &photo); err != nil {
		return err
	}
	if err := createPhotoTotals(ctx, blobs, &photo); err != nil {
		log.Printf("create %s: %v", photo.ID, err)
	}
	if err := applyPhotoBoard(ctx, blobs, &photo); err != nil {
		return err
	}
	return nil
}

// createPhotoTotals keeps the totals up to date.
func createPhotoTotals(ctx context.Context, blobs *azblob.Client, photo *photoTask) error {
	name := "totals/" + photo.ID
	current, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	body, err := json.Marshal(photoTotals{
		ID:     photo.ID,
		Album:  photo.Album,
		Pixels: photo.Pixels,
		Rate:   settings.Rate,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "photos", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return fmt.Errorf("create: %w", err)
		}
		log.Printf("photo %s is there already", photo.ID)
	}
	return nil
}

type photoTotals struct {
	ID     string `json:"id"`
	Album  string `json:"album"`
	Pixels int    `json:"pixels"`
	Rate   int    `json:"rate"`
}

// storePhotoBoard keeps the board up to date.
func storePhotoBoard(ctx context.Context, blobs *azblob.Client, photo *photoTask) error {
	body, err := json.Marshal(map[string]any{
		"id":        photo.ID,
		"album":     photo.Album,
		"pixels":    photo.Pixels,
		"updatedat": time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "photos", "board/"+photo.ID+".json", body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// applyPhotoBoard takes one photo further.
func applyPhotoBoard(ctx context.Context, blobs *azblob.Client, photo *photoTask) error {
	return storePhotoBoard(ctx, blobs, photo)
}
