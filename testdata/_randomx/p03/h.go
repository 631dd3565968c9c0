package p03

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

// plan: lease=120 methods layout=work put put.key=group put.via=generic change change.change=include change.guard=seen change.absent change.place=deep

type articleMessage struct {
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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
	var article articleMessage
	if err := json.Unmarshal([]byte(text), &article); err != nil {
		return err
	}
	name := "totals/" + article.Section
	if err := saveArticleJSON(ctx, w.blobs, "articles", name, articleTotals{
		ID:      article.ID,
		Section: article.Section,
		Words:   article.Words,
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := w.applyArticleBoard(ctx, article); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	return nil
}

// saveArticleJSON encodes a value and writes it.
func saveArticleJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type articleTotals struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Words   int    `json:"words"`
}

// changeArticleBoard keeps the board up to date.
func (w *ArticleWorker) changeArticleBoard(ctx context.Context, article articleMessage) error {
	var board articleBoard
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "articles", "board/"+article.ID+".json", nil)
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
	if board.Seen[article.ID] {
		return nil
	}
	if !slices.Contains(board.Articles, article.ID) {
		board.Articles = append(board.Articles, article.ID)
	}
	if board.Seen == nil {
		board.Seen = map[string]bool{}
	}
	board.Seen[article.ID] = true
	body, err := json.Marshal(board)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "articles", "board/"+article.ID+".json", body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type articleBoard struct {
	Articles []string        `json:"articles"`
	Seen     map[string]bool `json:"seen"`
}

// applyArticleBoard takes one article further.
func (w *ArticleWorker) applyArticleBoard(ctx context.Context, article articleMessage) error {
	return w.changeArticleBoard(ctx, article)
}

// plan: lease=60 forever methods layout=handle delete=arms change change.change=include change.guard=older change.absent change.place=func change.via=swap change.large

type visitEvent struct {
	ID   string `json:"id"`
	Page string `json:"page"`
	Seq  int    `json:"seq"`
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
		if err := w.handleVisit(ctx, msg); err != nil {
			log.Printf("visit: %v", err)
			continue
		}
	}
}

// handleVisit handles one visit.
func (w *VisitWorker) handleVisit(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var visit visitEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
		return err
	}
	if visit.Seq > 100 {
		if err := w.mergeVisitTotals(ctx, visit); err != nil {
			return fmt.Errorf("merge: %w", err)
		}
	}
	if visit.Seq > 100 {
		log.Printf("large visit %s", visit.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return nil
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// mergeVisitTotals keeps the totals up to date.
func (w *VisitWorker) mergeVisitTotals(ctx context.Context, visit visitEvent) error {
	if err := updateVisitIfThere(ctx, w.blobs, "archive", path.Join("totals", visit.ID), func(totals *visitTotals) bool {
		if visit.Seq <= totals.Seq {
			return false
		}
		if !slices.Contains(totals.Members, visit.ID) {
			totals.Members = append(totals.Members, visit.ID)
		}
		totals.Seq = visit.Seq
		return true
	}); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

type visitTotals struct {
	Members []string `json:"members"`
	Seq     int      `json:"seq"`
}

// updateVisitIfThere changes a value; change returns false to leave it as it is.
func updateVisitIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
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
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 forever layout=handle create create.key=single create.content=digest create.conflict=done

type scoreMessage struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Points int    `json:"points"`
}

// RunScores receives scores and does what they ask for.
func RunScores(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := handleScore(ctx, queue, blobs, msg); err != nil {
			log.Printf("score: %v", err)
			continue
		}
	}
}

// handleScore handles one score.
func handleScore(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var score scoreMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(score.Player + score.ID))
	body, err := json.Marshal(scoreTotals{
		Digest: hex.EncodeToString(sum[:]),
		Points: score.Points,
	})
	if err != nil {
		return err
	}
	_, refused := blobs.UploadStream(ctx, "data", "totals.json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if refused != nil {
		return fmt.Errorf("register: %w", refused)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type scoreTotals struct {
	Digest string `json:"digest"`
	Points int    `json:"points"`
}

// plan: lease=120 forever methods layout=work put put.content=stamp put.via=funcs put put.content=beat put.via=funcs put.large

type tripMessage struct {
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
		if err := w.processTrip(ctx, *msg.MessageText); err != nil {
			log.Printf("trip: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// processTrip does what one trip asks for.
func (w *TripWorker) processTrip(ctx context.Context, text string) error {
	var trip tripMessage
	if err := json.Unmarshal([]byte(text), &trip); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", trip.ID)
	body, err := json.Marshal(map[string]any{
		"id":        trip.ID,
		"truck":     trip.Truck,
		"miles":     trip.Miles,
		"updatedat": time.Now(),
	})
	if err != nil {
		return err
	}
	if err := w.saveTripTotals(ctx, name, body); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if trip.Miles > 100 {
		body2, err := json.Marshal(tripBoard{
			SeenAt: time.Now().UTC(),
		})
		if err != nil {
			return err
		}
		if err := w.saveTripBoard(ctx, path.Join("board", trip.ID), body2); err != nil {
			return fmt.Errorf("save: %w", err)
		}
	}
	return nil
}

// saveTripTotals writes the totals.
func (w *TripWorker) saveTripTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "trips-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

type tripBoard struct {
	SeenAt time.Time `json:"seenat"`
}

// saveTripBoard writes the board.
func (w *TripWorker) saveTripBoard(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "trips-board", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 forever methods layout=work delete=onerror change change.row change.key=group change.change=grow change.guard=older change.match=none change.absent change.place=func

type donationEvent struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Seq      int    `json:"seq"`
}

// DonationWorker works on donations.
type DonationWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewDonationWorker makes one.
func NewDonationWorker(queue *azqueue.QueueClient, table *aztables.Client) *DonationWorker {
	return &DonationWorker{
		queue: queue,
		table: table,
	}
}

// Run receives donations and does what they ask for.
func (w *DonationWorker) Run(ctx context.Context) error {
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
		if err := w.processDonation(ctx, *msg.MessageText); err != nil {
			log.Printf("donation %s failed: %v", *msg.MessageID, err)
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

// processDonation does what one donation asks for.
func (w *DonationWorker) processDonation(ctx context.Context, text string) error {
	var donation donationEvent
	if err := json.Unmarshal([]byte(text), &donation); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.mergeDonationTotals(ctx, donation); err != nil {
		return err
	}
	return nil
}

// mergeDonationTotals keeps the totals up to date.
func (w *DonationWorker) mergeDonationTotals(ctx context.Context, donation donationEvent) error {
	var totals donationTotals
	got, err := w.table.GetEntity(ctx, "totals", donation.Campaign, nil)
	if err != nil && !isNoDonation(err) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(got.Value, &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
	}
	if donation.Seq <= totals.Seq {
		return nil
	}
	totals.Notes = fmt.Sprintf("%s%s;", totals.Notes, donation.ID)
	totals.Seq = donation.Seq
	totals.PartitionKey, totals.RowKey = "totals", donation.Campaign
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type donationTotals struct {
	PartitionKey string
	RowKey       string
	Notes        string
	Seq          int
}

func isNoDonation(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// plan: lease=30 batch=4 layout=handle change change.change=include change.absent change.place=func change.onerror=drop change.large change change.key=group change.change=include change.guard=older change.absent change.place=func change.onerror=retrylog wait wait.place=func wait.seconds=5 wait.large change change.row change.key=single change.change=count change.guard=older change.match=wildcard change.stamp change.place=func change.via=swap

type depositTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Seq     int    `json:"seq"`
}

// RunDeposits receives deposits and does what they ask for.
func RunDeposits(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := handleDeposit(ctx, queue, blobs, table, msg); err != nil {
			return fmt.Errorf("deposit: %w", err)
		}
	}
	return nil
}

// handleDeposit handles one deposit.
func handleDeposit(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var deposit depositTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
		return err
	}
	if deposit.Seq > 100 {
		updateDepositTotals(ctx, blobs, &deposit)
	}
	var failure error
	for range 3 {
		if failure = changeDepositBoard(ctx, blobs, &deposit); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		log.Printf("change %s: %v", deposit.ID, failure)
	}
	if deposit.Seq > 100 {
		if err := coolDepositProfile(ctx, deposit); err != nil {
			return fmt.Errorf("cool: %w", err)
		}
	}
	if err := mergeDepositLedger(ctx, table, deposit); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateDepositTotals keeps the totals up to date.
func updateDepositTotals(ctx context.Context, blobs *azblob.Client, deposit *depositTask) error {
	var totals depositTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "archive", path.Join("totals", deposit.ID), nil)
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
	if !slices.Contains(totals.Members, deposit.ID) {
		totals.Members = append(totals.Members, deposit.ID)
	}
	body, err := json.Marshal(totals)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", deposit.ID), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type depositTotals struct {
	Members []string
}

// changeDepositBoard keeps the board up to date.
func changeDepositBoard(ctx context.Context, blobs *azblob.Client, deposit *depositTask) error {
	name := fmt.Sprintf("board/%s.json", deposit.Account)
	var board depositBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "archive", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
			return err
		}
		etag = got.ETag
	}
	if deposit.Seq <= board.Seq {
		return nil
	}
	if !slices.Contains(board.Items, deposit.ID) {
		board.Items = append(board.Items, deposit.ID)
	}
	board.Seq = deposit.Seq
	body, err := json.Marshal(board)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type depositBoard struct {
	Items []string
	Seq   int
}

// coolDepositProfile gives other systems some time.
func coolDepositProfile(ctx context.Context, deposit depositTask) error {
	time.Sleep(5 * time.Second)
	return nil
}

// mergeDepositLedger keeps the ledger up to date.
func mergeDepositLedger(ctx context.Context, table *aztables.Client, deposit depositTask) error {
	if err := updateDepositExistingRow(ctx, table, "ledger", "current", func(ledger *depositLedger) bool {
		if deposit.Seq <= ledger.Seq {
			return false
		}
		ledger.Count++
		ledger.Seq = deposit.Seq
		ledger.WrittenAt = time.Now().UTC()
		ledger.PartitionKey, ledger.RowKey = "ledger", "current"
		return true
	}); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

type depositLedger struct {
	PartitionKey string
	RowKey       string
	Count        int
	Seq          int
	WrittenAt    time.Time
}

// updateDepositExistingRow changes a value; change returns false to leave it as it is.
func updateDepositExistingRow[T any](ctx context.Context, table *aztables.Client, partition, row string, change func(*T) bool) error {
	var value T
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(got.Value, &value); err != nil {
		return err
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpdateEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 layout=work renew put put.key=group put.content=stamp put.place=func

type saleEvent struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// RunSales receives sales and does what they ask for.
func RunSales(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	release := keepSale(ctx, queue, msg)
	err = processSale(ctx, blobs, *msg.MessageText)
	receipt := release()
	if err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processSale does what one sale asks for.
func processSale(ctx context.Context, blobs *azblob.Client, text string) error {
	var sale saleEvent
	if err := json.Unmarshal([]byte(text), &sale); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := saveSaleTotals(ctx, blobs, &sale); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// saveSaleTotals keeps the totals up to date.
func saveSaleTotals(ctx context.Context, blobs *azblob.Client, sale *saleEvent) error {
	body, err := json.Marshal(saleTotals{
		ID:        sale.ID,
		Shop:      sale.Shop,
		Units:     sale.Units,
		WrittenAt: time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "data", "totals/"+sale.Shop+".json", body, nil); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

type saleTotals struct {
	ID        string    `json:"id"`
	Shop      string    `json:"shop"`
	Units     int       `json:"units"`
	WrittenAt time.Time `json:"writtenat"`
}

// keepSale renews the lease of a message until release is called, which returns the last receipt.
func keepSale(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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

// plan: lease=120 forever methods layout=work change change.row change.key=group change.guard=applied change.match=none change.absent change.place=func change.onerror=retry change change.row change.key=group change.change=add change.absent change.stamp change.place=closure

type rentalMessage struct {
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
		if err := w.processRental(ctx, *msg.MessageText); err != nil {
			log.Printf("rental: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processRental does what one rental asks for.
func (w *RentalWorker) processRental(ctx context.Context, text string) error {
	var rental rentalMessage
	if err := json.Unmarshal([]byte(text), &rental); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.mergeRentalTotals(ctx, &rental); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return failure
	}
	apply := func() error {
		var board rentalBoard
		var etag *azcore.ETag
		got, err := w.table.GetEntity(ctx, "board", rental.Station, nil)
		if err != nil && !isNoRental(err) {
			return fmt.Errorf("read: %w", err)
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &board); err != nil {
				return err
			}
			etag = &got.ETag
		}
		board.Sum += rental.Hours
		board.WrittenAt = time.Now().UTC()
		board.PartitionKey, board.RowKey = "board", rental.Station
		body, err := json.Marshal(board)
		if err != nil {
			return err
		}
		if err := putRentalRow(ctx, w.table, body, etag); err != nil {
			return err
		}
		return nil
	}
	if err := apply(); err != nil {
		return err
	}
	return nil
}

// mergeRentalTotals keeps the totals up to date.
func (w *RentalWorker) mergeRentalTotals(ctx context.Context, rental *rentalMessage) error {
	var totals rentalTotals
	got, err := w.table.GetEntity(ctx, "totals", rental.Station, nil)
	if err != nil && !isNoRental(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row rentalTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
	}
	if slices.Contains(totals.Done, rental.ID) {
		return nil
	}
	totals.Most = max(totals.Most, rental.Hours)
	totals.Done = append(totals.Done, rental.ID)
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	body, err := json.Marshal(rentalTotalsRow{PartitionKey: "totals", RowKey: rental.Station, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type rentalTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type rentalTotals struct {
	Most int
	Done []string
}

func isNoRental(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type rentalBoard struct {
	PartitionKey string
	RowKey       string
	Sum          int
	WrittenAt    time.Time
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

// plan: lease=120 forever methods layout=handle delete=deferred deleteerror=drop wait wait.place=func wait.seconds=10 look look.key=single look.place=closure

type sampleEvent struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// SampleWorker works on samples.
type SampleWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewSampleWorker makes one.
func NewSampleWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *SampleWorker {
	return &SampleWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives samples and does what they ask for.
func (w *SampleWorker) Run(ctx context.Context) error {
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
		if err := w.handleSample(ctx, msg); err != nil {
			log.Printf("sample: %v", err)
			continue
		}
	}
}

// handleSample handles one sample.
func (w *SampleWorker) handleSample(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	defer w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var sample sampleEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &sample); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.coolSampleTotals(ctx, sample); err != nil {
		return fmt.Errorf("cool: %w", err)
	}
	attempt := func() error {
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
	if err := attempt(); err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	return nil
}

// coolSampleTotals gives other systems some time.
func (w *SampleWorker) coolSampleTotals(ctx context.Context, sample sampleEvent) error {
	time.Sleep(10 * time.Second)
	return nil
}

// plan: lease=120 forever change change.key=single change.match=none

type badgeEvent struct {
	ID   string `json:"id"`
	Door string `json:"door"`
	Zone int    `json:"zone"`
}

// RunBadges receives badges and does what they ask for.
func RunBadges(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		var badge badgeEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		name := "totals/latest.json"
		var totals badgeTotals
		got, err := blobs.DownloadStream(ctx, "badges-totals", name, nil)
		if err != nil {
			log.Printf("read: %v", err)
			continue
		}
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if badge.Zone > totals.Peak {
			totals.Peak = badge.Zone
		}
		body, err := json.Marshal(totals)
		if err != nil {
			log.Printf("encode: %v", err)
			continue
		}
		if _, err := blobs.UploadBuffer(ctx, "badges-totals", name, body, nil); err != nil {
			log.Printf("write: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

type badgeTotals struct {
	Peak int
}

// plan: lease=120 forever methods layout=work put put.via=funcs change change.key=single change.change=append change.guard=seen change.retries=4 change.place=func change.via=funcs

type uploadMessage struct {
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
		if err := w.processUpload(ctx, *msg.MessageText); err != nil {
			log.Printf("upload: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processUpload does what one upload asks for.
func (w *UploadWorker) processUpload(ctx context.Context, text string) error {
	var upload uploadMessage
	if err := json.Unmarshal([]byte(text), &upload); err != nil {
		return err
	}
	body, err := json.Marshal(uploadTotals{
		ID:     upload.ID,
		Tenant: upload.Tenant,
		Bytes:  upload.Bytes,
	})
	if err != nil {
		return err
	}
	if err := w.saveUploadTotals(ctx, "totals/"+upload.ID+".json", body); err != nil {
		return err
	}
	if err := w.mergeUploadBoard(ctx, upload); err != nil {
		return err
	}
	return nil
}

type uploadTotals struct {
	ID     string
	Tenant string
	Bytes  int
}

// saveUploadTotals writes the totals.
func (w *UploadWorker) saveUploadTotals(ctx context.Context, name string, body []byte) error {
	if _, err := w.blobs.UploadBuffer(ctx, "data", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// mergeUploadBoard keeps the board up to date.
func (w *UploadWorker) mergeUploadBoard(ctx context.Context, upload uploadMessage) error {
	name := "board/latest.json"
	for try := 0; try < 5; try++ {
		board, etag, err := w.loadUploadBoard(ctx, name)
		if err != nil {
			return err
		}
		if board.Applied[upload.ID] {
			return nil
		}
		board.Uploads = append(board.Uploads, upload.ID)
		if board.Applied == nil {
			board.Applied = map[string]bool{}
		}
		board.Applied[upload.ID] = true
		refused := w.saveUploadBoard(ctx, name, board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("board keep changing")
}

type uploadBoard struct {
	Uploads []string
	Applied map[string]bool
}

// loadUploadBoard reads the board.
func (w *UploadWorker) loadUploadBoard(ctx context.Context, name string) (value uploadBoard, version *azcore.ETag, err error) {
	got, err := w.blobs.DownloadStream(ctx, "data", name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

// saveUploadBoard writes the board.
func (w *UploadWorker) saveUploadBoard(ctx context.Context, name string, value uploadBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: forever layout=handle put put.key=group put.guard=before put.place=func put.large

type reviewTask struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// RunReviews receives reviews and does what they ask for.
func RunReviews(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
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
		if err := handleReview(ctx, queue, blobs, table, msg); err != nil {
			log.Printf("review: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleReview handles one review.
func handleReview(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var review reviewTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &review); err != nil {
		return err
	}
	if review.Stars > 100 {
		if err := publishReviewTotals(ctx, blobs, table, &review); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// publishReviewTotals keeps the totals up to date.
func publishReviewTotals(ctx context.Context, blobs *azblob.Client, table *aztables.Client, review *reviewTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": review.ID})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveReview(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	name := fmt.Sprintf("totals/%s.json", review.Product)
	body, err := json.Marshal(review)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "reviews-totals", name, body, nil); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

func haveReview(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: methods create create.key=single create.via=iface

type lectureEvent struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// LectureWorker works on lectures.
type LectureWorker struct {
	queue       *azqueue.QueueClient
	totalsStore lectureTotalsStore
}

// NewLectureWorker makes one.
func NewLectureWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *LectureWorker {
	return &LectureWorker{
		queue:       queue,
		totalsStore: &lectureTotalsBlobs{client: blobs},
	}
}

// Run receives lectures and does what they ask for.
func (w *LectureWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var lecture lectureEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &lecture); err != nil {
		return err
	}
	body, err := json.Marshal(lectureTotals{
		ID:      lecture.ID,
		Course:  lecture.Course,
		Credits: lecture.Credits,
	})
	if err != nil {
		return err
	}
	if err := w.totalsStore.CreateLecture(ctx, "totals.json", body); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return fmt.Errorf("open: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type lectureTotals struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// lectureTotalsStore keeps them.
type lectureTotalsStore interface {
	CreateLecture(ctx context.Context, name string, body []byte) error
}

type lectureTotalsBlobs struct {
	client *azblob.Client
}

func (b *lectureTotalsBlobs) CreateLecture(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=60 batch=2 forever methods layout=handle delete=forgotten put put.key=group put.content=beat put.via=iface look look.place=deep change change.row change.key=group change.change=entry change.absent change.place=func change.large

type shiftEvent struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// ShiftWorker works on shifts.
type ShiftWorker struct {
	queue       *azqueue.QueueClient
	blobs       *azblob.Client
	table       *aztables.Client
	totalsStore shiftTotalsStore
}

// NewShiftWorker makes one.
func NewShiftWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ShiftWorker {
	return &ShiftWorker{
		queue:       queue,
		blobs:       blobs,
		table:       table,
		totalsStore: &shiftTotalsBlobs{client: blobs},
	}
}

// Run receives shifts and does what they ask for.
func (w *ShiftWorker) Run(ctx context.Context) error {
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
			if err := w.handleShift(ctx, msg); err != nil {
				log.Printf("shift: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// handleShift handles one shift.
func (w *ShiftWorker) handleShift(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var shift shiftEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &shift); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := fmt.Sprintf("totals/%s.json", shift.Ward)
	body, err := json.Marshal(shiftTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return err
	}
	if err := w.totalsStore.PutShift(ctx, name, body); err != nil {
		return err
	}
	if err := w.applyShiftBoard(ctx, &shift); err != nil {
		return err
	}
	if shift.Hours > 100 {
		log.Printf("large shift %s", shift.ID)
		return nil
	}
	if shift.Hours > 100 {
		if err := w.changeShiftProfile(ctx, &shift); err != nil {
			return err
		}
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type shiftTotals struct {
	SeenAt time.Time `json:"seenat"`
}

// shiftTotalsStore keeps them.
type shiftTotalsStore interface {
	PutShift(ctx context.Context, name string, body []byte) error
}

type shiftTotalsBlobs struct {
	client *azblob.Client
}

func (b *shiftTotalsBlobs) PutShift(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "shifts-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

// consultShiftBoard looks at the settings.
func (w *ShiftWorker) consultShiftBoard(ctx context.Context, shift *shiftEvent) error {
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

// applyShiftBoard takes one shift further.
func (w *ShiftWorker) applyShiftBoard(ctx context.Context, shift *shiftEvent) error {
	return w.consultShiftBoard(ctx, shift)
}

// changeShiftProfile keeps the profile up to date.
func (w *ShiftWorker) changeShiftProfile(ctx context.Context, shift *shiftEvent) error {
	var profile shiftProfile
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, "profile", shift.Ward, nil)
	if err != nil && !isNoShift(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row shiftProfileRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if err := json.Unmarshal([]byte(row.Data), &profile); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = &got.ETag
	}
	if profile.Entries == nil {
		profile.Entries = map[string]int{}
	}
	profile.Entries[shift.ID] = shift.Hours
	data, err := json.Marshal(profile)
	if err != nil {
		return err
	}
	body, err := json.Marshal(shiftProfileRow{PartitionKey: "profile", RowKey: shift.Ward, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putShiftRow(ctx, w.table, body, etag); err != nil {
		return err
	}
	return nil
}

type shiftProfileRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type shiftProfile struct {
	Entries map[string]int `json:"entries"`
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

// plan: lease=120 forever layout=work create create.place=deep

type crateEvent struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// RunCrates receives crates and does what they ask for.
func RunCrates(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := processCrate(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("crate: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// processCrate does what one crate asks for.
func processCrate(ctx context.Context, blobs *azblob.Client, text string) error {
	var crate crateEvent
	if err := json.Unmarshal([]byte(text), &crate); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := applyCrateTotals(ctx, blobs, crate); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return nil
}

// openCrateTotals keeps the totals up to date.
func openCrateTotals(ctx context.Context, blobs *azblob.Client, crate crateEvent) error {
	body, err := json.Marshal(crateTotals{
		ID:        crate.ID,
		Warehouse: crate.Warehouse,
		Kilos:     crate.Kilos,
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", crate.ID), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return fmt.Errorf("open: %w", err)
	}
	return nil
}

type crateTotals struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// applyCrateTotals takes one crate further.
func applyCrateTotals(ctx context.Context, blobs *azblob.Client, crate crateEvent) error {
	return openCrateTotals(ctx, blobs, crate)
}

// plan: methods layout=work put put.row put.place=closure put.via=funcs change change.key=single change.change=entry change.retries=9 change.stamp change.place=func

type mealTask struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processMeal(ctx, *msg.MessageText); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processMeal does what one meal asks for.
func (w *MealWorker) processMeal(ctx context.Context, text string) error {
	var meal mealTask
	if err := json.Unmarshal([]byte(text), &meal); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	attempt := func() error {
		body, err := json.Marshal(mealTotals{
			PartitionKey: "totals",
			RowKey:       meal.ID,
			ID:           meal.ID,
			Kitchen:      meal.Kitchen,
			Portions:     meal.Portions,
		})
		if err != nil {
			return err
		}
		if err := w.saveMealTotals(ctx, body); err != nil {
			return err
		}
		return nil
	}
	if err := attempt(); err != nil {
		return err
	}
	if err := w.mergeMealBoard(ctx, meal); err != nil {
		return err
	}
	return nil
}

type mealTotals struct {
	PartitionKey string
	RowKey       string
	ID           string
	Kitchen      string
	Portions     int
}

// saveMealTotals writes the totals.
func (w *MealWorker) saveMealTotals(ctx context.Context, body []byte) error {
	if _, err := w.table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// mergeMealBoard keeps the board up to date.
func (w *MealWorker) mergeMealBoard(ctx context.Context, meal mealTask) error {
	name := "board/latest.json"
	for try := 0; try < 10; try++ {
		var board mealBoard
		got, err := w.blobs.DownloadStream(ctx, "data", name, nil)
		if err != nil {
			return err
		}
		if err := json.NewDecoder(got.Body).Decode(&board); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if board.Amounts == nil {
			board.Amounts = map[string]int{}
		}
		board.Amounts[meal.ID] = meal.Portions
		board.UpdatedAt = time.Now().UTC()
		body, err := json.Marshal(board)
		if err != nil {
			return err
		}
		_, refused := w.blobs.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
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

type mealBoard struct {
	Amounts   map[string]int
	UpdatedAt time.Time
}

// plan: lease=120 deleteerror=log wait wait.place=deep wait.seconds=1 change change.key=single change.change=append change.guard=older change.via=iface

type letterMessage struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Seq      int    `json:"seq"`
}

// RunLetters receives letters and does what they ask for.
func RunLetters(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	boardStore := &letterBoardBlobs{client: blobs}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
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
	if err := applyLetterTotals(ctx, letter); err != nil {
		return err
	}
	name := "board/latest.json"
	board, etag, err := boardStore.LoadLetter(ctx, name)
	if err != nil {
		return err
	}
	if !(letter.Seq <= board.Seq) {
		board.Items = append(board.Items, letter.ID)
		board.Seq = letter.Seq
		if err := boardStore.SaveLetter(ctx, name, board, etag); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// settleLetterTotals gives other systems some time.
func settleLetterTotals(ctx context.Context, letter letterMessage) error {
	time.Sleep(1 * time.Second)
	return nil
}

// applyLetterTotals takes one letter further.
func applyLetterTotals(ctx context.Context, letter letterMessage) error {
	return settleLetterTotals(ctx, letter)
}

type letterBoard struct {
	Items []string `json:"items"`
	Seq   int      `json:"seq"`
}

// letterBoardStore keeps them.
type letterBoardStore interface {
	LoadLetter(ctx context.Context, name string) (value letterBoard, version *azcore.ETag, err error)
	SaveLetter(ctx context.Context, name string, value letterBoard, version *azcore.ETag) error
}

type letterBoardBlobs struct {
	client *azblob.Client
}

func (b *letterBoardBlobs) LoadLetter(ctx context.Context, name string) (value letterBoard, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "data", name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

func (b *letterBoardBlobs) SaveLetter(ctx context.Context, name string, value letterBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 batch=16 methods put put.row put.key=single put.via=generic

type lessonMessage struct {
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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var lesson lessonMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
			return err
		}
		if err := saveLessonRow(ctx, w.table, lessonTotals{
			PartitionKey: "totals",
			RowKey:       "all",
			ID:           lesson.ID,
			Pupil:        lesson.Pupil,
			Minutes:      lesson.Minutes,
		}); err != nil {
			return err
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	return nil
}

// saveLessonRow encodes a value and writes it.
func saveLessonRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type lessonTotals struct {
	PartitionKey string
	RowKey       string
	ID           string
	Pupil        string
	Minutes      int
}

// plan: lease=60 batch=4 forever layout=work put put.key=fresh put.place=func put.via=funcs create create.place=deep

type harvestTask struct {
	ID     string `json:"id"`
	Farm   string `json:"farm"`
	Tonnes int    `json:"tonnes"`
}

// RunHarvests receives harvests and does what they ask for.
func RunHarvests(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for ctx.Err() == nil {
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(60))})
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
			if err := processHarvest(ctx, blobs, *msg.MessageText); err != nil {
				log.Printf("harvest: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
	return ctx.Err()
}

// processHarvest does what one harvest asks for.
func processHarvest(ctx context.Context, blobs *azblob.Client, text string) error {
	var harvest harvestTask
	if err := json.Unmarshal([]byte(text), &harvest); err != nil {
		return err
	}
	if err := publishHarvestTotals(ctx, blobs, harvest); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := applyHarvestBoard(ctx, blobs, harvest); err != nil {
		return err
	}
	return nil
}

// publishHarvestTotals keeps the totals up to date.
func publishHarvestTotals(ctx context.Context, blobs *azblob.Client, harvest harvestTask) error {
	name := fmt.Sprintf("totals/%s.json", time.Now().UTC().Format("20060102T150405.000000000"))
	body, err := json.Marshal(harvest)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := saveHarvestTotals(ctx, blobs, name, body); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// saveHarvestTotals writes the totals.
func saveHarvestTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadBuffer(ctx, "harvests-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

// createHarvestBoard keeps the board up to date.
func createHarvestBoard(ctx context.Context, blobs *azblob.Client, harvest harvestTask) error {
	body, err := json.Marshal(harvestBoard{
		ID:     harvest.ID,
		Farm:   harvest.Farm,
		Tonnes: harvest.Tonnes,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "harvests-board", path.Join("board", harvest.ID), body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	return nil
}

type harvestBoard struct {
	ID     string `json:"id"`
	Farm   string `json:"farm"`
	Tonnes int    `json:"tonnes"`
}

// applyHarvestBoard takes one harvest further.
func applyHarvestBoard(ctx context.Context, blobs *azblob.Client, harvest harvestTask) error {
	return createHarvestBoard(ctx, blobs, harvest)
}

// plan: lease=120 forever layout=work deleteerror=log put put.key=group put.content=beat put.place=deep

type quoteTask struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// RunQuotes receives quotes and does what they ask for.
func RunQuotes(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := processQuote(ctx, blobs, *msg.MessageText); err != nil {
			log.Printf("quote: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return ctx.Err()
}

// processQuote does what one quote asks for.
func processQuote(ctx context.Context, blobs *azblob.Client, text string) error {
	var quote quoteTask
	if err := json.Unmarshal([]byte(text), &quote); err != nil {
		return err
	}
	if err := applyQuoteTotals(ctx, blobs, quote); err != nil {
		return err
	}
	return nil
}

// writeQuoteTotals keeps the totals up to date.
func writeQuoteTotals(ctx context.Context, blobs *azblob.Client, quote quoteTask) error {
	name := "totals/" + quote.Broker
	body, err := json.Marshal(quoteTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadStream(ctx, "quotes", name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

type quoteTotals struct {
	SeenAt time.Time
}

// applyQuoteTotals takes one quote further.
func applyQuoteTotals(ctx context.Context, blobs *azblob.Client, quote quoteTask) error {
	if quote.ID == "" {
		return errors.New("quote without id")
	}
	if err := writeQuoteTotals(ctx, blobs, quote); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 batch=4 forever layout=work deleteerror=log put put.content=digest put.guard=after put.place=func put.via=generic change change.change=entry change.guard=after change.absent change.place=func change.via=funcs change change.key=group change.change=grow change.guard=applied change.match=none change.absent change.place=func change.via=swap change.onerror=log

type songMessage struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// RunSongs receives songs and does what they ask for.
func RunSongs(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
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
			if err := processSong(ctx, blobs, table, *msg.MessageText); err != nil {
				log.Printf("song: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete %s: %v", *msg.MessageID, err)
			}
		}
	}
	return ctx.Err()
}

// processSong does what one song asks for.
func processSong(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var song songMessage
	if err := json.Unmarshal([]byte(text), &song); err != nil {
		return err
	}
	if err := writeSongTotals(ctx, blobs, table, song); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := mergeSongBoard(ctx, blobs, table, song); err != nil {
		return err
	}
	if err := changeSongProfile(ctx, blobs, song); err != nil {
		log.Printf("change %s: %v", song.ID, err)
	}
	return nil
}

// writeSongTotals keeps the totals up to date.
func writeSongTotals(ctx context.Context, blobs *azblob.Client, table *aztables.Client, song songMessage) error {
	_, err := table.GetEntity(ctx, "done-totals", song.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoSong(err) {
		return fmt.Errorf("mark: %w", err)
	}
	name := "totals/" + song.ID
	sum := sha256.Sum256([]byte(song.Artist + song.ID))
	if err := saveSongJSON(ctx, blobs, "songs", name, songTotals{
		Digest: hex.EncodeToString(sum[:]),
		Plays:  song.Plays,
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": song.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

func isNoSong(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveSongJSON encodes a value and writes it.
func saveSongJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type songTotals struct {
	Digest string `json:"digest"`
	Plays  int    `json:"plays"`
}

// mergeSongBoard keeps the board up to date.
func mergeSongBoard(ctx context.Context, blobs *azblob.Client, table *aztables.Client, song songMessage) error {
	_, err := table.GetEntity(ctx, "done-board", song.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoSong(err) {
		return fmt.Errorf("mark: %w", err)
	}
	board, etag, err := loadSongBoard(ctx, blobs, "board/"+song.ID+".json")
	if err != nil {
		return err
	}
	if board.Amounts == nil {
		board.Amounts = map[string]int{}
	}
	board.Amounts[song.ID] = song.Plays
	if err := saveSongBoard(ctx, blobs, "board/"+song.ID+".json", board, etag); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": song.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

type songBoard struct {
	Amounts map[string]int `json:"amounts"`
}

// loadSongBoard reads the board.
func loadSongBoard(ctx context.Context, blobs *azblob.Client, name string) (value songBoard, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "songs", name, nil)
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

// saveSongBoard writes the board.
func saveSongBoard(ctx context.Context, blobs *azblob.Client, name string, value songBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "songs", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// changeSongProfile keeps the profile up to date.
func changeSongProfile(ctx context.Context, blobs *azblob.Client, song songMessage) error {
	name := fmt.Sprintf("profile/%s.json", song.Artist)
	if err := updateSongPlainIfThere(ctx, blobs, "songs", name, func(profile *songProfile) bool {
		if slices.Contains(profile.Done, song.ID) {
			return false
		}
		profile.Notes += song.ID + "\n"
		profile.Done = append(profile.Done, song.ID)
		return true
	}); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	return nil
}

type songProfile struct {
	Notes string   `json:"notes"`
	Done  []string `json:"done"`
}

// updateSongPlainIfThere changes a value; change returns false to leave it as it is.
func updateSongPlainIfThere[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
	var value T
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
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
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=30 batch=4 methods layout=work deleteerror=log change change.row change.key=group change.change=include change.retries=2 change.stamp change.place=func wait wait.place=func wait.seconds=1 wait.large

type fineTask struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// FineWorker works on fines.
type FineWorker struct {
	queue *azqueue.QueueClient
	table *aztables.Client
}

// NewFineWorker makes one.
func NewFineWorker(queue *azqueue.QueueClient, table *aztables.Client) *FineWorker {
	return &FineWorker{
		queue: queue,
		table: table,
	}
}

// Run receives fines and does what they ask for.
func (w *FineWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.processFine(ctx, *msg.MessageText); err != nil {
			log.Printf("fine: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// processFine does what one fine asks for.
func (w *FineWorker) processFine(ctx context.Context, text string) error {
	var fine fineTask
	if err := json.Unmarshal([]byte(text), &fine); err != nil {
		return err
	}
	if err := w.changeFineTotals(ctx, fine); err != nil {
		return err
	}
	if fine.Euros > 100 {
		if err := w.settleFineBoard(ctx, fine); err != nil {
			return err
		}
	}
	return nil
}

// changeFineTotals keeps the totals up to date.
func (w *FineWorker) changeFineTotals(ctx context.Context, fine fineTask) error {
	for try := 0; try < 3; try++ {
		var totals fineTotals
		got, err := w.table.GetEntity(ctx, "totals", fine.Plate, nil)
		if err != nil {
			return err
		}
		var row fineTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
		if !slices.Contains(totals.Items, fine.ID) {
			totals.Items = append(totals.Items, fine.ID)
		}
		totals.WrittenAt = time.Now().UTC()
		data, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		body, err := json.Marshal(fineTotalsRow{PartitionKey: "totals", RowKey: fine.Plate, Data: string(data)})
		if err != nil {
			return err
		}
		_, refused := w.table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace})
		if refused == nil {
			return nil
		}
		if !(staleFine(refused)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type fineTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type fineTotals struct {
	Items     []string
	WrittenAt time.Time
}

func staleFine(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

// settleFineBoard gives other systems some time.
func (w *FineWorker) settleFineBoard(ctx context.Context, fine fineTask) error {
	time.Sleep(1 * time.Second)
	return nil
}

// plan: lease=120 layout=handle delete=forgotten put put.row put.key=group put.content=text put.via=generic put.onerror=log create create.row create.conflict=error create.place=deep change change.row change.key=group change.change=include change.guard=applied change.match=none change.place=func change.via=funcs

type loanTask struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// RunLoans receives loans and does what they ask for.
func RunLoans(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleLoan(ctx, queue, table, msg); err != nil {
		return err
	}
	return nil
}

// handleLoan handles one loan.
func handleLoan(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var loan loanTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := saveLoanRow(ctx, table, loanTotals{
		PartitionKey: "totals",
		RowKey:       loan.Branch,
		Text:         fmt.Sprintf("%s: %d", loan.Branch, loan.Sum),
	}); err != nil {
		log.Printf("save %s: %v", loan.ID, err)
	}
	if err := applyLoanBoard(ctx, table, &loan); err != nil {
		return err
	}
	if loan.Sum > 100 {
		log.Printf("large loan %s", loan.ID)
		return nil
	}
	if err := mergeLoanProfile(ctx, table, loan); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// saveLoanRow encodes a value and writes it.
func saveLoanRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type loanTotals struct {
	PartitionKey string
	RowKey       string
	Text         string
}

// openLoanBoard keeps the board up to date.
func openLoanBoard(ctx context.Context, table *aztables.Client, loan *loanTask) error {
	body, err := json.Marshal(loanBoard{
		PartitionKey: loan.Branch,
		RowKey:       "board-" + loan.ID,
		ID:           loan.ID,
		Branch:       loan.Branch,
		Sum:          loan.Sum,
	})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type loanBoard struct {
	PartitionKey string
	RowKey       string
	ID           string
	Branch       string
	Sum          int
}

func haveLoan(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// applyLoanBoard takes one loan further.
func applyLoanBoard(ctx context.Context, table *aztables.Client, loan *loanTask) error {
	if loan.ID == "" {
		return errors.New("loan without id")
	}
	if err := openLoanBoard(ctx, table, loan); err != nil {
		return err
	}
	return nil
}

// mergeLoanProfile keeps the profile up to date.
func mergeLoanProfile(ctx context.Context, table *aztables.Client, loan loanTask) error {
	profile, err := loadLoanProfile(ctx, table, "profile", loan.Branch)
	if err != nil {
		return err
	}
	if slices.Contains(profile.Done, loan.ID) {
		return nil
	}
	if !slices.Contains(profile.Members, loan.ID) {
		profile.Members = append(profile.Members, loan.ID)
	}
	profile.Done = append(profile.Done, loan.ID)
	if err := saveLoanProfile(ctx, table, "profile", loan.Branch, profile); err != nil {
		return err
	}
	return nil
}

type loanProfileRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type loanProfile struct {
	Members []string
	Done    []string
}

// loadLoanProfile reads the profile.
func loadLoanProfile(ctx context.Context, table *aztables.Client, partition, row string) (value loanProfile, err error) {
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil {
		return value, err
	}
	var row loanProfileRow
	if err := json.Unmarshal(got.Value, &row); err != nil {
		return value, fmt.Errorf("decode: %w", err)
	}
	if err := json.Unmarshal([]byte(row.Data), &value); err != nil {
		return value, fmt.Errorf("decode: %w", err)
	}
	return value, nil
}

// saveLoanProfile writes the profile.
func saveLoanProfile(ctx context.Context, table *aztables.Client, partition, row string, value loanProfile) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(loanProfileRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: batch=4 methods layout=handle change change.key=group change.change=include change.match=none change.absent change.place=func change.via=iface

type tourMessage struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// TourWorker works on tours.
type TourWorker struct {
	queue       *azqueue.QueueClient
	totalsStore tourTotalsStore
}

// NewTourWorker makes one.
func NewTourWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *TourWorker {
	return &TourWorker{
		queue:       queue,
		totalsStore: &tourTotalsBlobs{client: blobs},
	}
}

// Run receives tours and does what they ask for.
func (w *TourWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.handleTour(ctx, msg); err != nil {
			return fmt.Errorf("tour: %w", err)
		}
	}
	return nil
}

// handleTour handles one tour.
func (w *TourWorker) handleTour(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var tour tourMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &tour); err != nil {
		return err
	}
	if err := w.changeTourTotals(ctx, tour); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// changeTourTotals keeps the totals up to date.
func (w *TourWorker) changeTourTotals(ctx context.Context, tour tourMessage) error {
	totals, err := w.totalsStore.LoadTour(ctx, "totals/"+tour.Guide+".json")
	if err != nil {
		return err
	}
	if !slices.Contains(totals.Members, tour.ID) {
		totals.Members = append(totals.Members, tour.ID)
	}
	if err := w.totalsStore.SaveTour(ctx, "totals/"+tour.Guide+".json", totals); err != nil {
		return err
	}
	return nil
}

type tourTotals struct {
	Members []string `json:"members"`
}

// tourTotalsStore keeps them.
type tourTotalsStore interface {
	LoadTour(ctx context.Context, name string) (value tourTotals, err error)
	SaveTour(ctx context.Context, name string, value tourTotals) error
}

type tourTotalsBlobs struct {
	client *azblob.Client
}

func (b *tourTotalsBlobs) LoadTour(ctx context.Context, name string) (value tourTotals, err error) {
	got, err := b.client.DownloadStream(ctx, "data", name, nil)
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

func (b *tourTotalsBlobs) SaveTour(ctx context.Context, name string, value tourTotals) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, nil); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 methods delete=forgotten deleteerror=drop put put.via=iface

type orderEvent struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// OrderWorker works on orders.
type OrderWorker struct {
	queue       *azqueue.QueueClient
	totalsStore orderTotalsStore
}

// NewOrderWorker makes one.
func NewOrderWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *OrderWorker {
	return &OrderWorker{
		queue:       queue,
		totalsStore: &orderTotalsBlobs{client: blobs},
	}
}

// Run receives orders and does what they ask for.
func (w *OrderWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var order orderEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &order); err != nil {
		return err
	}
	body, err := json.Marshal(orderTotals{
		ID:       order.ID,
		Customer: order.Customer,
		Cents:    order.Cents,
	})
	if err != nil {
		return err
	}
	if err := w.totalsStore.PutOrder(ctx, path.Join("totals", order.ID), body); err != nil {
		return err
	}
	if order.Cents > 100 {
		log.Printf("large order %s", order.ID)
		return nil
	}
	w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

type orderTotals struct {
	ID       string
	Customer string
	Cents    int
}

// orderTotalsStore keeps them.
type orderTotalsStore interface {
	PutOrder(ctx context.Context, name string, body []byte) error
}

type orderTotalsBlobs struct {
	client *azblob.Client
}

func (b *orderTotalsBlobs) PutOrder(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}
