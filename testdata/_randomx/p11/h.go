package p11

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

// plan: methods change change.key=group change.change=append change.guard=applied change.match=none change.absent change.stamp change.via=funcs

type scoreEvent struct {
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
	var score scoreEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &score); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", score.Player)
	totals, err := w.loadScoreTotals(ctx, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if !slices.Contains(totals.Applied, score.ID) {
		totals.Members = append(totals.Members, score.ID)
		totals.Applied = append(totals.Applied, score.ID)
		totals.At = time.Now().UTC()
		if err := w.saveScoreTotals(ctx, name, totals); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type scoreTotals struct {
	Members []string
	Applied []string
	At      time.Time
}

// loadScoreTotals reads the totals.
func (w *ScoreWorker) loadScoreTotals(ctx context.Context, name string) (value scoreTotals, err error) {
	got, err := w.blobs.DownloadStream(ctx, "scores-totals", name, nil)
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

// saveScoreTotals writes the totals.
func (w *ScoreWorker) saveScoreTotals(ctx context.Context, name string, value scoreTotals) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "scores-totals", name, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 layout=handle create create.key=group create.content=mixed create.place=func create.onerror=drop

type tripEvent struct {
	ID    string `json:"id"`
	Truck string `json:"truck"`
	Miles int    `json:"miles"`
}

// RunTrips receives trips and does what they ask for.
func RunTrips(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleTrip(ctx, queue, blobs, msg); err != nil {
		return fmt.Errorf("trip: %w", err)
	}
	return nil
}

// handleTrip handles one trip.
func handleTrip(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var trip tripEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &trip); err != nil {
		return err
	}
	_ = registerTripTotals(ctx, blobs, trip)
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// registerTripTotals keeps the totals up to date.
func registerTripTotals(ctx context.Context, blobs *azblob.Client, trip tripEvent) error {
	name := fmt.Sprintf("totals/%s.json", trip.Truck)
	current, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return err
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"id":    trip.ID,
		"truck": trip.Truck,
		"miles": trip.Miles,
		"rate":  settings.Rate,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "trips-totals", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		if !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
			return fmt.Errorf("register: %w", err)
		}
		log.Printf("trip %s is there already", trip.ID)
	}
	return nil
}

// plan: forever methods layout=handle change change.change=chain change.guard=seen change.absent change.via=funcs create create.key=single create.content=digest create.place=deep create create.content=digest create.conflict=done put put.content=beat

type donationMessage struct {
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
		if err := w.handleDonation(ctx, msg); err != nil {
			log.Printf("donation: %v", err)
			continue
		}
	}
	return ctx.Err()
}

// handleDonation handles one donation.
func (w *DonationWorker) handleDonation(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var donation donationMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &donation); err != nil {
		return err
	}
	name := "totals/" + donation.ID
	totals, etag, err := w.loadDonationTotals(ctx, name)
	if err != nil {
		return err
	}
	if !totals.Applied[donation.ID] {
		sum := sha256.Sum256([]byte(totals.Digest + donation.ID))
		totals.Digest = hex.EncodeToString(sum[:])
		if totals.Applied == nil {
			totals.Applied = map[string]bool{}
		}
		totals.Applied[donation.ID] = true
		if err := w.saveDonationTotals(ctx, name, totals, etag); err != nil {
			return err
		}
	}
	if err := w.applyDonationBoard(ctx, &donation); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	name2 := fmt.Sprintf("profile/%s.json", donation.ID)
	sum2 := sha256.Sum256([]byte(donation.Campaign + donation.ID))
	body, err := json.Marshal(map[string]any{
		"digest": hex.EncodeToString(sum2[:]),
		"cents":  donation.Cents,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, refused := w.blobs.UploadBuffer(ctx, "donations", name2, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	})
	if bloberror.HasCode(refused, bloberror.BlobAlreadyExists) {
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	if refused != nil {
		return refused
	}
	body2, err := json.Marshal(donationLedger{
		SeenAt: time.Now().UTC(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "donations", path.Join("ledger", donation.ID), body2, nil); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type donationTotals struct {
	Digest  string          `json:"digest"`
	Applied map[string]bool `json:"applied"`
}

// loadDonationTotals reads the totals.
func (w *DonationWorker) loadDonationTotals(ctx context.Context, name string) (value donationTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "donations", name, nil)
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

// saveDonationTotals writes the totals.
func (w *DonationWorker) saveDonationTotals(ctx context.Context, name string, value donationTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadStream(ctx, "donations", name, bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// registerDonationBoard keeps the board up to date.
func (w *DonationWorker) registerDonationBoard(ctx context.Context, donation *donationMessage) error {
	sum := sha256.Sum256([]byte(donation.Campaign + donation.ID))
	body, err := json.Marshal(map[string]any{
		"digest": hex.EncodeToString(sum[:]),
		"cents":  donation.Cents,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "donations", "board.json", body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}

// applyDonationBoard takes one donation further.
func (w *DonationWorker) applyDonationBoard(ctx context.Context, donation *donationMessage) error {
	return w.registerDonationBoard(ctx, donation)
}

type donationLedger struct {
	SeenAt time.Time `json:"seenat"`
}

// plan: lease=60 layout=handle delete=arms deleteerror=log put put.key=group put.content=beat

type depositTask struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// RunDeposits receives deposits and does what they ask for.
func RunDeposits(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleDeposit(ctx, queue, blobs, msg); err != nil {
		return err
	}
	return nil
}

// handleDeposit handles one deposit.
func handleDeposit(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, msg *azqueue.DequeuedMessage) error {
	var deposit depositTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &deposit); err != nil {
		return err
	}
	name := fmt.Sprintf("totals/%s.json", deposit.Account)
	body, err := json.Marshal(depositTotals{
		SeenAt: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "deposits-totals", name, body, nil); err != nil {
		return err
	}
	if deposit.Cents > 100 {
		log.Printf("large deposit %s", deposit.ID)
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

type depositTotals struct {
	SeenAt time.Time `json:"seenat"`
}

// plan: lease=120 batch=16 forever layout=work create create.key=fresh create.place=func put put.key=group put.large

type saleTask struct {
	ID    string `json:"id"`
	Shop  string `json:"shop"`
	Units int    `json:"units"`
}

// RunSales receives sales and does what they ask for.
func RunSales(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(120))})
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
			if err := processSale(ctx, blobs, *msg.MessageText); err != nil {
				log.Printf("sale: %v", err)
				continue
			}
			if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// processSale does what one sale asks for.
func processSale(ctx context.Context, blobs *azblob.Client, text string) error {
	var sale saleTask
	if err := json.Unmarshal([]byte(text), &sale); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := createSaleTotals(ctx, blobs, sale); err != nil {
		return err
	}
	if sale.Units > 100 {
		name := "board/" + sale.Shop
		body, err := json.Marshal(sale)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		if _, err := blobs.UploadStream(ctx, "data", name, bytes.NewReader(body), nil); err != nil {
			return err
		}
	}
	return nil
}

// createSaleTotals keeps the totals up to date.
func createSaleTotals(ctx context.Context, blobs *azblob.Client, sale saleTask) error {
	body, err := json.Marshal(saleTotals{
		ID:    sale.ID,
		Shop:  sale.Shop,
		Units: sale.Units,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadStream(ctx, "data", "totals/"+uuid.New().String()+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	return nil
}

type saleTotals struct {
	ID    string
	Shop  string
	Units int
}

// plan: lease=30 methods layout=handle deleteerror=drop renew put put.row put.key=single

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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleRental(ctx, msg); err != nil {
		return fmt.Errorf("rental: %w", err)
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
	body, err := json.Marshal(rentalTotals{
		PartitionKey: "totals",
		RowKey:       "current",
		ID:           rental.ID,
		Station:      rental.Station,
		Hours:        rental.Hours,
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, _ = w.queue.DeleteMessage(ctx, *msg.MessageID, release(), nil)
	return nil
}

// keepRental renews the lease of a message until release is called, which returns the last receipt.
func (w *RentalWorker) keepRental(ctx context.Context, msg *azqueue.DequeuedMessage) func() string {
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

type rentalTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Station      string `json:"station"`
	Hours        int    `json:"hours"`
}

// plan: lease=30 batch=16 deleteerror=log change change.row change.key=single change.guard=seen change.retries=2 change.absent change.place=func change.onerror=drop put put.row put.content=stamp change change.key=group change.change=include change.absent change.place=deep

type sampleEvent struct {
	ID     string `json:"id"`
	Sensor string `json:"sensor"`
	Level  int    `json:"level"`
}

// RunSamples receives samples and does what they ask for.
func RunSamples(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(16)), VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var sample sampleEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &sample); err != nil {
			return err
		}
		updateSampleTotals(ctx, table, sample)
		body, err := json.Marshal(aztables.EDMEntity{
			Entity: aztables.Entity{PartitionKey: "board", RowKey: sample.ID},
			Properties: map[string]any{
				"ID":        sample.ID,
				"Sensor":    sample.Sensor,
				"Level":     sample.Level,
				"UpdatedAt": time.Now(),
			},
		})
		if err != nil {
			return err
		}
		if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
			return err
		}
		if err := applySampleProfile(ctx, blobs, sample); err != nil {
			return fmt.Errorf("change: %w", err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
	return nil
}

// updateSampleTotals keeps the totals up to date.
func updateSampleTotals(ctx context.Context, table *aztables.Client, sample sampleEvent) error {
	for range 3 {
		var totals sampleTotals
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, "totals", "all", nil)
		if err != nil && !isNoSample(err) {
			return err
		}
		if err == nil {
			var row sampleTotalsRow
			if err := json.Unmarshal(got.Value, &row); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
				return err
			}
			etag = &got.ETag
		}
		if totals.Seen[sample.ID] {
			return nil
		}
		totals.Most = max(totals.Most, sample.Level)
		if totals.Seen == nil {
			totals.Seen = map[string]bool{}
		}
		totals.Seen[sample.ID] = true
		data, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		body, err := json.Marshal(sampleTotalsRow{PartitionKey: "totals", RowKey: "all", Data: string(data)})
		if err != nil {
			return err
		}
		refused := putSampleRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleSample(refused) || haveSample(refused)) {
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
	Most int
	Seen map[string]bool
}

func isNoSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// putSampleRow adds a row where there was none, and otherwise replaces what was read.
func putSampleRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

func staleSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

func haveSample(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// changeSampleProfile keeps the profile up to date.
func changeSampleProfile(ctx context.Context, blobs *azblob.Client, sample sampleEvent) error {
	var profile sampleProfile
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "archive", "profile/"+sample.Sensor+".json", nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &profile); err != nil {
			return err
		}
		etag = got.ETag
	}
	if !slices.Contains(profile.Items, sample.ID) {
		profile.Items = append(profile.Items, sample.ID)
	}
	body, err := json.Marshal(profile)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadStream(ctx, "archive", "profile/"+sample.Sensor+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

type sampleProfile struct {
	Items []string
}

// applySampleProfile takes one sample further.
func applySampleProfile(ctx context.Context, blobs *azblob.Client, sample sampleEvent) error {
	return changeSampleProfile(ctx, blobs, sample)
}

// plan: lease=120 methods layout=handle change change.row change.key=group change.change=entry change.guard=seen change.absent change.via=funcs

type badgeTask struct {
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
	if err := w.handleBadge(ctx, msg); err != nil {
		return err
	}
	return nil
}

// handleBadge handles one badge.
func (w *BadgeWorker) handleBadge(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var badge badgeTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &badge); err != nil {
		return err
	}
	totals, etag, err := w.loadBadgeTotals(ctx, "totals", badge.Door)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if !totals.Seen[badge.ID] {
		if totals.ByID == nil {
			totals.ByID = map[string]int{}
		}
		totals.ByID[badge.ID] = badge.Zone
		if totals.Seen == nil {
			totals.Seen = map[string]bool{}
		}
		totals.Seen[badge.ID] = true
		if err := w.saveBadgeTotals(ctx, "totals", badge.Door, totals, etag); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

type badgeTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string
}

type badgeTotals struct {
	ByID map[string]int
	Seen map[string]bool
}

// loadBadgeTotals reads the totals.
func (w *BadgeWorker) loadBadgeTotals(ctx context.Context, partition, row string) (value badgeTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoBadge(err) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row badgeTotalsRow
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

func isNoBadge(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
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
	if err := putBadgeRow(ctx, w.table, body, version); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// putBadgeRow adds a row where there was none, and otherwise replaces what was read.
func putBadgeRow(ctx context.Context, table *aztables.Client, row []byte, etag *azcore.ETag) error {
	if etag == nil {
		_, err := table.AddEntity(ctx, row, nil)
		return err
	}
	_, err := table.UpdateEntity(ctx, row, &aztables.UpdateEntityOptions{IfMatch: etag, UpdateMode: aztables.UpdateModeReplace})
	return err
}

// plan: methods layout=work change change.key=single change.change=grow change.match=none change.place=deep change.onerror=retry

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
	resp, err := w.queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.processUpload(ctx, *msg.MessageText); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processUpload does what one upload asks for.
func (w *UploadWorker) processUpload(ctx context.Context, text string) error {
	var upload uploadMessage
	if err := json.Unmarshal([]byte(text), &upload); err != nil {
		return err
	}
	var failure error
	for range 3 {
		if failure = w.applyUploadTotals(ctx, upload); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return failure
	}
	return nil
}

// updateUploadTotals keeps the totals up to date.
func (w *UploadWorker) updateUploadTotals(ctx context.Context, upload uploadMessage) error {
	name := "totals/latest.json"
	var totals uploadTotals
	got, err := w.blobs.DownloadStream(ctx, "uploads-totals", name, nil)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
		return err
	}
	totals.Lines += upload.ID + "\n"
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	if _, err := w.blobs.UploadBuffer(ctx, "uploads-totals", name, body, nil); err != nil {
		return err
	}
	return nil
}

type uploadTotals struct {
	Lines string `json:"lines"`
}

// applyUploadTotals takes one upload further.
func (w *UploadWorker) applyUploadTotals(ctx context.Context, upload uploadMessage) error {
	if upload.ID == "" {
		return errors.New("upload without id")
	}
	if err := w.updateUploadTotals(ctx, upload); err != nil {
		return err
	}
	return nil
}

// plan: batch=2 layout=handle wait wait.place=func wait.seconds=10 put put.row put.key=single put.content=text put.via=funcs

type reviewTask struct {
	ID      string `json:"id"`
	Product string `json:"product"`
	Stars   int    `json:"stars"`
}

// RunReviews receives reviews and does what they ask for.
func RunReviews(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := handleReview(ctx, queue, table, msg); err != nil {
			return fmt.Errorf("review: %w", err)
		}
	}
	return nil
}

// handleReview handles one review.
func handleReview(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var review reviewTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &review); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if err := pauseReviewTotals(ctx, &review); err != nil {
		return err
	}
	body, err := json.Marshal(reviewBoard{
		PartitionKey: "board",
		RowKey:       "current",
		Text:         fmt.Sprintf("%s: %d", review.Product, review.Stars),
	})
	if err != nil {
		return err
	}
	if err := saveReviewBoard(ctx, table, body); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// pauseReviewTotals gives other systems some time.
func pauseReviewTotals(ctx context.Context, review *reviewTask) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(10 * time.Second):
	}
	return nil
}

type reviewBoard struct {
	PartitionKey string
	RowKey       string
	Text         string `json:"text"`
}

// saveReviewBoard writes the board.
func saveReviewBoard(ctx context.Context, table *aztables.Client, body []byte) error {
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: lease=120 layout=handle delete=deferred deleteerror=drop change change.row change.change=include change.guard=older change.absent change.place=closure change.via=funcs

type lectureEvent struct {
	ID     string `json:"id"`
	Course string `json:"course"`
	Seq    int    `json:"seq"`
}

// RunLectures receives lectures and does what they ask for.
func RunLectures(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := handleLecture(ctx, queue, table, msg); err != nil {
		return err
	}
	return nil
}

// handleLecture handles one lecture.
func handleLecture(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	defer queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	var lecture lectureEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &lecture); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	attempt := func() error {
		totals, etag, err := loadLectureTotals(ctx, table, "totals", lecture.ID)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if lecture.Seq <= totals.Seq {
			return nil
		}
		if !slices.Contains(totals.Items, lecture.ID) {
			totals.Items = append(totals.Items, lecture.ID)
		}
		totals.Seq = lecture.Seq
		if err := saveLectureTotals(ctx, table, "totals", lecture.ID, totals, etag); err != nil {
			return err
		}
		return nil
	}
	if err := attempt(); err != nil {
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
	Items []string
	Seq   int
}

// loadLectureTotals reads the totals.
func loadLectureTotals(ctx context.Context, table *aztables.Client, partition, row string) (value lectureTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, partition, row, nil)
	if err != nil && !isNoLecture(err) {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row lectureTotalsRow
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

func isNoLecture(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// saveLectureTotals writes the totals.
func saveLectureTotals(ctx context.Context, table *aztables.Client, partition, row string, value lectureTotals, version *azcore.ETag) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := json.Marshal(lectureTotalsRow{PartitionKey: partition, RowKey: row, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putLectureRow(ctx, table, body, version); err != nil {
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

// plan: forever methods change change.key=single change.retries=2 change.absent change.place=func change.via=iface put put.row put.via=generic

type shiftEvent struct {
	ID    string `json:"id"`
	Ward  string `json:"ward"`
	Hours int    `json:"hours"`
}

// ShiftWorker works on shifts.
type ShiftWorker struct {
	queue       *azqueue.QueueClient
	table       *aztables.Client
	totalsStore shiftTotalsStore
}

// NewShiftWorker makes one.
func NewShiftWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *ShiftWorker {
	return &ShiftWorker{
		queue:       queue,
		table:       table,
		totalsStore: &shiftTotalsBlobs{client: blobs},
	}
}

// Run receives shifts and does what they ask for.
func (w *ShiftWorker) Run(ctx context.Context) error {
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
		var shift shiftEvent
		if err := json.Unmarshal([]byte(*msg.MessageText), &shift); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.updateShiftTotals(ctx, shift); err != nil {
			log.Printf("update: %v", err)
			continue
		}
		if err := saveShiftRow(ctx, w.table, shiftBoard{
			PartitionKey: shift.Ward,
			RowKey:       "board-" + shift.ID,
			ID:           shift.ID,
			Ward:         shift.Ward,
			Hours:        shift.Hours,
		}); err != nil {
			log.Printf("write: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// updateShiftTotals keeps the totals up to date.
func (w *ShiftWorker) updateShiftTotals(ctx context.Context, shift shiftEvent) error {
	for range 3 {
		totals, etag, err := w.totalsStore.LoadShift(ctx, "totals.json")
		if err != nil {
			return err
		}
		totals.Highest = max(totals.Highest, shift.Hours)
		refused := w.totalsStore.SaveShift(ctx, "totals.json", totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type shiftTotals struct {
	Highest int `json:"highest"`
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
	got, err := b.client.DownloadStream(ctx, "archive", name, nil)
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

func (b *shiftTotalsBlobs) SaveShift(ctx context.Context, name string, value shiftTotals, version *azcore.ETag) error {
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

// saveShiftRow encodes a value and writes it.
func saveShiftRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.UpsertEntity(ctx, body, nil); err != nil {
		return err
	}
	return nil
}

type shiftBoard struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Ward         string `json:"ward"`
	Hours        int    `json:"hours"`
}

// plan: lease=30 methods deleteerror=drop change change.change=set change.guard=after change.absent change.place=func

type crateTask struct {
	ID        string `json:"id"`
	Warehouse string `json:"warehouse"`
	Kilos     int    `json:"kilos"`
}

// CrateWorker works on crates.
type CrateWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
	table *aztables.Client
}

// NewCrateWorker makes one.
func NewCrateWorker(queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) *CrateWorker {
	return &CrateWorker{
		queue: queue,
		blobs: blobs,
		table: table,
	}
}

// Run receives crates and does what they ask for.
func (w *CrateWorker) Run(ctx context.Context) error {
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var crate crateTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &crate); err != nil {
		return err
	}
	if err := w.mergeCrateTotals(ctx, &crate); err != nil {
		return err
	}
	w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

// mergeCrateTotals keeps the totals up to date.
func (w *CrateWorker) mergeCrateTotals(ctx context.Context, crate *crateTask) error {
	_, err := w.table.GetEntity(ctx, "done-totals", crate.ID, nil)
	if err == nil {
		return nil // done by an earlier delivery
	}
	if !isNoCrate(err) {
		return err
	}
	var totals crateTotals
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "data", "totals/"+crate.ID+".json", nil)
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
	totals.Latest = crate.Kilos
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadStream(ctx, "data", "totals/"+crate.ID+".json", bytes.NewReader(body), &azblob.UploadStreamOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": crate.ID})
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

type crateTotals struct {
	Latest int `json:"latest"`
}

// plan: lease=120 deleteerror=log create create.row create.content=random create.guard=before create.place=func create.onerror=log create.large change change.row change.key=group change.change=set change.guard=older change.retries=4 change.absent change.place=func change.onerror=retry change change.key=single change.change=include change.guard=applied change.place=closure change.via=funcs

type mealTask struct {
	ID      string `json:"id"`
	Kitchen string `json:"kitchen"`
	Seq     int    `json:"seq"`
}

// RunMeals receives meals and does what they ask for.
func RunMeals(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var meal mealTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &meal); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if meal.Seq > 100 {
		if err := createMealTotals(ctx, table, meal); err != nil {
			log.Printf("create %s: %v", meal.ID, err)
		}
	}
	var failure error
	for range 3 {
		if failure = changeMealBoard(ctx, table, meal); failure == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if failure != nil {
		return fmt.Errorf("change: %w", failure)
	}
	attempt := func() error {
		profile, etag, err := loadMealProfile(ctx, blobs, "profile.json")
		if err != nil {
			return err
		}
		if slices.Contains(profile.Applied, meal.ID) {
			return nil
		}
		if !slices.Contains(profile.Meals, meal.ID) {
			profile.Meals = append(profile.Meals, meal.ID)
		}
		profile.Applied = append(profile.Applied, meal.ID)
		if err := saveMealProfile(ctx, blobs, "profile.json", profile, etag); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	if err := attempt(); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// createMealTotals keeps the totals up to date.
func createMealTotals(ctx context.Context, table *aztables.Client, meal mealTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": meal.ID})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveMeal(err) {
			return nil // done by an earlier delivery
		}
		return err
	}
	body, err := json.Marshal(aztables.EDMEntity{
		Entity: aztables.Entity{PartitionKey: meal.Kitchen, RowKey: "totals-" + meal.ID},
		Properties: map[string]any{
			"ID":      meal.ID,
			"Kitchen": meal.Kitchen,
			"Seq":     meal.Seq,
			"Token":   uuid.NewString(),
		},
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil && !haveMeal(err) {
		return fmt.Errorf("create: %w", err)
	}
	return nil
}

func haveMeal(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

// changeMealBoard keeps the board up to date.
func changeMealBoard(ctx context.Context, table *aztables.Client, meal mealTask) error {
	for try := 0; try < 5; try++ {
		var board mealBoard
		var etag *azcore.ETag
		got, err := table.GetEntity(ctx, "board", meal.Kitchen, nil)
		if err != nil && !isNoMeal(err) {
			return err
		}
		if err == nil {
			if err := json.Unmarshal(got.Value, &board); err != nil {
				return fmt.Errorf("decode: %w", err)
			}
			etag = &got.ETag
		}
		if meal.Seq <= board.Seq {
			return nil
		}
		board.Latest = meal.Seq
		board.Seq = meal.Seq
		board.PartitionKey, board.RowKey = "board", meal.Kitchen
		body, err := json.Marshal(board)
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		refused := putMealRow(ctx, table, body, etag)
		if refused == nil {
			return nil
		}
		if !(staleMeal(refused) || haveMeal(refused)) {
			return fmt.Errorf("write: %w", refused)
		}
	}
	return errors.New("board keep changing")
}

type mealBoard struct {
	PartitionKey string
	RowKey       string
	Latest       int
	Seq          int
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

func staleMeal(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusPreconditionFailed
}

type mealProfile struct {
	Meals   []string
	Applied []string
}

// loadMealProfile reads the profile.
func loadMealProfile(ctx context.Context, blobs *azblob.Client, name string) (value mealProfile, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, "data", name, nil)
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

// saveMealProfile writes the profile.
func saveMealProfile(ctx context.Context, blobs *azblob.Client, name string, value mealProfile, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, "data", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: version}},
	}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plan: batch=3 forever methods change change.key=group change.change=include change.match=wildcard change.place=deep change.via=swap change.onerror=retry

type letterMessage struct {
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
		resp, err := w.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(3))})
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
			var letter letterMessage
			if err := json.Unmarshal([]byte(*msg.MessageText), &letter); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			var failure error
			for range 3 {
				if failure = w.applyLetterTotals(ctx, &letter); failure == nil {
					break
				}
				time.Sleep(time.Second)
			}
			if failure != nil {
				log.Printf("merge: %v", failure)
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete: %v", err)
				continue
			}
		}
	}
}

// mergeLetterTotals keeps the totals up to date.
func (w *LetterWorker) mergeLetterTotals(ctx context.Context, letter *letterMessage) error {
	if err := updateLetterExisting(ctx, w.blobs, "archive", path.Join("totals", letter.District), func(totals *letterTotals) bool {
		if !slices.Contains(totals.Letters, letter.ID) {
			totals.Letters = append(totals.Letters, letter.ID)
		}
		return true
	}); err != nil {
		return err
	}
	return nil
}

type letterTotals struct {
	Letters []string `json:"letters"`
}

// updateLetterExisting changes a value; change returns false to leave it as it is.
func updateLetterExisting[T any](ctx context.Context, blobs *azblob.Client, container, name string, change func(*T) bool) error {
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
		return err
	}
	if !change(&value) {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}},
	}); err != nil {
		return err
	}
	return nil
}

// applyLetterTotals takes one letter further.
func (w *LetterWorker) applyLetterTotals(ctx context.Context, letter *letterMessage) error {
	return w.mergeLetterTotals(ctx, letter)
}

// plan: lease=120 batch=16 forever methods delete=arms deleteerror=log put put.key=fresh put.onerror=retry

type lessonEvent struct {
	ID      string `json:"id"`
	Pupil   string `json:"pupil"`
	Minutes int    `json:"minutes"`
}

// LessonWorker works on lessons.
type LessonWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewLessonWorker makes one.
func NewLessonWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *LessonWorker {
	return &LessonWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives lessons and does what they ask for.
func (w *LessonWorker) Run(ctx context.Context) error {
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
			var lesson lessonEvent
			if err := json.Unmarshal([]byte(*msg.MessageText), &lesson); err != nil {
				log.Printf("decode: %v", err)
				continue
			}
			body, err := json.Marshal(map[string]any{
				"id":      lesson.ID,
				"pupil":   lesson.Pupil,
				"minutes": lesson.Minutes,
			})
			if err != nil {
				log.Printf("encode: %v", err)
				continue
			}
			var failure error
			for range 3 {
				if _, failure = w.blobs.UploadBuffer(ctx, "archive", path.Join("totals", uuid.New().String()), body, nil); failure == nil {
					break
				}
			}
			if failure != nil {
				log.Printf("store: %v", failure)
				continue
			}
			if lesson.Minutes > 100 {
				log.Printf("large lesson %s", lesson.ID)
				if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
					log.Printf("delete %s: %v", *msg.MessageID, err)
				}
				continue
			}
			if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
				log.Printf("delete %s: %v", *msg.MessageID, err)
			}
		}
	}
}

// plan: lease=120 methods layout=handle delete=arms change change.change=chain change.guard=older change.retries=2 change.absent change.place=func change.via=funcs change.onerror=retry put put.key=single

type harvestEvent struct {
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
	resp, err := w.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := w.handleHarvest(ctx, msg); err != nil {
		return fmt.Errorf("harvest: %w", err)
	}
	return nil
}

// handleHarvest handles one harvest.
func (w *HarvestWorker) handleHarvest(ctx context.Context, msg *azqueue.DequeuedMessage) error {
	var harvest harvestEvent
	if err := json.Unmarshal([]byte(*msg.MessageText), &harvest); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	var failure error
	for range 3 {
		if failure = w.updateHarvestTotals(ctx, harvest); failure == nil {
			break
		}
	}
	if failure != nil {
		return failure
	}
	if harvest.Seq > 100 {
		log.Printf("large harvest %s", harvest.ID)
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
		return nil
	}
	name := "board/latest.json"
	body, err := json.Marshal(harvest)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, nil); err != nil {
		return err
	}
	if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// updateHarvestTotals keeps the totals up to date.
func (w *HarvestWorker) updateHarvestTotals(ctx context.Context, harvest harvestEvent) error {
	for range 3 {
		totals, etag, err := w.loadHarvestTotals(ctx, path.Join("totals", harvest.ID))
		if err != nil {
			return err
		}
		if harvest.Seq <= totals.Seq {
			return nil
		}
		sum := sha256.Sum256([]byte(totals.Digest + harvest.ID))
		totals.Digest = hex.EncodeToString(sum[:])
		totals.Seq = harvest.Seq
		refused := w.saveHarvestTotals(ctx, path.Join("totals", harvest.ID), totals, etag)
		if refused == nil {
			return nil
		}
		if !(bloberror.HasCode(refused, bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)) {
			return refused
		}
	}
	return errors.New("totals keep changing")
}

type harvestTotals struct {
	Digest string `json:"digest"`
	Seq    int    `json:"seq"`
}

// loadHarvestTotals reads the totals.
func (w *HarvestWorker) loadHarvestTotals(ctx context.Context, name string) (value harvestTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
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

// saveHarvestTotals writes the totals.
func (w *HarvestWorker) saveHarvestTotals(ctx context.Context, name string, value harvestTotals, version *azcore.ETag) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	only := &blob.ModifiedAccessConditions{IfMatch: version}
	if version == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := w.blobs.UploadBuffer(ctx, "archive", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	return nil
}

// plan: lease=60 forever deleteerror=log change change.row change.key=group change.change=entry change.guard=before change.absent change.place=func

type quoteTask struct {
	ID     string `json:"id"`
	Broker string `json:"broker"`
	Price  int    `json:"price"`
}

// RunQuotes receives quotes and does what they ask for.
func RunQuotes(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
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
		var quote quoteTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &quote); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := changeQuoteTotals(ctx, table, &quote); err != nil {
			log.Printf("change: %v", err)
			continue
		}
		if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete %s: %v", *msg.MessageID, err)
		}
	}
}

// changeQuoteTotals keeps the totals up to date.
func changeQuoteTotals(ctx context.Context, table *aztables.Client, quote *quoteTask) error {
	mark, err := json.Marshal(map[string]any{"PartitionKey": "done-totals", "RowKey": quote.ID})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if _, err := table.AddEntity(ctx, mark, nil); err != nil {
		if haveQuote(err) {
			return nil // done by an earlier delivery
		}
		return fmt.Errorf("mark: %w", err)
	}
	var totals quoteTotals
	var etag *azcore.ETag
	got, err := table.GetEntity(ctx, "totals", quote.Broker, nil)
	if err != nil && !isNoQuote(err) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		var row quoteTotalsRow
		if err := json.Unmarshal(got.Value, &row); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(row.Data), &totals); err != nil {
			return err
		}
		etag = &got.ETag
	}
	if totals.Amounts == nil {
		totals.Amounts = map[string]int{}
	}
	totals.Amounts[quote.ID] = quote.Price
	data, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	body, err := json.Marshal(quoteTotalsRow{PartitionKey: "totals", RowKey: quote.Broker, Data: string(data)})
	if err != nil {
		return err
	}
	if err := putQuoteRow(ctx, table, body, etag); err != nil {
		return err
	}
	return nil
}

func haveQuote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}

type quoteTotalsRow struct {
	PartitionKey string
	RowKey       string
	Data         string `json:"data"`
}

type quoteTotals struct {
	Amounts map[string]int `json:"amounts"`
}

func isNoQuote(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
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

// plan: lease=30 change change.key=single change.change=grow change.via=generic

type songMessage struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Plays  int    `json:"plays"`
}

// RunSongs receives songs and does what they ask for.
func RunSongs(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(30))})
	if err != nil {
		return err
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var song songMessage
	if err := json.Unmarshal([]byte(*msg.MessageText), &song); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := "totals/latest.json"
	totals, etag, err := loadSongJSON[songTotals](ctx, blobs, "songs-totals", name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	totals.Notes += song.ID + "\n"
	if err := saveSongJSON(ctx, blobs, "songs-totals", name, totals, etag); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

type songTotals struct {
	Notes string `json:"notes"`
}

// loadSongJSON reads a value.
func loadSongJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string) (value T, version *azcore.ETag, err error) {
	got, err := blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err := json.NewDecoder(got.Body).Decode(&value); err != nil {
		return value, version, fmt.Errorf("decode: %w", err)
	}
	return value, got.ETag, nil
}

// saveSongJSON writes a value.
func saveSongJSON[T any](ctx context.Context, blobs *azblob.Client, container, name string, value T, version *azcore.ETag) error {
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

// plan: deleteerror=drop change change.change=entry change.absent change.stamp

type fineTask struct {
	ID    string `json:"id"`
	Plate string `json:"plate"`
	Euros int    `json:"euros"`
}

// RunFines receives fines and does what they ask for.
func RunFines(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	var fine fineTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &fine); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := "totals/" + fine.ID
	var totals fineTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "fines", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return fmt.Errorf("read: %w", err)
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if totals.Entries == nil {
		totals.Entries = map[string]int{}
	}
	totals.Entries[fine.ID] = fine.Euros
	totals.WrittenAt = time.Now().UTC()
	body, err := json.Marshal(totals)
	if err != nil {
		return err
	}
	only := &blob.ModifiedAccessConditions{IfMatch: etag}
	if etag == nil {
		only.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	if _, err := blobs.UploadBuffer(ctx, "fines", name, body, &azblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
	}); err != nil {
		return err
	}
	_, _ = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return nil
}

type fineTotals struct {
	Entries   map[string]int
	WrittenAt time.Time
}

// plan: lease=120 batch=2 change change.key=group change.retries=4 change.stamp change.place=deep change.via=iface

type loanTask struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	Sum    int    `json:"sum"`
}

// RunLoans receives loans and does what they ask for.
func RunLoans(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
	totalsStore := &loanTotalsBlobs{client: blobs}
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(2)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		var loan loanTask
		if err := json.Unmarshal([]byte(*msg.MessageText), &loan); err != nil {
			return err
		}
		if err := applyLoanTotals(ctx, totalsStore, loan); err != nil {
			return fmt.Errorf("update: %w", err)
		}
		if _, err := queue.DeleteMessage(context.WithoutCancel(ctx), *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

// updateLoanTotals keeps the totals up to date.
func updateLoanTotals(ctx context.Context, totalsStore loanTotalsStore, loan loanTask) error {
	for range 5 {
		totals, etag, err := totalsStore.LoadLoan(ctx, "totals/"+loan.Branch+".json")
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		totals.Most = max(totals.Most, loan.Sum)
		totals.WrittenAt = time.Now().UTC()
		refused := totalsStore.SaveLoan(ctx, "totals/"+loan.Branch+".json", totals, etag)
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
	Most      int
	WrittenAt time.Time
}

// loanTotalsStore keeps them.
type loanTotalsStore interface {
	LoadLoan(ctx context.Context, name string) (value loanTotals, version *azcore.ETag, err error)
	SaveLoan(ctx context.Context, name string, value loanTotals, version *azcore.ETag) error
}

type loanTotalsBlobs struct {
	client *azblob.Client
}

func (b *loanTotalsBlobs) LoadLoan(ctx context.Context, name string) (value loanTotals, version *azcore.ETag, err error) {
	got, err := b.client.DownloadStream(ctx, "data", name, nil)
	if err != nil {
		return value, version, fmt.Errorf("read: %w", err)
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return value, version, fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, version, err
	}
	return value, got.ETag, nil
}

func (b *loanTotalsBlobs) SaveLoan(ctx context.Context, name string, value loanTotals, version *azcore.ETag) error {
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

// applyLoanTotals takes one loan further.
func applyLoanTotals(ctx context.Context, totalsStore loanTotalsStore, loan loanTask) error {
	return updateLoanTotals(ctx, totalsStore, loan)
}

// plan: batch=2 forever layout=work change change.key=group change.change=append change.guard=seen change.absent

type tourTask struct {
	ID     string `json:"id"`
	Guide  string `json:"guide"`
	Guests int    `json:"guests"`
}

// RunTours receives tours and does what they ask for.
func RunTours(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client) error {
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
			if err := processTour(ctx, blobs, *msg.MessageText); err != nil {
				log.Printf("tour: %v", err)
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

// processTour does what one tour asks for.
func processTour(ctx context.Context, blobs *azblob.Client, text string) error {
	var tour tourTask
	if err := json.Unmarshal([]byte(text), &tour); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	name := "totals/" + tour.Guide
	var totals tourTotals
	var etag *azcore.ETag
	got, err := blobs.DownloadStream(ctx, "tours", name, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
		return err
	}
	if err == nil {
		if err := json.NewDecoder(got.Body).Decode(&totals); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		etag = got.ETag
	}
	if !totals.Applied[tour.ID] {
		totals.Members = append(totals.Members, tour.ID)
		if totals.Applied == nil {
			totals.Applied = map[string]bool{}
		}
		totals.Applied[tour.ID] = true
		body, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		only := &blob.ModifiedAccessConditions{IfMatch: etag}
		if etag == nil {
			only.IfNoneMatch = to.Ptr(azcore.ETagAny)
		}
		if _, err := blobs.UploadBuffer(ctx, "tours", name, body, &azblob.UploadBufferOptions{
			AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: only},
		}); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

type tourTotals struct {
	Members []string        `json:"members"`
	Applied map[string]bool `json:"applied"`
}

// plan: lease=120 batch=4 layout=handle delete=forgotten deleteerror=log put put.row put.content=mixed

type orderTask struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// RunOrders receives orders and does what they ask for.
func RunOrders(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client) error {
	resp, err := queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(120))})
	if err != nil {
		return err
	}
	for _, msg := range resp.Messages {
		if err := handleOrder(ctx, queue, blobs, table, msg); err != nil {
			log.Printf("order: %v", err)
			continue
		}
	}
	return nil
}

// handleOrder handles one order.
func handleOrder(ctx context.Context, queue *azqueue.QueueClient, blobs *azblob.Client, table *aztables.Client, msg *azqueue.DequeuedMessage) error {
	var order orderTask
	if err := json.Unmarshal([]byte(*msg.MessageText), &order); err != nil {
		return err
	}
	current, err := blobs.DownloadStream(ctx, "settings", "rates.json", nil)
	if err != nil {
		return err
	}
	var settings struct{ Rate int }
	if err := json.NewDecoder(current.Body).Decode(&settings); err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{
		"PartitionKey": order.Customer,
		"RowKey":       "totals-" + order.ID,
		"ID":           order.ID,
		"Customer":     order.Customer,
		"Cents":        order.Cents,
		"Rate":         settings.Rate,
	})
	if err != nil {
		return err
	}
	if _, err := table.UpsertEntity(ctx, body, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}); err != nil {
		return err
	}
	if order.Cents > 100 {
		log.Printf("large order %s", order.ID)
		return nil
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		log.Printf("delete %s: %v", *msg.MessageID, err)
	}
	return nil
}

// plan: lease=30 forever methods change change.absent change.place=func change.via=funcs

type parcelMessage struct {
	ID    string `json:"id"`
	Depot string `json:"depot"`
	Grams int    `json:"grams"`
}

// ParcelWorker works on parcels.
type ParcelWorker struct {
	queue *azqueue.QueueClient
	blobs *azblob.Client
}

// NewParcelWorker makes one.
func NewParcelWorker(queue *azqueue.QueueClient, blobs *azblob.Client) *ParcelWorker {
	return &ParcelWorker{
		queue: queue,
		blobs: blobs,
	}
}

// Run receives parcels and does what they ask for.
func (w *ParcelWorker) Run(ctx context.Context) error {
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
		var parcel parcelMessage
		if err := json.Unmarshal([]byte(*msg.MessageText), &parcel); err != nil {
			log.Printf("decode: %v", err)
			continue
		}
		if err := w.updateParcelTotals(ctx, parcel); err != nil {
			log.Printf("update: %v", err)
			continue
		}
		if _, err := w.queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			log.Printf("delete: %v", err)
			continue
		}
	}
}

// updateParcelTotals keeps the totals up to date.
func (w *ParcelWorker) updateParcelTotals(ctx context.Context, parcel parcelMessage) error {
	totals, etag, err := w.loadParcelTotals(ctx, path.Join("totals", parcel.ID))
	if err != nil {
		return err
	}
	totals.Most = max(totals.Most, parcel.Grams)
	if err := w.saveParcelTotals(ctx, path.Join("totals", parcel.ID), totals, etag); err != nil {
		return err
	}
	return nil
}

type parcelTotals struct {
	Most int `json:"most"`
}

// loadParcelTotals reads the totals.
func (w *ParcelWorker) loadParcelTotals(ctx context.Context, name string) (value parcelTotals, version *azcore.ETag, err error) {
	var etag *azcore.ETag
	got, err := w.blobs.DownloadStream(ctx, "archive", name, nil)
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

// saveParcelTotals writes the totals.
func (w *ParcelWorker) saveParcelTotals(ctx context.Context, name string, value parcelTotals, version *azcore.ETag) error {
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
		return err
	}
	return nil
}

// plan: lease=60 layout=work create create.row create.content=random create.via=generic

type invoiceMessage struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Amount  int    `json:"amount"`
}

// RunInvoices receives invoices and does what they ask for.
func RunInvoices(ctx context.Context, queue *azqueue.QueueClient, table *aztables.Client) error {
	resp, err := queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(resp.Messages) == 0 {
		return nil
	}
	msg := resp.Messages[0]
	if err := processInvoice(ctx, table, *msg.MessageText); err != nil {
		return err
	}
	if _, err := queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
		return err
	}
	return nil
}

// processInvoice does what one invoice asks for.
func processInvoice(ctx context.Context, table *aztables.Client, text string) error {
	var invoice invoiceMessage
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return err
	}
	if err := createInvoiceRow(ctx, table, invoiceTotals{
		PartitionKey: "totals",
		RowKey:       invoice.ID,
		ID:           invoice.ID,
		Account:      invoice.Account,
		Amount:       invoice.Amount,
		Secret:       uuid.NewString(),
	}); err != nil {
		if !haveInvoice(err) {
			return err
		}
		log.Printf("invoice %s is there already", invoice.ID)
	}
	return nil
}

// createInvoiceRow encodes a value and writes it.
func createInvoiceRow[T any](ctx context.Context, table *aztables.Client, value T) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := table.AddEntity(ctx, body, nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

type invoiceTotals struct {
	PartitionKey string
	RowKey       string
	ID           string `json:"id"`
	Account      string `json:"account"`
	Amount       int    `json:"amount"`
	Secret       string `json:"secret"`
}

func haveInvoice(err error) bool {
	var refused *azcore.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusConflict
}
