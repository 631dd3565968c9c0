package p10

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

// plan: lease=30 methods delete=arms deleteerror=log wait wait.seconds=5 change change.guard=applied change.retries=2 change.absent change.place=func

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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var upload uploadEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &upload); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	if upload.Bytes > 100 {
		log.Printf("large upload %s", upload.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
		return nil
	}
	if err := w.updateUploadBoard(ctx, &upload); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// updateUploadBoard keeps the board up to date.
func (w *UploadWorker) updateUploadBoard(ctx context.Context, upload *uploadEvent) error {
	name := fmt.Sprintf("board/%s.json", upload.ID)
	for try := 0; try < 3; try++ {
		var board uploadBoard
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
		if slices.Contains(board.Applied, upload.ID) {
			return nil
		}
		if upload.Bytes > board.Peak {
			board.Peak = upload.Bytes
		}
		board.Applied = append(board.Applied, upload.ID)
		body, err := json.Marshal(board)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
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
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("board keep changing")
}

type uploadBoard struct {
	Peak    int
	Applied []string
}

// plan: lease=30 methods layout=work look look.row look.key=single look.place=func look.onerror=drop

type reviewEvent struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// ReviewWorker works on reviews.
type ReviewWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewReviewWorker makes one.
func NewReviewWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ReviewWorker {
	return &ReviewWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives reviews and does what they ask for.
func (w *ReviewWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
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
	var review reviewEvent
	if err := json.Unmarshal([]byte(text), &review); err != nil {
		return err
	}
	w.inspectReviewTotals(ctx, review)
	return nil
}

// inspectReviewTotals looks at the settings.
func (w *ReviewWorker) inspectReviewTotals(ctx context.Context, review reviewEvent) error {
	settings, err := w.blobs.DownloadStream(ctx, "settings", "rates.json", nil)
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

// plan: lease=120 methods delete=arms put put.key=group put.place=func put.via=funcs

type lectureMessage struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// LectureWorker works on lectures.
type LectureWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewLectureWorker makes one.
func NewLectureWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *LectureWorker {
	return &LectureWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives lectures and does what they ask for.
func (w *LectureWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var lecture lectureMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &lecture); err != nil {
		return err
	}
	if err := w.saveLectureTotals(ctx, &lecture); err != nil {
		return err
	}
	if lecture.Credits > 100 {
		log.Printf("large lecture %s", lecture.ID)
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

// saveLectureTotals keeps the totals up to date.
func (w *LectureWorker) saveLectureTotals(ctx context.Context, lecture *lectureMessage) error {
	body, err := json.Marshal(lectureTotals{
		ID:      lecture.ID,
		Course:  lecture.Course,
		Credits: lecture.Credits,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.saveLectureTotals(ctx, "totals/"+lecture.Course+".json", body); err != nil {
		return err
	}
	return nil
}

type lectureTotals struct {
	ID      string
	Course  string
	Credits int
}

// saveLectureTotals writes the totals.
func (w *LectureWorker) saveLectureTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "data", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=handle delete=deferred deleteerror=drop change change.key=group change.guard=applied change.absent change.place=func change.via=iface change.large

type shiftTask struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// ShiftWorker works on shifts.
type ShiftWorker struct {
	queue       *azqueue.QueueClient
	totalsStore shiftTotalsStore
}

// NewShiftWorker makes one.
func NewShiftWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ShiftWorker {
	return &ShiftWorker{
		queue:       queue,
		totalsStore: &shiftTotalsBlobs{client: blobs},
	}
}

// Run receives shifts and does what they ask for.
func (w *ShiftWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleShift(ctx, msg); err != nil {
		return fmt.Errorf("shift: %w", err)
	}
	return nil
}

// handleShift handles one shift.
func (w *ShiftWorker) handleShift(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var shift shiftTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &shift); err != nil {
		return err
	}
	if shift.Hours > 100 {
		if err := w.updateShiftTotals(ctx, shift); err != nil {
			return fmt.Errorf("update: %w", err)
		}
	}
	return nil
}

// updateShiftTotals keeps the totals up to date.
func (w *ShiftWorker) updateShiftTotals(ctx context.Context, shift shiftTask) error {
	name := "totals/" + shift.Ward
	totals, etag, err := w.totalsStore.LoadShift(ctx, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if slices.Contains(totals.Done, shift.ID) {
		return nil
	}
	if shift.Hours > totals.Most {
		totals.Most = shift.Hours
	}
	totals.Done = append(totals.Done, shift.ID)
	if err := w.totalsStore.SaveShift(ctx, name, totals, etag); err != nil {
		return err
	}
	return nil
}

type shiftTotals struct {
	Most int      `json:"most"`
	Done []string `json:"done"`
}

// shiftTotalsStore keeps them.
type shiftTotalsStore interface {
	LoadShift(ctx context.Context, name string) (value shiftTotals, version *azcore.ETag, err error)
	SaveShift(ctx context.Context, name string, value shiftTotals, version *azcore.ETag) error
}

type shiftTotalsBlobs struct {
	client *azblob.Client
}

func (b *shiftTotalsBlobs) LoadShift(ctx context.Context, name string) (value shiftTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := b.client.DownloadStream(ctx, "shifts", name, nil)
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

func (b *shiftTotalsBlobs) SaveShift(ctx context.Context, name string, value shiftTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadStream(ctx, "shifts", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=2 layout=handle renew change change.change=entry change.absent change.stamp change.place=deep put put.row put.content=expiry put.place=func put.via=generic change change.row change.key=group change.guard=seen change.retries=2 change.place=func change.via=funcs

type crateTask struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// RunCrates receives crates and does what they ask for.
func RunCrates(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := handleCrate(ctx, queue, blobs, table, msg); err != nil {
			return fmt.Errorf("crate: %w", err)
		}
	}
	return nil
}

// handleCrate handles one crate.
func handleCrate(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var crate crateTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &crate); err != nil {
		return err
	}
	release := keepCrate(ctx, queue, msg)
	defer release()
	if err := applyCrateTotals(ctx, blobs, &crate); err != nil {
		return err
	}
	if err := writeCrateBoard(ctx, table, &crate); err != nil {
		return err
	}
	if err := updateCrateProfile(ctx, table, crate); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return err
	}
	return nil
}

// keepCrate renews the lease of a message until release is called, which returns the last receipt.
func keepCrate(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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

// mergeCrateTotals keeps the totals up to date.
func mergeCrateTotals(ctx context.Context, blobs *azblob.Client, crate *crateTask) error {
	var totals crateTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "archive", path.Join("totals", crate.ID), nil)
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
	totals.Amounts[crate.ID] = crate.Kilos
	totals.WrittenAt = time.Now().UTC()
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", crate.ID), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type crateTotals struct {
	Amounts   map[string]int `json:"amounts"`
	WrittenAt time.Time      `json:"writtenat"`
}

// applyCrateTotals takes one crate further.
func applyCrateTotals(ctx context.Context, blobs *azblob.Client, crate *crateTask) error {
	return mergeCrateTotals(ctx, blobs, crate)
}

// writeCrateBoard keeps the board up to date.
func writeCrateBoard(ctx context.Context, table *aztables.Client, crate *crateTask) error {
	if err := saveCrateRow(ctx, table, crateBoard{
		PartitionKey: "board",
		RowKey:       crate.ID,
		ID:           crate.ID,
		Warehouse:    crate.Warehouse,
		Kilos:        crate.Kilos,
		Expires:      time.Now().Add(24 * time.Hour),
	}); err != nil {
		return err
	}
	return nil
}

// saveCrateRow encodes a value and writes it.
func saveCrateRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type crateBoard struct {
	PartitionKey string
	RowKey       string
	ID           string    `json:"id"`
	Warehouse    string    `json:"warehouse"`
	Kilos        int       `json:"kilos"`
	Expires      time.Time `json:"expires"`
}

// updateCrateProfile keeps the profile up to date.
func updateCrateProfile(ctx context.Context, table *aztables.Client, crate crateTask) error {
	for range 3 {
		profile, etag, err := loadCrateProfile(ctx, table, "profile", crate.Warehouse)
		if err != nil {
			return err
		}
		if profile.Seen[crate.ID] {
			return nil
		}
		profile.Highest = max(profile.Highest, crate.Kilos)
		if profile.Seen == nil {
			profile.Seen = map[string]bool{}
		}
		profile.Seen[crate.ID] = true
		refused := saveCrateProfile(ctx, table, "profile", crate.Warehouse, profile, etag)
		if refused == nil {
			return nil
		}
		if !(staleCrate(refused)) {
			return refused
		}
	}
	return errors.New("profile keep changing")
}

type crateProfileRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type crateProfile struct {
	Highest int             `json:"highest"`
	Seen    map[string]bool `json:"seen"`
}

// loadCrateProfile reads the profile.
func loadCrateProfile(ctx context.Context, table *aztables.Client, partition, row string) (value crateProfile, version *azcore.ETag, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, version, err
	}
	var row crateProfileRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, version, err
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, version, err
	}
	return value, &got.ETag, nil
}

// saveCrateProfile writes the profile.
func saveCrateProfile(ctx context.Context, table *aztables.Client, partition, row string, value crateProfile, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(crateProfileRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: version, UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	return nil
}

func staleCrate(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// plan: lease=120 batch=4 forever methods layout=handle create create.guard=after create.conflict=done create.place=func

type mealEvent struct {
	ID       string `json:"id"`
	Kitchen  string `json:"kitchen"`
	Portions int    `json:"portions"`
}

// MealWorker works on meals.
type MealWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewMealWorker makes one.
func NewMealWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *MealWorker {
	return &MealWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives meals and does what they ask for.
func (w *MealWorker) Run(ctx context.Context) error {
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
			if err := w.handleMeal(ctx, msg); err != nil {
				log.Printf("meal: %v", err)
				continue
			}
		}
	}
}

// handleMeal handles one meal.
func (w *MealWorker) handleMeal(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var meal mealEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &meal); err != nil {
		return err
	}
	if err := w.openMealTotals(ctx, meal); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// openMealTotals keeps the totals up to date.
func (w *MealWorker) openMealTotals(ctx context.Context, meal mealEvent) error {
	_, err := w.table.GetEntity(ctx, "done-totals", meal.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoMeal(err) {
		return fmt.Errorf("mark: %w", err)
	}
	body, err := json.Marshal(mealTotals{
		ID:       meal.ID,
		Kitchen:  meal.Kitchen,
		Portions: meal.Portions,
	})
	if err != nil {
		return err
	}
	_, refused := w.blobs.UploadStream(ctx, "data", "totals/"+meal.ID+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		return nil
	}
	if refused != nil {
		return refused
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": meal.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func isNoMeal(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type mealTotals struct {
	ID       string
	Kitchen  string
	Portions int
}

// plan: lease=60 forever methods deleteerror=log put put.onerror=retry

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
		var letter letterTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &letter); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		body, err := json.Marshal(letterTotals{
			ID:       letter.ID,
			District: letter.District,
			Pages:    letter.Pages,
		})
		if err != nil {
			log.Printf("encode: %v", err)
			continue
		}
		var failure error
		for range 3 {
			if _, failure = w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", letter.ID), body, nil); failure == nil {
				break
			}
		}
		if failure != nil {
			log.Printf("store: %v", failure)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
}

type letterTotals struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// plan: lease=60 forever methods deleteerror=log change change.row change.key=single change.change=entry change.absent change.stamp change.place=deep change.large

type lessonTask struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// LessonWorker works on lessons.
type LessonWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewLessonWorker makes one.
func NewLessonWorker(queue *azqueue.QueueClient, table *aztables.Client) *LessonWorker {
	return &LessonWorker{
		queue: queue,
		table: table,
	}
}

// Run receives lessons and does what they ask for.
func (w *LessonWorker) Run(ctx context.Context) error {
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
		var lesson lessonTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if lesson.Minutes > 100 {
			if err := w.applyLessonTotals(ctx, lesson); err != nil {
				log.Printf("change: %v", err)
				continue
			}
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
}

// changeLessonTotals keeps the totals up to date.
func (w *LessonWorker) changeLessonTotals(ctx context.Context, lesson lessonTask) error {
	var totals lessonTotals
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, "totals", "all", nil)
	if err != nil && !isNoLesson(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row lessonTotalsRow
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
	totals.Entries[lesson.ID] = lesson.Minutes
	totals.WrittenAt = time.Now().UTC()
	data, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(lessonTotalsRow{PartitionKey: "totals", RowKey: "all", Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putLessonRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	return nil
}

type lessonTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type lessonTotals struct {
	Entries   map[string]int
	WrittenAt time.Time
}

func isNoLesson(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putLessonRow adds a row where there was none, and otherwise replaces what was read.
func putLessonRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// applyLessonTotals takes one lesson further.
func (w *LessonWorker) applyLessonTotals(ctx context.Context, lesson lessonTask) error {
	return w.changeLessonTotals(ctx, lesson)
}

// plan: lease=120 forever layout=handle wait wait.place=func wait.seconds=125

type harvestMessage struct {
	ID     string `json:"id"`
	Farm   string `json:"farm"`
	Tonnes int    `json:"tonnes"`
}

// RunHarvests receives harvests and does what they ask for.
func RunHarvests(ctx context.Context, queue *azqueue.QueueClient) error {
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
		if err := handleHarvest(ctx, queue, msg); err != nil {
			log.Printf("harvest: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleHarvest handles one harvest.
func handleHarvest(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) error {
	var harvest harvestMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
		return err
	}
	if err := settleHarvestTotals(ctx, harvest); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// settleHarvestTotals gives other systems some time.
func settleHarvestTotals(ctx context.Context, harvest harvestMessage) error {
	time.Sleep(125 * time.Second)
	return nil
}

// plan: lease=120 batch=2 methods layout=work deleteerror=log create create.content=random create.place=func create.via=generic create.onerror=log put put.place=func put.via=generic put put.key=single put.place=func put.via=iface

type quoteMessage struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// QuoteWorker works on quotes.
type QuoteWorker struct {
	queue        *azqueue.QueueClient
	blobs        *azblob.Client
	profileStore quoteProfileStore
}

// NewQuoteWorker makes one.
func NewQuoteWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *QuoteWorker {
	return &QuoteWorker{
		queue:        queue,
		blobs:        blobs,
		profileStore: &quoteProfileBlobs{client: blobs},
	}
}

// Run receives quotes and does what they ask for.
func (w *QuoteWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processQuote(ctx, *msg.MessageText); err != nil {
			return fmt.Errorf("quote: %w", err)
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processQuote does what one quote asks for.
func (w *QuoteWorker) processQuote(ctx context.Context, text string) error {
	var quote quoteMessage
	if err := json.Unmarshal([]byte(text), &quote); err != nil {
		return err
	}
	if err := w.openQuoteTotals(ctx, quote); err != nil {
		log.Printf("open %s: %v", quote.ID, err)
	}
	if err := w.writeQuoteBoard(ctx, quote); err != nil {
		return err
	}
	if err := w.saveQuoteProfile(ctx, quote); err != nil {
		return err
	}
	return nil
}

// openQuoteTotals keeps the totals up to date.
func (w *QuoteWorker) openQuoteTotals(ctx context.Context, quote quoteMessage) error {
	if err := createQuoteJSON(ctx, w.blobs, "archive", path.Join("totals", quote.ID), quoteTotals{
		ID:     quote.ID,
		Broker: quote.Broker,
		Price:  quote.Price,
		Code:   uuid.NewString(),
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
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
		return err
	}
	return nil
}

type quoteTotals struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
	Code   string `json:"code"`
}

// writeQuoteBoard keeps the board up to date.
func (w *QuoteWorker) writeQuoteBoard(ctx context.Context, quote quoteMessage) error {
	name := fmt.Sprintf("board/%s.json", quote.ID)
	if err := saveQuoteJSON(ctx, w.blobs, "archive", name, quoteBoard{
		ID:     quote.ID,
		Broker: quote.Broker,
		Price:  quote.Price,
	}); err != nil {
		return err
	}
	return nil
}

// saveQuoteJSON encodes a value and writes it.
func saveQuoteJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

type quoteBoard struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// saveQuoteProfile keeps the profile up to date.
func (w *QuoteWorker) saveQuoteProfile(ctx context.Context, quote quoteMessage) error {
	body, err := json.Marshal(quoteProfile{
		ID:     quote.ID,
		Broker: quote.Broker,
		Price:  quote.Price,
	})
	if err != nil {
		return err
	}
	if err := w.profileStore.PutQuote(ctx, "profile.json", body); err != nil {
		return err
	}
	return nil
}

type quoteProfile struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// quoteProfileStore keeps them.
type quoteProfileStore interface {
	PutQuote(ctx context.Context, name string, body []byte) error
}

type quoteProfileBlobs struct {
	client *azblob.Client
}

func (b *quoteProfileBlobs) PutQuote(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 forever methods layout=handle change change.row change.key=group change.change=add change.guard=applied change.match=none change.stamp change.place=func

type songMessage struct {
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
		if err := w.handleSong(ctx, msg); err != nil {
			log.Printf("song: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleSong handles one song.
func (w *SongWorker) handleSong(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var song songMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
		return err
	}
	if err := w.updateSongTotals(ctx, &song); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// updateSongTotals keeps the totals up to date.
func (w *SongWorker) updateSongTotals(ctx context.Context, song *songMessage) error {
	var totals songTotals
	got, err := w.table.GetEntity(ctx, "totals", song.Artist, nil)
	if err != nil {
		return err
	}
	var row songTotalsRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
		return err
	}
	if slices.Contains(totals.Handled, song.ID) {
		return nil
	}
	totals.Sum += song.Plays
	totals.Handled = append(totals.Handled, song.ID)
	totals.At = time.Now().UTC()
	data, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	body, err := json.Marshal(songTotalsRow{PartitionKey: "totals", RowKey: song.Artist, Data: string(data)})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type songTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type songTotals struct {
	Sum     int
	Handled []string
	At      time.Time
}

// plan: lease=120 layout=handle delete=forgotten put put.place=deep put.via=generic

type fineEvent struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// RunFines receives fines and does what they ask for.
func RunFines(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleFine(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleFine handles one fine.
func handleFine(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var fine fineEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &fine); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := applyFineTotals(ctx, blobs, fine); err != nil {
		return err
	}
	if fine.Euros > 100 {
		log.Printf("large fine %s", fine.ID)
		return nil
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// saveFineTotals keeps the totals up to date.
func saveFineTotals(ctx context.Context, blobs *azblob.Client, fine fineEvent) error {
	if err := saveFineJSON(ctx, blobs, "data", "totals/"+fine.ID+".json", fineTotals{
		ID:    fine.ID,
		Plate: fine.Plate,
		Euros: fine.Euros,
	}); err != nil {
		return err
	}
	return nil
}

// saveFineJSON encodes a value and writes it.
func saveFineJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

type fineTotals struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// applyFineTotals takes one fine further.
func applyFineTotals(ctx context.Context, blobs *azblob.Client, fine fineEvent) error {
	return saveFineTotals(ctx, blobs, fine)
}

// plan: lease=30 batch=4 methods put put.guard=before put.place=func put.via=generic put.large

type loanEvent struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// LoanWorker works on loans.
type LoanWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewLoanWorker makes one.
func NewLoanWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *LoanWorker {
	return &LoanWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives loans and does what they ask for.
func (w *LoanWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var loan loanEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
			return err
		}
		if loan.Sum > 100 {
			if err := w.saveLoanTotals(ctx, loan); err != nil {
				return err
			}
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

// saveLoanTotals keeps the totals up to date.
func (w *LoanWorker) saveLoanTotals(ctx context.Context, loan loanEvent) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": loan.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveLoan(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	if err := saveLoanJSON(ctx, w.blobs, "data", "totals/"+loan.ID+".json", loanTotals{
		ID:     loan.ID,
		Branch: loan.Branch,
		Sum:    loan.Sum,
	}); err != nil {
		return err
	}
	return nil
}

func haveLoan(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// saveLoanJSON encodes a value and writes it.
func saveLoanJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

type loanTotals struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// plan: lease=60 batch=2 methods layout=handle delete=arms renew change change.row change.change=entry change.absent change.stamp change.place=closure

type tourMessage struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// TourWorker works on tours.
type TourWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewTourWorker makes one.
func NewTourWorker(queue *azqueue.QueueClient, table *aztables.Client) *TourWorker {
	return &TourWorker{
		queue: queue,
		table: table,
	}
}

// Run receives tours and does what they ask for.
func (w *TourWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(60))})
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
	var tour tourMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &tour); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	release := w.keepTour(ctx, msg)
	defer release()
	work := func() error {
		var totals tourTotals
		var etag *azcore.ETag
		got, err := w.table.GetEntity(ctx, "totals", tour.ID, nil)
		if err != nil && !isNoTour(err) {
			return err
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
		if totals.ByID == nil {
			totals.ByID = map[string]int{}
		}
		totals.ByID[tour.ID] = tour.Guests
		totals.WrittenAt = time.Now().UTC()
		data, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		body, err := json.Marshal(tourTotalsRow{PartitionKey: "totals", RowKey: tour.ID, Data: string(data)})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if err := putTourRow(ctx, w.table, body, etag); err != nil {
			return err
		}
		return nil
	}
	if err := work(); err != nil {
		return err
	}
	if tour.Guests > 100 {
		log.Printf("large tour %s", tour.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// keepTour renews the lease of a message until release is called, which returns the last receipt.
func (w *TourWorker) keepTour(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

type tourTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type tourTotals struct {
	ByID      map[string]int `json:"byid"`
	WrittenAt time.Time      `json:"writtenat"`
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

// plan: lease=30 layout=work put put.place=deep

type orderEvent struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// RunOrders receives orders and does what they ask for.
func RunOrders(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processOrder(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processOrder does what one order asks for.
func processOrder(ctx context.Context, blobs *azblob.Client, text string) error {
	var order orderEvent
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return err
	}
	if err := applyOrderTotals(ctx, blobs, order); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// storeOrderTotals keeps the totals up to date.
func storeOrderTotals(ctx context.Context, blobs *azblob.Client, order orderEvent) error {
	body, err := json.Marshal(orderTotals{
		ID:       order.ID,
		Customer: order.Customer,
		Cents:    order.Cents,
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", order.ID), body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

type orderTotals struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// applyOrderTotals takes one order further.
func applyOrderTotals(ctx context.Context, blobs *azblob.Client, order orderEvent) error {
	return storeOrderTotals(ctx, blobs, order)
}

// plan: lease=60 change change.row change.change=add change.absent change.place=deep change change.key=single change.guard=after change.place=func change.via=iface

type parcelEvent struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// RunParcels receives parcels and does what they ask for.
func RunParcels(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	boardStore := &parcelBoardBlobs{client: blobs}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var parcel parcelEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
		return err
	}
	if err := applyParcelTotals(ctx, table, parcel); err != nil {
		return err
	}
	if err := updateParcelBoard(ctx, table, boardStore, parcel); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// changeParcelTotals keeps the totals up to date.
func changeParcelTotals(ctx context.Context, table *aztables.Client, parcel parcelEvent) error {
	var totals parcelTotals
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "totals", parcel.ID, nil)
	if err != nil && !isNoParcel(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	totals.Sum += parcel.Grams
	totals.PartitionKey, totals.RowKey = "totals", parcel.ID
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := putParcelRow(ctx, table, body, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type parcelTotals struct {
	PartitionKey string
	RowKey       string
	Sum          int `json:"sum"`
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

// applyParcelTotals takes one parcel further.
func applyParcelTotals(ctx context.Context, table *aztables.Client, parcel parcelEvent) error {
	if parcel.ID == "" {
		return errors.New("parcel without id")
	}
	if err := changeParcelTotals(ctx, table, parcel); err != nil {
		return err
	}
	return nil
}

// updateParcelBoard keeps the board up to date.
func updateParcelBoard(ctx context.Context, table *aztables.Client, boardStore parcelBoardStore, parcel parcelEvent) error {
	_, err := table.GetEntity(ctx, "done-board", parcel.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoParcel(err) {
		return fmt.Errorf("mark: %w", err)
	}
	board, etag, err := boardStore.LoadParcel(ctx, "board.json")
	if err != nil {
		return err
	}
	board.Most = max(board.Most, parcel.Grams)
	if err := boardStore.SaveParcel(ctx, "board.json", board, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": parcel.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

type parcelBoard struct {
	Most int `json:"most"`
}

// parcelBoardStore keeps them.
type parcelBoardStore interface {
	LoadParcel(ctx context.Context, name string) (value parcelBoard, version *azcore.ETag, err error)
	SaveParcel(ctx context.Context, name string, value parcelBoard, version *azcore.ETag) error
}

type parcelBoardBlobs struct {
	client *azblob.Client
}

func (b *parcelBoardBlobs) LoadParcel(ctx context.Context, name string) (value parcelBoard, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "parcels-board", name, nil)
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

func (b *parcelBoardBlobs) SaveParcel(ctx context.Context, name string, value parcelBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := b.client.UploadBuffer(ctx, "parcels-board", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: layout=work deleteerror=drop put put.content=stamp put.place=deep

type invoiceMessage struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Amount  int    `json:"amount"`
}

// RunInvoices receives invoices and does what they ask for.
func RunInvoices(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processInvoice(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// processInvoice does what one invoice asks for.
func processInvoice(ctx context.Context, blobs *azblob.Client, text string) error {
	var invoice invoiceMessage
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return err
	}
	if err := applyInvoiceTotals(ctx, blobs, &invoice); err != nil {
		return err
	}
	return nil
}

// saveInvoiceTotals keeps the totals up to date.
func saveInvoiceTotals(ctx context.Context, blobs *azblob.Client, invoice *invoiceMessage) error {
	body, err := json.Marshal(invoiceTotals{
		ID:        invoice.ID,
		Account:   invoice.Account,
		Amount:    invoice.Amount,
		UpdatedAt: time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "data", "totals/"+invoice.ID+".json", body, nil); err != nil {
		return err
	}
	return nil
}

type invoiceTotals struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Amount    int       `json:"amount"`
	UpdatedAt time.Time `json:"updatedat"`
}

// applyInvoiceTotals takes one invoice further.
func applyInvoiceTotals(ctx context.Context, blobs *azblob.Client, invoice *invoiceMessage) error {
	return saveInvoiceTotals(ctx, blobs, invoice)
}

// plan: lease=120 forever change change.key=single change.guard=applied change.place=func put put.row put.place=deep put.large

type bookingEvent struct {
	ID     string `json:"id"`
	Room   string `json:"room"`
	Nights int    `json:"nights"`
}

// RunBookings receives bookings and does what they ask for.
func RunBookings(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
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
		var booking bookingEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &booking); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := mergeBookingTotals(ctx, blobs, booking); err != nil {
			log.Printf("merge: %v", err)
			continue
		}
		if booking.Nights > 100 {
			if err := applyBookingBoard(ctx, table, booking); err != nil {
				log.Printf("store: %v", err)
				continue
			}
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// mergeBookingTotals keeps the totals up to date.
func mergeBookingTotals(ctx context.Context, blobs *azblob.Client, booking bookingEvent) error {
	name := "totals/latest.json"
	var totals bookingTotals
	got, err := blobs.DownloadStream(ctx, "bookings", name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return err
	}
	if slices.Contains(totals.Done, booking.ID) {
		return nil
	}
	if booking.Nights > totals.Most {
		totals.Most = booking.Nights
	}
	totals.Done = append(totals.Done, booking.ID)
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "bookings", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	}); err != nil {
		return err
	}
	return nil
}

type bookingTotals struct {
	Most int
	Done []string
}

// storeBookingBoard keeps the board up to date.
func storeBookingBoard(ctx context.Context, table *aztables.Client, booking bookingEvent) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: booking.Room, RowKey: "board-" + booking.ID},
		Properties: map[string]any{
			"ID":     booking.ID,
			"Room":   booking.Room,
			"Nights": booking.Nights,
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

// applyBookingBoard takes one booking further.
func applyBookingBoard(ctx context.Context, table *aztables.Client, booking bookingEvent) error {
	return storeBookingBoard(ctx, table, booking)
}

// plan: methods layout=work put put.content=beat put.place=func put.via=generic

type readingMessage struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processReading(ctx, *msg.MessageText); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processReading does what one reading asks for.
func (w *ReadingWorker) processReading(ctx context.Context, text string) error {
	var reading readingMessage
	if err := json.Unmarshal([]byte(text), &reading); err != nil {
		return err
	}
	if err := w.saveReadingTotals(ctx, reading); err != nil {
		return err
	}
	return nil
}

// saveReadingTotals keeps the totals up to date.
func (w *ReadingWorker) saveReadingTotals(ctx context.Context, reading readingMessage) error {
	if err := saveReadingJSON(ctx, w.blobs, "data", "totals/"+reading.ID+".json", readingTotals{
		At: time.Now().UTC(),
	}); err != nil {
		return err
	}
	return nil
}

// saveReadingJSON encodes a value and writes it.
func saveReadingJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, nil); err != nil {
		return err
	}
	return nil
}

type readingTotals struct {
	At time.Time
}

// plan: lease=30 change change.row change.change=entry change.guard=applied change.retries=2 change.absent change.place=func look look.row look.key=group look.place=deep

type voteTask struct {
	ID     string `json:"id"`
	Poll   string `json:"poll"`
	Weight int    `json:"weight"`
}

// RunVotes receives votes and does what they ask for.
func RunVotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var vote voteTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &vote); err != nil {
		return err
	}
	if err := updateVoteTotals(ctx, table, &vote); err != nil {
		return err
	}
	if err := applyVoteBoard(ctx, blobs, vote); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// updateVoteTotals keeps the totals up to date.
func updateVoteTotals(ctx context.Context, table *aztables.Client, vote *voteTask) error {
	for try := 0; try < 3; try++ {
		var totals voteTotals
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, "totals", vote.ID, nil)
		if err != nil && !isNoVote(err) {
			return err
		}
		if err == nil {
			var row voteTotalsRow
			if err := json.Unmarshal(got.Value, &row); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
				return err
			}
			etag = &got.ETag
		}
		if slices.Contains(totals.Done, vote.ID) {
			return nil
		}
		if totals.Amounts == nil {
			totals.Amounts = map[string]int{}
		}
		totals.Amounts[vote.ID] = vote.Weight
		totals.Done = append(totals.Done, vote.ID)
		data, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		body, err := json.Marshal(voteTotalsRow{PartitionKey: "totals", RowKey: vote.ID, Data: string(data)})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		refused := putVoteRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleVote(refused) || haveVote(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type voteTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type voteTotals struct {
	Amounts map[string]int
	Done    []string
}

func isNoVote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putVoteRow adds a row where there was none, and otherwise replaces what was read.
func putVoteRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleVote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveVote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// consultVoteBoard looks at the settings.
func consultVoteBoard(ctx context.Context, blobs *azblob.Client, vote voteTask) error {
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

// applyVoteBoard takes one vote further.
func applyVoteBoard(ctx context.Context, blobs *azblob.Client, vote voteTask) error {
	return consultVoteBoard(ctx, blobs, vote)
}

// plan: lease=120 forever methods layout=work deleteerror=log wait wait.seconds=20 put put.row put.key=group put.content=text put.place=func put.via=funcs put.large

type refundEvent struct {
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
		if err := w.processRefund(ctx, *msg.MessageText); err != nil {
			log.Printf("refund: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
}

// processRefund does what one refund asks for.
func (w *RefundWorker) processRefund(ctx context.Context, text string) error {
	var refund refundEvent
	if err := json.Unmarshal([]byte(text), &refund); err != nil {
		return err
	}
	time.Sleep(20 * time.Second)
	if refund.Cents > 100 {
		if err := w.writeRefundBoard(ctx, refund); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// writeRefundBoard keeps the board up to date.
func (w *RefundWorker) writeRefundBoard(ctx context.Context, refund refundEvent) error {
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: "board", RowKey: refund.Merchant},
		Properties: map[string]any{
			"Text": fmt.Sprintf("%s: %d", refund.Merchant, refund.Cents),
		},
	})
	if err != nil {
		return err
	}
	if err := w.saveRefundBoard(ctx, body); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// saveRefundBoard writes the board.
func (w *RefundWorker) saveRefundBoard(ctx context.Context, body []byte) error {
	if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=30 forever methods layout=work put put.row put.content=text put.place=deep put.via=generic put put.content=stamp put.place=func put.large

type paymentTask struct {
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

// processPayment does what one payment asks for.
func (w *PaymentWorker) processPayment(ctx context.Context, text string) error {
	var payment paymentTask
	if err := json.Unmarshal([]byte(text), &payment); err != nil {
		return err
	}
	if err := w.applyPaymentTotals(ctx, &payment); err != nil {
		return err
	}
	if payment.Pence > 100 {
		if err := w.writePaymentBoard(ctx, payment); err != nil {
			return err
		}
	}
	return nil
}

// storePaymentTotals keeps the totals up to date.
func (w *PaymentWorker) storePaymentTotals(ctx context.Context, payment *paymentTask) error {
	if err := savePaymentRow(ctx, w.table, paymentTotals{
		PartitionKey: "totals",
		RowKey:       payment.ID,
		Text:         fmt.Sprintf("%s: %d", payment.Wallet, payment.Pence),
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
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type paymentTotals struct {
	PartitionKey string
	RowKey       string
	Text         string `json:"text"`
}

// applyPaymentTotals takes one payment further.
func (w *PaymentWorker) applyPaymentTotals(ctx context.Context, payment *paymentTask) error {
	return w.storePaymentTotals(ctx, payment)
}

// writePaymentBoard keeps the board up to date.
func (w *PaymentWorker) writePaymentBoard(ctx context.Context, payment paymentTask) error {
	name := fmt.Sprintf("board/%s.json", payment.ID)
	body, err := json.Marshal(map[string]any{
		"id":        payment.ID,
		"wallet":    payment.Wallet,
		"pence":     payment.Pence,
		"updatedat": time.Now(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=handle deleteerror=log put put.key=group

type photoEvent struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
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
	var photo photoEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &photo); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := fmt.Sprintf("totals/%s.json", photo.Album)
	body, err := json.Marshal(photo)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "photos-totals", name, body, nil); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// plan: lease=120 forever methods layout=handle change change.key=single change.change=entry change.guard=after change.stamp change.place=func change.via=generic

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
		if err := w.handleArticle(ctx, msg); err != nil {
			log.Printf("article: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleArticle handles one article.
func (w *ArticleWorker) handleArticle(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var article articleTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &article); err != nil {
		return err
	}
	if err := w.mergeArticleTotals(ctx, article); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// mergeArticleTotals keeps the totals up to date.
func (w *ArticleWorker) mergeArticleTotals(ctx context.Context, article articleTask) error {
	_, err := w.table.GetEntity(ctx, "done-totals", article.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoArticle(err) {
		return err
	}
	name := "totals/latest.json"
	totals, etag, err := loadArticleJSON[articleTotals](ctx, w.blobs, "articles-totals", name)
	if err != nil {
		return err
	}
	if totals.ByID == nil {
		totals.ByID = map[string]int{}
	}
	totals.ByID[article.ID] = article.Words
	totals.WrittenAt = time.Now().UTC()
	if err := saveArticleJSON(ctx, w.blobs, "articles-totals", name, totals, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": article.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoArticle(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type articleTotals struct {
	ByID      map[string]int
	WrittenAt time.Time
}

// loadArticleJSON reads a value.
func loadArticleJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

// saveArticleJSON writes a value.
func saveArticleJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 layout=work send change change.change=entry change.retries=4 change.absent change.place=deep change.via=funcs create create.key=single create.via=generic

type visitMessage struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// RunVisits receives visits and does what they ask for.
func RunVisits(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, out *azqueue.QueueClient) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processVisit(ctx, blobs, out, *msg.MessageText); err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processVisit does what one visit asks for.
func processVisit(ctx context.Context, blobs *azblob.Client, out *azqueue.QueueClient, text string) error {
	var visit visitMessage
	if err := json.Unmarshal([]byte(text), &visit); err != nil {
		return err
	}
	note, err := json.Marshal(visit)
	if err != nil {
		return err
	}
	if _, err := out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return err
	}
	if err := applyVisitBoard(ctx, blobs, &visit); err != nil {
		return err
	}
	name := "profile/latest.json"
	if err := createVisitJSON(ctx, blobs, "visits-profile", name, visitProfile{
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

// mergeVisitBoard keeps the board up to date.
func mergeVisitBoard(ctx context.Context, blobs *azblob.Client, visit *visitMessage) error {
	for range 5 {
		board, etag, err := loadVisitBoard(ctx, blobs, path.Join("board", visit.ID))
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if board.Entries == nil {
			board.Entries = map[string]int{}
		}
		board.Entries[visit.ID] = visit.Seconds
		refused := saveVisitBoard(ctx, blobs, path.Join("board", visit.ID), board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("board keep changing")
}

type visitBoard struct {
	Entries map[string]int `json:"entries"`
}

// loadVisitBoard reads the board.
func loadVisitBoard(ctx context.Context, blobs *azblob.Client, name string) (value visitBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "visits-board", name, nil)
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

// saveVisitBoard writes the board.
func saveVisitBoard(ctx context.Context, blobs *azblob.Client, name string, value visitBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "visits-board", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// applyVisitBoard takes one visit further.
func applyVisitBoard(ctx context.Context, blobs *azblob.Client, visit *visitMessage) error {
	return mergeVisitBoard(ctx, blobs, visit)
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

type visitProfile struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}
