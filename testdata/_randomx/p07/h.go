package p07

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

// plan: lease=120 forever layout=handle deleteerror=log wait wait.place=func wait.seconds=5

type visitEvent struct {
	ID      string `json:"id"`
	Page    string `json:"page"`
	Seconds int    `json:"seconds"`
}

// RunVisits receives visits and does what they ask for.
func RunVisits(ctx context.Context, queue *azqueue.QueueClient) error {
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
		if err := handleVisit(ctx, queue, msg); err != nil {
			log.Printf("visit: %v", err)
			continue
		}
	}
}

// handleVisit handles one visit.
func handleVisit(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) error {
	var visit visitEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &visit); err != nil {
		return err
	}
	if err := pauseVisitTotals(ctx, &visit); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// pauseVisitTotals gives other systems some time.
func pauseVisitTotals(ctx context.Context, visit *visitEvent) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
	}
	return nil
}

// plan: lease=120 batch=16 methods layout=handle change change.guard=older change.retries=4 change.absent change.place=func

type scoreTask struct {
	ID     string `json:"id"`
	Player string `json:"player"`
	Seq    int    `json:"seq"`
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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleScore(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleScore handles one score.
func (w *ScoreWorker) handleScore(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var score scoreTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.updateScoreTotals(ctx, score); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// updateScoreTotals keeps the totals up to date.
func (w *ScoreWorker) updateScoreTotals(ctx context.Context, score scoreTask) error {
	for range 5 {
		var totals scoreTotals
		var etag *azcore.ETag
		got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+score.ID+".json", nil)
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
		if score.Seq <= totals.Seq {
			return nil
		}
		totals.Most = max(totals.Most, score.Seq)
		totals.Seq = score.Seq
		body, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		_, refused := w.blobs.UploadStream(ctx, "data", "totals/"+score.ID+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
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

type scoreTotals struct {
	Most int `json:"most"`
	Seq  int `json:"seq"`
}

// plan: lease=120 forever deleteerror=drop create create.key=group create.content=stamp create.conflict=error create.via=iface

type tripMessage struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// RunTrips receives trips and does what they ask for.
func RunTrips(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	totalsStore := &tripTotalsBlobs{client: blobs}
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
		var trip tripMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &trip); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		body, err := json.Marshal(map[string]any{
			"id":        trip.ID,
			"truck":     trip.Truck,
			"miles":     trip.Miles,
			"writtenat": time.Now().UTC(),
		})
		if err != nil {
			log.Printf("encode: %v", err)
			continue
		}
		if err := totalsStore.CreateTrip(ctx, "totals/"+trip.Truck+".json", body); err != nil {
			log.Printf("register: %v", err)
			continue
		}
		queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	}
}

// tripTotalsStore keeps them.
type tripTotalsStore interface {
	CreateTrip(ctx context.Context, name string, body []byte) error
}

type tripTotalsBlobs struct {
	client *azblob.Client
}

func (b *tripTotalsBlobs) CreateTrip(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 layout=handle deleteerror=log put put.place=func

type donationEvent struct {
	ID       string `json:"id"`
	Campaign string `json:"campaign"`
	Cents    int    `json:"cents"`
}

// RunDonations receives donations and does what they ask for.
func RunDonations(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleDonation(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleDonation handles one donation.
func handleDonation(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var donation donationEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &donation); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := storeDonationTotals(ctx, blobs, &donation); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// storeDonationTotals keeps the totals up to date.
func storeDonationTotals(ctx context.Context, blobs *azblob.Client, donation *donationEvent) error {
	body, err := json.Marshal(map[string]any{
		"id":       donation.ID,
		"campaign": donation.Campaign,
		"cents":    donation.Cents,
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "archive", path.Join("totals", donation.ID), body, &azblob.UploadBufferOptions{}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 methods layout=work deleteerror=drop put put.content=digest put.place=closure put.via=iface

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
func NewDepositWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *DepositWorker {
	return &DepositWorker{
		queue:       queue,
		totalsStore: &depositTotalsBlobs{client: blobs},
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
	if err := w.processDeposit(ctx, *msg.MessageText); err != nil {
		return err
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// processDeposit does what one deposit asks for.
func (w *DepositWorker) processDeposit(ctx context.Context, text string) error {
	var deposit depositTask
	if err := json.Unmarshal([]byte(text), &deposit); err != nil {
		return err
	}
	work := func() error {
		name := "totals/" + deposit.ID
		sum := sha256.Sum256([]byte(deposit.Account + deposit.ID))
		body, err := json.Marshal(depositTotals{
			Digest: hex.EncodeToString(sum[:]),
			Cents:  deposit.Cents,
		})
		if err != nil {
			return err
		}
		if err := w.totalsStore.PutDeposit(ctx, name, body); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	if err := work(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type depositTotals struct {
	Digest string `json:"digest"`
	Cents  int    `json:"cents"`
}

// depositTotalsStore keeps them.
type depositTotalsStore interface {
	PutDeposit(ctx context.Context, name string, body []byte) error
}

type depositTotalsBlobs struct {
	client *azblob.Client
}

func (b *depositTotalsBlobs) PutDeposit(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadStream(ctx, "deposits", name, bytes.NewReader(body), nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: methods change change.key=single change.change=include change.guard=applied change.retries=2 change.place=func change.onerror=retry

type saleEvent struct {
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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var sale saleEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &sale); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var failure error
	for range 3 {
		if failure = w.mergeSaleTotals(ctx, sale); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return failure
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// mergeSaleTotals keeps the totals up to date.
func (w *SaleWorker) mergeSaleTotals(ctx context.Context, sale saleEvent) error {
	for range 3 {
		var totals saleTotals
		got, err := w.blobs.DownloadStream(ctx, "data", "totals.json", nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.Unmarshal(raw, &totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if slices.Contains(totals.Done, sale.ID) {
			return nil
		}
		if !slices.Contains(totals.Sales, sale.ID) {
			totals.Sales = append(totals.Sales, sale.ID)
		}
		totals.Done = append(totals.Done, sale.ID)
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		_, refused := w.blobs.UploadStream(ctx, "data", "totals.json", bytes.NewReader(body), &azblob.UploadStreamOptions{
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

type saleTotals struct {
	Sales []string `json:"sales"`
	Done  []string `json:"done"`
}

// plan: lease=120 forever methods layout=handle delete=arms put put.key=group

type rentalMessage struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// RentalWorker works on rentals.
type RentalWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewRentalWorker makes one.
func NewRentalWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *RentalWorker {
	return &RentalWorker{
		queue: queue,
		blobs: blobs,
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
		if err := w.handleRental(ctx, msg); err != nil {
			log.Printf("rental: %v", err)
			continue
		}
	}
}

// handleRental handles one rental.
func (w *RentalWorker) handleRental(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var rental rentalMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &rental); err != nil {
		return err
	}
	body, err := json.Marshal(rentalTotals{
		ID:      rental.ID,
		Station: rental.Station,
		Hours:   rental.Hours,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "data", "totals/"+rental.Station+".json", body, nil); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if rental.Hours > 100 {
		log.Printf("large rental %s", rental.ID)
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type rentalTotals struct {
	ID      string `json:"id"`
	Station string `json:"station"`
	Hours   int    `json:"hours"`
}

// plan: lease=120 batch=2 methods layout=handle delete=arms put put.row put.place=closure

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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := w.handleSample(ctx, msg); err != nil {
			log.Printf("sample: %v", err)
			continue
		}
	}
	return nil
}

// handleSample handles one sample.
func (w *SampleWorker) handleSample(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var sample sampleMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &sample); err != nil {
		return err
	}
	apply := func() error {
		body, err := json.Marshal(sampleTotals{
			PartitionKey: sample.Sensor,
			RowKey:       "totals-" + sample.ID,
			ID:           sample.ID,
			Sensor:       sample.Sensor,
			Level:        sample.Level,
		})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	}
	if err := apply(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if sample.Level > 100 {
		log.Printf("large sample %s", sample.ID)
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

type sampleTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Sensor       string `json:"sensor"`
	Level        int    `json:"level"`
}

// plan: lease=120 batch=16 forever methods layout=handle delete=arms change change.change=include change.absent change.via=iface

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
			if err := w.handleBadge(ctx, msg); err != nil {
				log.Printf("badge: %v", err)
				continue
			}
		}
	}
}

// handleBadge handles one badge.
func (w *BadgeWorker) handleBadge(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var badge badgeTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
		return err
	}
	totals, etag, err := w.totalsStore.LoadBadge(ctx, "totals/"+badge.ID+".json")
	if err != nil {
		return err
	}
	if !slices.Contains(totals.Items, badge.ID) {
		totals.Items = append(totals.Items, badge.ID)
	}
	if err := w.totalsStore.SaveBadge(ctx, "totals/"+badge.ID+".json", totals, etag); err != nil {
		return err
	}
	if badge.Zone > 100 {
		log.Printf("large badge %s", badge.ID)
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

type badgeTotals struct {
	Items []string `json:"items"`
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
	var etag *azcore.ETag
	got, err := b.client.DownloadStream(ctx, "data", name, nil)
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

func (b *badgeTotalsBlobs) SaveBadge(ctx context.Context, name string, value badgeTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := b.client.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=120 delete=arms change change.key=group change.guard=applied change.retries=4 change.place=deep change.via=generic change.onerror=drop change.large

type uploadTask struct {
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
	var upload uploadTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &upload); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if upload.Bytes > 100 {
		_ = applyUploadTotals(ctx, blobs, upload)
	}
	if upload.Bytes > 100 {
		log.Printf("large upload %s", upload.ID)
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

// updateUploadTotals keeps the totals up to date.
func updateUploadTotals(ctx context.Context, blobs *azblob.Client, upload uploadTask) error {
	name := fmt.Sprintf("totals/%s.json", upload.Tenant)
	for try := 0; try < 5; try++ {
		totals, etag, err := loadUploadJSON[uploadTotals](ctx, blobs, "uploads-totals", name)
		if err != nil {
			return err
		}
		if slices.Contains(totals.Done, upload.ID) {
			return nil
		}
		if upload.Bytes > totals.Peak {
			totals.Peak = upload.Bytes
		}
		totals.Done = append(totals.Done, upload.ID)
		refused := saveUploadJSON(ctx, blobs, "uploads-totals", name, totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type uploadTotals struct {
	Peak int
	Done []string
}

// loadUploadJSON reads a value.
func loadUploadJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return value, version, err
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	return value, got.ETag, nil
}

// saveUploadJSON writes a value.
func saveUploadJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return err
	}
	return nil
}

// applyUploadTotals takes one upload further.
func applyUploadTotals(ctx context.Context, blobs *azblob.Client, upload uploadTask) error {
	if upload.ID == "" {
		return errors.New("upload without id")
	}
	if err := updateUploadTotals(ctx, blobs, upload); err != nil {
		return err
	}
	return nil
}

// plan: methods layout=work put put.key=single put.content=stamp put.place=func put.large send send.content=stamp send.guard=before send.place=func

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
	out   *azqueue.QueueClient
}

// NewReviewWorker makes one.
func NewReviewWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, out *azqueue.QueueClient) *ReviewWorker {
	return &ReviewWorker{
		queue: queue,
		blobs: blobs,
		table: table,
		out:   out,
	}
}

// Run receives reviews and does what they ask for.
func (w *ReviewWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, nil)
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
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processReview does what one review asks for.
func (w *ReviewWorker) processReview(ctx context.Context, text string) error {
	var review reviewTask
	if err := json.Unmarshal([]byte(text), &review); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if review.Stars > 100 {
		if err := w.storeReviewTotals(ctx, review); err != nil {
			return err
		}
	}
	if err := w.forwardReviewBoard(ctx, review); err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	return nil
}

// storeReviewTotals keeps the totals up to date.
func (w *ReviewWorker) storeReviewTotals(ctx context.Context, review reviewTask) error {
	body, err := json.Marshal(reviewTotals{
		ID:      review.ID,
		Product: review.Product,
		Stars:   review.Stars,
		At:      time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", "totals.json", body, nil); err != nil {
		return err
	}
	return nil
}

type reviewTotals struct {
	ID      string    `json:"id"`
	Product string    `json:"product"`
	Stars   int       `json:"stars"`
	At      time.Time `json:"at"`
}

// forwardReviewBoard tells others about the review.
func (w *ReviewWorker) forwardReviewBoard(ctx context.Context, review reviewTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-board", "RowKey": review.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := w.table.AddEntity(ctx, mark, nil); err != nil {
		if haveReview(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	note, err := json.Marshal(map[string]any{"At": time.Now().UTC(), "Review": review.ID})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.out.EnqueueMessage(ctx, string(note), nil); err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	return nil
}

func haveReview(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// plan: lease=60 forever put put.key=group put.content=digest put.place=deep put.via=funcs put.onerror=retry create create.key=single create.conflict=error create.place=func create.via=funcs

type lectureTask struct {
	ID      string `json:"id"`
	Course  string `json:"course"`
	Credits int    `json:"credits"`
}

// RunLectures receives lectures and does what they ask for.
func RunLectures(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		var lecture lectureTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &lecture); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		var failure error
		for range 3 {
			if failure = applyLectureTotals(ctx, blobs, lecture); failure == nil {
				break
			}
			time.Sleep(time.Second)
		}
		if failure != nil {
			log.Printf("write: %v", failure)
			continue
		}
		if err := registerLectureBoard(ctx, blobs, &lecture); err != nil {
			log.Printf("register: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// writeLectureTotals keeps the totals up to date.
func writeLectureTotals(ctx context.Context, blobs *azblob.Client, lecture lectureTask) error {
	name := "totals/" + lecture.Course
	sum := sha256.Sum256([]byte(lecture.Course + lecture.ID))
	body, err := json.Marshal(map[string]any{
		"digest":  hex.EncodeToString(sum[:]),
		"credits": lecture.Credits,
	})
	if err != nil {
		return err
	}
	if err := saveLectureTotals(ctx, blobs, name, body); err != nil {
		return err
	}
	return nil
}

// saveLectureTotals writes the totals.
func saveLectureTotals(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadStream(ctx, "lectures", name, bytes.NewReader(body), nil); err != nil {
		return err
	}
	return nil
}

// applyLectureTotals takes one lecture further.
func applyLectureTotals(ctx context.Context, blobs *azblob.Client, lecture lectureTask) error {
	if lecture.ID == "" {
		return errors.New("lecture without id")
	}
	if err := writeLectureTotals(ctx, blobs, lecture); err != nil {
		return err
	}
	return nil
}

// registerLectureBoard keeps the board up to date.
func registerLectureBoard(ctx context.Context, blobs *azblob.Client, lecture *lectureTask) error {
	body, err := json.Marshal(map[string]any{
		"id":      lecture.ID,
		"course":  lecture.Course,
		"credits": lecture.Credits,
	})
	if err != nil {
		return err
	}
	if err := createLectureBoard(ctx, blobs, "board.json", body); err != nil {
		return err
	}
	return nil
}

// createLectureBoard writes the board.
func createLectureBoard(ctx context.Context, blobs *azblob.Client, name string, body []byte) error {
	if _, err := blobs.UploadStream(ctx, "lectures", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=30 forever methods layout=handle put put.key=group put.content=random put.guard=after put.place=func

type shiftEvent struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// ShiftWorker works on shifts.
type ShiftWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewShiftWorker makes one.
func NewShiftWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ShiftWorker {
	return &ShiftWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives shifts and does what they ask for.
func (w *ShiftWorker) Run(ctx context.Context) error {
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
		if err := w.handleShift(ctx, msg); err != nil {
			log.Printf("shift: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleShift handles one shift.
func (w *ShiftWorker) handleShift(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var shift shiftEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &shift); err != nil {
		return err
	}
	if err := w.writeShiftTotals(ctx, shift); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// writeShiftTotals keeps the totals up to date.
func (w *ShiftWorker) writeShiftTotals(ctx context.Context, shift shiftEvent) error {
	_, err := w.table.GetEntity(ctx, "done-totals", shift.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoShift(err) {
		return err
	}
	name := "totals/" + shift.Ward
	body, err := json.Marshal(shiftTotals{
		ID:    shift.ID,
		Ward:  shift.Ward,
		Hours: shift.Hours,
		Code:  uuid.NewString(),
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadStream(ctx, "shifts", name, bytes.NewReader(body), nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": shift.ID})
	if err != nil {
		return err
	}
	if _, err := w.table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoShift(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

type shiftTotals struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
	Code  string `json:"code"`
}

// plan: lease=30 layout=handle change change.key=group change.change=append change.retries=9 change.place=func change.via=iface

type crateEvent struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// RunCrates receives crates and does what they ask for.
func RunCrates(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	totalsStore := &crateTotalsBlobs{client: blobs}
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleCrate(ctx, queue, totalsStore, msg); err != nil {
		return err
	}
	return nil
}

// handleCrate handles one crate.
func handleCrate(ctx context.Context, queue *azqueue.QueueClient, totalsStore crateTotalsStore, msg *azqueue.DequeuedMessage) error {
	var crate crateEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &crate); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := mergeCrateTotals(ctx, totalsStore, crate); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// mergeCrateTotals keeps the totals up to date.
func mergeCrateTotals(ctx context.Context, totalsStore crateTotalsStore, crate crateEvent) error {
	for range 10 {
		totals, etag, err := totalsStore.LoadCrate(ctx, "totals/"+crate.Warehouse+".json")
		if err != nil {
			return err
		}
		totals.Items = append(totals.Items, crate.ID)
		refused := totalsStore.SaveCrate(ctx, "totals/"+crate.Warehouse+".json", totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type crateTotals struct {
	Items []string
}

// crateTotalsStore keeps them.
type crateTotalsStore interface {
	LoadCrate(ctx context.Context, name string) (value crateTotals, version *azcore.ETag, err error)
	SaveCrate(ctx context.Context, name string, value crateTotals, version *azcore.ETag) error
}

type crateTotalsBlobs struct {
	client *azblob.Client
}

func (b *crateTotalsBlobs) LoadCrate(ctx context.Context, name string) (value crateTotals, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "data", name, nil)
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

func (b *crateTotalsBlobs) SaveCrate(ctx context.Context, name string, value crateTotals, version *azcore.ETag) error {
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

// plan: lease=30 layout=work deleteerror=drop put put.row put.content=random put.place=func wait wait.seconds=5 change change.key=single change.change=tally change.guard=applied change.retries=4 change.place=func

type mealEvent struct {
	ID       string `json:"id"`
	Kitchen  string `json:"kitchen"`
	Portions int    `json:"portions"`
}

// RunMeals receives meals and does what they ask for.
func RunMeals(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processMeal(ctx, blobs, table, *msg.MessageText); err != nil {
		return fmt.Errorf("meal: %w", err)
	}
	_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// processMeal does what one meal asks for.
func processMeal(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var meal mealEvent
	if err := json.Unmarshal([]byte(text), &meal); err != nil {
		return err
	}
	if err := publishMealTotals(ctx, table, meal); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	time.Sleep(5 * time.Second)
	if err := mergeMealProfile(ctx, blobs, meal); err != nil {
		return err
	}
	return nil
}

// publishMealTotals keeps the totals up to date.
func publishMealTotals(ctx context.Context, table *aztables.Client, meal mealEvent) error {
	body, err := json.Marshal(mealTotals{
		PartitionKey: "totals",
		RowKey:       meal.ID,
		ID:           meal.ID,
		Kitchen:      meal.Kitchen,
		Portions:     meal.Portions,
		Token:        uuid.NewString(),
	})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

type mealTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Kitchen      string `json:"kitchen"`
	Portions     int    `json:"portions"`
	Token        string `json:"token"`
}

// mergeMealProfile keeps the profile up to date.
func mergeMealProfile(ctx context.Context, blobs *azblob.Client, meal mealEvent) error {
	name := "profile/latest.json"
	for try := 0; try < 5; try++ {
		var profile mealProfile
		got, err := blobs.DownloadStream(ctx, "meals-profile", name, nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.NewDecoder(got.Body).Decode(&profile); err != nil {
			return err
		}
		if slices.Contains(profile.Done, meal.ID) {
			return nil
		}
		if profile.Amounts == nil {
			profile.Amounts = map[string]int{}
		}
		profile.Amounts[meal.Kitchen] += meal.Portions
		profile.Done = append(profile.Done, meal.ID)
		body, err := json.Marshal(profile)
		if err != nil {
			return err
		}
		_, refused := blobs.UploadBuffer(ctx, "meals-profile", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
		})
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("profile keep changing")
}

type mealProfile struct {
	Amounts map[string]int `json:"amounts"`
	Done    []string       `json:"done"`
}

// plan: lease=120 put put.row put.key=single put.place=func put.via=generic

type letterTask struct {
	ID       string `json:"id"`
	District string `json:"district"`
	Pages    int    `json:"pages"`
}

// RunLetters receives letters and does what they ask for.
func RunLetters(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var letter letterTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &letter); err != nil {
		return err
	}
	if err := storeLetterTotals(ctx, table, letter); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// storeLetterTotals keeps the totals up to date.
func storeLetterTotals(ctx context.Context, table *aztables.Client, letter letterTask) error {
	if err := saveLetterRow(ctx, table, letterTotals{
		PartitionKey: "totals",
		RowKey:       "all",
		ID:           letter.ID,
		District:     letter.District,
		Pages:        letter.Pages,
	}); err != nil {
		return err
	}
	return nil
}

// saveLetterRow encodes a value and writes it.
func saveLetterRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type letterTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	District     string `json:"district"`
	Pages        int    `json:"pages"`
}

// plan: lease=120 batch=4 methods layout=handle renew put put.place=func look look.row look.place=closure look.onerror=retry change change.row change.key=group change.change=grow change.guard=older change.place=closure

type lessonEvent struct {
	ID    string `json:"id"`
	Pupil string `json:"pupil"`
	Seq   int    `json:"seq"`
}

// LessonWorker works on lessons.
type LessonWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewLessonWorker makes one.
func NewLessonWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *LessonWorker {
	return &LessonWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives lessons and does what they ask for.
func (w *LessonWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	for _, msg := range resp.Messages {
		if err := w.handleLesson(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

// handleLesson handles one lesson.
func (w *LessonWorker) handleLesson(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var lesson lessonEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
		return err
	}
	release := w.keepLesson(ctx, msg)
	defer release()
	if err := w.storeLessonTotals(ctx, &lesson); err != nil {
		return err
	}
	apply := func() error {
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
	var failure error
	for range 3 {
		if failure = apply(); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return failure
	}
	attempt := func() error {
		var profile lessonProfile
		got, err := w.table.GetEntity(ctx, "profile", lesson.Pupil, nil)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(got.Value, &profile); err != nil {
			return err
		}
		if lesson.Seq <= profile.Seq {
			return nil
		}
		profile.Notes = fmt.Sprintf("%s%s;", profile.Notes, lesson.ID)
		profile.Seq = lesson.Seq
		profile.PartitionKey, profile.RowKey = "profile", lesson.Pupil
		body, err := json.Marshal(profile)
		if err != nil {
			return err
		}
		if _, err := w.table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: aztables.UpdateModeReplace}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	if err := attempt(); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// keepLesson renews the lease of a message until release is called, which returns the last receipt.
func (w *LessonWorker) keepLesson(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

// storeLessonTotals keeps the totals up to date.
func (w *LessonWorker) storeLessonTotals(ctx context.Context, lesson *lessonEvent) error {
	body, err := json.Marshal(lessonTotals{
		ID:    lesson.ID,
		Pupil: lesson.Pupil,
		Seq:   lesson.Seq,
	})
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", lesson.ID), body, nil); err != nil {
		return err
	}
	return nil
}

type lessonTotals struct {
	ID    string `json:"id"`
	Pupil string `json:"pupil"`
	Seq   int    `json:"seq"`
}

type lessonProfile struct {
	PartitionKey string
	RowKey       string
	Notes        string `json:"notes"`
	Seq          int    `json:"seq"`
}

// plan: lease=60 batch=16 forever methods layout=handle delete=forgotten deleteerror=log put put.key=fresh put.place=deep change change.key=group change.change=chain change.guard=older change.retries=4 change.place=deep change.via=funcs change.onerror=log

type harvestMessage struct {
	ID   string `json:"id"`
	Farm string `json:"farm"`
	Seq  int    `json:"seq"`
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
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(60))})
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
			if err := w.handleHarvest(ctx, msg); err != nil {
				log.Printf("harvest: %v", err)
				continue
			}
		}
	}
}

// handleHarvest handles one harvest.
func (w *HarvestWorker) handleHarvest(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var harvest harvestMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
		return err
	}
	if err := w.applyHarvestTotals(ctx, harvest); err != nil {
		return err
	}
	if harvest.Seq > 100 {
		log.Printf("large harvest %s", harvest.ID)
		return nil
	}
	if err := w.applyHarvestBoard(ctx, harvest); err != nil {
		log.Printf("update %s: %v", harvest.ID, err)
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// storeHarvestTotals keeps the totals up to date.
func (w *HarvestWorker) storeHarvestTotals(ctx context.Context, harvest harvestMessage) error {
	body, err := json.Marshal(map[string]any{
		"id":   harvest.ID,
		"farm": harvest.Farm,
		"seq":  harvest.Seq,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", time.Now().UTC().Format("20060102T150405.000000000")), body, nil); err != nil {
		return err
	}
	return nil
}

// applyHarvestTotals takes one harvest further.
func (w *HarvestWorker) applyHarvestTotals(ctx context.Context, harvest harvestMessage) error {
	return w.storeHarvestTotals(ctx, harvest)
}

// updateHarvestBoard keeps the board up to date.
func (w *HarvestWorker) updateHarvestBoard(ctx context.Context, harvest harvestMessage) error {
	name := fmt.Sprintf("board/%s.json", harvest.Farm)
	for try := 0; try < 5; try++ {
		board, etag, err := w.loadHarvestBoard(ctx, name)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if harvest.Seq <= board.Seq {
			return nil
		}
		sum := sha256.Sum256([]byte(board.Digest + harvest.ID))
		board.Digest = hex.EncodeToString(sum[:])
		board.Seq = harvest.Seq
		refused := w.saveHarvestBoard(ctx, name, board, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("board keep changing")
}

type harvestBoard struct {
	Digest string `json:"digest"`
	Seq    int    `json:"seq"`
}

// loadHarvestBoard reads the board.
func (w *HarvestWorker) loadHarvestBoard(ctx context.Context, name string) (value harvestBoard, version *azcore.ETag, err error) {
	got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
	if err != nil {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

// saveHarvestBoard writes the board.
func (w *HarvestWorker) saveHarvestBoard(ctx context.Context, name string, value harvestBoard, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// applyHarvestBoard takes one harvest further.
func (w *HarvestWorker) applyHarvestBoard(ctx context.Context, harvest harvestMessage) error {
	if harvest.ID == "" {
		return errors.New("harvest without id")
	}
	if err := w.updateHarvestBoard(ctx, harvest); err != nil {
		return err
	}
	return nil
}

// plan: batch=2 methods create create.key=group create.content=expiry create.conflict=done

type quoteTask struct {
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
	resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var quote quoteTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &quote); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		name := "totals/" + quote.Broker
		body, err := json.Marshal(quoteTotals{
			ID:         quote.ID,
			Broker:     quote.Broker,
			Price:      quote.Price,
			ValidUntil: time.Now().Add(24 * time.Hour),
		})
		if err != nil {
			log.Printf("encode: %v", err)
			continue
		}
		_, refused := w.blobs.UploadBuffer(ctx, "quotes", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
		})
		if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
			if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
			continue
		}
		if refused != nil {
			log.Printf("register: %v", refused)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
	return nil
}

type quoteTotals struct {
	ID         string
	Broker     string
	Price      int
	ValidUntil time.Time
}

// plan: lease=60 forever layout=handle deleteerror=drop put put.content=digest

type songMessage struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// RunSongs receives songs and does what they ask for.
func RunSongs(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
		if err := handleSong(ctx, queue, blobs, msg); err != nil {
			log.Printf("song: %v", err)
			continue
		}
	}
}

// handleSong handles one song.
func handleSong(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var song songMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	sum := sha256.Sum256([]byte(song.Artist + song.ID))
	body, err := json.Marshal(songTotals{
		Digest: hex.EncodeToString(sum[:]),
		Plays:  song.Plays,
	})
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "data", "totals/"+song.ID+".json", body, nil); err != nil {
		return err
	}
	queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

type songTotals struct {
	Digest string `json:"digest"`
	Plays  int    `json:"plays"`
}

// plan: lease=30 forever methods change change.guard=applied change.absent

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
		var fine fineMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &fine); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		var totals fineTotals
		var etag *azcore.ETag
		got, err := w.blobs.DownloadStream(ctx, "archive", path.Join("totals", fine.ID), nil)
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			log.Printf("read: %v", err)
			continue
		}
		if err == nil {
			raw, err := io.ReadAll(got.Body)
			if err != nil {
				log.Printf("read: %v", err)
				continue
			}
			if err := json.Unmarshal(raw, &totals); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			etag = got.ETag
		}
		if !slices.Contains(totals.Handled, fine.ID) {
			totals.Peak = max(totals.Peak, fine.Euros)
			totals.Handled = append(totals.Handled, fine.ID)
			body, err := json.Marshal(totals)
			if err != nil {
				log.Printf("encode: %v", err)
				continue
			}
			only := &blob.ModifiedAccessConditions{IfMatch: etag}
			if etag == nil {
				only.IfNoneMatch = to.Ptr(azcore.ETagAny)
			}
			if _, err := w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", fine.ID), body, &azblob.UploadBufferOptions{
				AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
			}); err != nil {
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

type fineTotals struct {
	Peak    int
	Handled []string
}

// plan: lease=120 methods change change.key=group change.change=include change.retries=2 change.place=func

type loanEvent struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// LoanWorker works on loans.
type LoanWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewLoanWorker makes one.
func NewLoanWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *LoanWorker {
	return &LoanWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives loans and does what they ask for.
func (w *LoanWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var loan loanEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := w.updateLoanTotals(ctx, loan); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateLoanTotals keeps the totals up to date.
func (w *LoanWorker) updateLoanTotals(ctx context.Context, loan loanEvent) error {
	name := "totals/" + loan.Branch
	for try := 0; try < 3; try++ {
		var totals loanTotals
		got, err := w.blobs.DownloadStream(ctx, "loans", name, nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		if !slices.Contains(totals.Loans, loan.ID) {
			totals.Loans = append(totals.Loans, loan.ID)
		}
		body, err := json.Marshal(totals)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		_, refused := w.blobs.UploadBuffer(ctx, "loans", name, body, &azblob.UploadBufferOptions{
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

type loanTotals struct {
	Loans []string
}

// plan: layout=work renew put put.key=single put.guard=after put.place=func change change.guard=applied change.absent change.place=func change.large

type tourMessage struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// RunTours receives tours and does what they ask for.
func RunTours(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	release := keepTour(ctx, queue, msg)
	err = processTour(ctx, blobs, table, *msg.MessageText)
	receipt := release()
	if err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, receipt, nil); err != nil {
		return err
	}
	return nil
}

// processTour does what one tour asks for.
func processTour(ctx context.Context, blobs *azblob.Client, table *aztables.Client, text string) error {
	var tour tourMessage
	if err := json.Unmarshal([]byte(text), &tour); err != nil {
		return err
	}
	if err := publishTourTotals(ctx, blobs, table, tour); err != nil {
		return err
	}
	if tour.Guests > 100 {
		if err := updateTourBoard(ctx, blobs, tour); err != nil {
			return fmt.Errorf("update: %w", err)
		}
	}
	return nil
}

// publishTourTotals keeps the totals up to date.
func publishTourTotals(ctx context.Context, blobs *azblob.Client, table *aztables.Client, tour tourMessage) error {
	_, err := table.GetEntity(ctx, "done-totals", tour.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoTour(err) {
		return err
	}
	name := "totals/latest.json"
	body, err := json.Marshal(tour)
	if err != nil {
		return err
	}
	if _, err := blobs.UploadBuffer(ctx, "tours-totals", name, body, nil); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": tour.ID})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, mark, nil); err != nil {
		return err
	}
	return nil
}

func isNoTour(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// updateTourBoard keeps the board up to date.
func updateTourBoard(ctx context.Context, blobs *azblob.Client, tour tourMessage) error {
	var board tourBoard
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "tours-board", path.Join("board", tour.ID), nil)
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
	if slices.Contains(board.Applied, tour.ID) {
		return nil
	}
	board.Highest = max(board.Highest, tour.Guests)
	board.Applied = append(board.Applied, tour.ID)
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "tours-board", path.Join("board", tour.ID), bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type tourBoard struct {
	Highest int
	Applied []string
}

// keepTour renews the lease of a message until release is called, which returns the last receipt.
func keepTour(ctx context.Context, queue *azqueue.QueueClient, msg *azqueue.DequeuedMessage) func() string {
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

// plan: lease=120 methods layout=work put put.key=single put.content=beat put.place=func put.via=iface

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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processOrder(ctx, *msg.MessageText); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// processOrder does what one order asks for.
func (w *OrderWorker) processOrder(ctx context.Context, text string) error {
	var order orderEvent
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return err
	}
	if err := w.storeOrderTotals(ctx, &order); err != nil {
		return err
	}
	return nil
}

// storeOrderTotals keeps the totals up to date.
func (w *OrderWorker) storeOrderTotals(ctx context.Context, order *orderEvent) error {
	body, err := json.Marshal(map[string]any{
		"at": time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := w.totalsStore.PutOrder(ctx, "totals.json", body); err != nil {
		return err
	}
	return nil
}

// orderTotalsStore keeps them.
type orderTotalsStore interface {
	PutOrder(ctx context.Context, name string, body []byte) error
}

type orderTotalsBlobs struct {
	client *azblob.Client
}

func (b *orderTotalsBlobs) PutOrder(ctx context.Context, name string, body []byte) error {
	if _, err := b.client.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=60 layout=work deleteerror=drop change change.change=include change.retries=4 change.absent change.place=func change.via=funcs

type parcelEvent struct {
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
	if err := processParcel(ctx, blobs, *msg.MessageText); err != nil {
		return err
	}
	queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// processParcel does what one parcel asks for.
func processParcel(ctx context.Context, blobs *azblob.Client, text string) error {
	var parcel parcelEvent
	if err := json.Unmarshal([]byte(text), &parcel); err != nil {
		return err
	}
	if err := updateParcelTotals(ctx, blobs, parcel); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// updateParcelTotals keeps the totals up to date.
func updateParcelTotals(ctx context.Context, blobs *azblob.Client, parcel parcelEvent) error {
	for range 5 {
		totals, etag, err := loadParcelTotals(ctx, blobs, "totals/"+parcel.ID+".json")
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if !slices.Contains(totals.Members, parcel.ID) {
			totals.Members = append(totals.Members, parcel.ID)
		}
		refused := saveParcelTotals(ctx, blobs, "totals/"+parcel.ID+".json", totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type parcelTotals struct {
	Members []string `json:"members"`
}

// loadParcelTotals reads the totals.
func loadParcelTotals(ctx context.Context, blobs *azblob.Client, name string) (value parcelTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "data", name, nil)
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

// saveParcelTotals writes the totals.
func saveParcelTotals(ctx context.Context, blobs *azblob.Client, name string, value parcelTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}
