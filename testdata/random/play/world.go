package play

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/storage"
)

// What every world has: a table, a queue for what is sent, and settings, which others may
// change.
const (
	tableName = "data"
	outName   = "out"
	settings  = `{"Rate":3}`
	changed   = `{"Rate":5}`
	noticed   = "what-readers-saw"
)

func (w World) explorable() explore.World {
	return explore.World{
		Queue: w.Queue, Messages: w.Messages, Before: w.before,
		Limits: explore.Limits{Schedules: w.Schedules},
	}
}

func (w World) before(ctx context.Context, in *explore.Instance) error {
	made := map[string]bool{}
	blobs := maps.Clone(w.Blobs)
	if blobs == nil {
		blobs = map[string]string{}
	}
	blobs[w.Settings] = settings
	if len(w.Notice) > 0 {
		blobs[noticed+"/"] = ""
	}
	for _, path := range slices.Sorted(maps.Keys(blobs)) {
		container, name, _ := strings.Cut(path, "/")
		if !made[container] {
			made[container] = true
			if _, err := in.Storage().CreateContainer(ctx, container, nil); err != nil {
				return err
			}
		}
		if name == "" {
			continue
		}
		if _, err := in.Storage().UploadBuffer(ctx, container, name, []byte(blobs[path]), nil); err != nil {
			return err
		}
	}
	if _, err := in.Queue(outName).Create(ctx, nil); err != nil {
		return err
	}
	if _, err := in.Tables.CreateTable(ctx, tableName, nil); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(w.Rows)) {
		entity := map[string]any{}
		if err := json.Unmarshal([]byte(w.Rows[path]), &entity); err != nil {
			return err
		}
		entity["PartitionKey"], entity["RowKey"], _ = strings.Cut(path, "/")
		raw, err := json.Marshal(entity)
		if err != nil {
			return err
		}
		if _, err := in.Tables.NewClient(tableName).AddEntity(ctx, raw, nil); err != nil {
			return err
		}
	}
	return nil
}

// handler gives h its clients.
func (w World) handler(h Handler) explore.Handler {
	if len(w.Notice) == 0 && len(w.Change) == 0 && !w.Single {
		return func(ctx context.Context, in *explore.Instance) error {
			return h(ctx, Clients{
				Queue: in.Queue(w.Queue), Out: in.Queue(outName),
				Blobs: in.Storage(), Table: in.Tables.NewClient(tableName),
				Container: in.Storage().ServiceClient().NewContainerClient,
			})
		}
	}
	return func(ctx context.Context, in *explore.Instance) error {
		via := watched{in.Transport(), w, in}
		c, err := in.Account.Dial(via, in.ClientOptions().Retry)
		if err != nil {
			return err
		}
		options := in.ClientOptions()
		options.Transport = via
		blobs, err := azblob.NewClientWithNoCredential(in.Account.BlobURL(""), &azblob.ClientOptions{ClientOptions: options})
		if err != nil {
			return err
		}
		return h(ctx, Clients{
			Queue: c.Queues.NewQueueClient(w.Queue), Out: c.Queues.NewQueueClient(outName),
			Blobs: blobs, Table: c.Tables.NewClient(tableName),
			Container: blobs.ServiceClient().NewContainerClient,
		})
	}
}

// watched lets others act right after each request of the handler.
type watched struct {
	policy.Transporter
	world World
	in    *explore.Instance
}

func (w watched) Do(r *http.Request) (*http.Response, error) {
	if w.world.Single && r.Method == http.MethodGet && r.URL.Query().Has("numofmessages") {
		r = r.Clone(r.Context())
		q := r.URL.Query()
		q.Set("numofmessages", "1")
		r.URL.RawQuery = q.Encode()
	}
	if len(w.world.Notice)+len(w.world.Change) > 0 {
		defer w.world.others(w.in)
	}
	return w.Transporter.Do(r)
}

// others are those with whom the handler shares its storage account: a reader, who notes
// what he finds, and somebody who changes the settings. What they do is no operation.
func (w World) others(in *explore.Instance) {
	direct, err := in.Account.Dial(in.Account, policy.RetryOptions{MaxRetries: -1})
	if err != nil {
		panic(err)
	}
	found := contents(in.Account)
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if begins(path, w.Change) && found["blob "+w.Settings] == settings {
			container, name, _ := strings.Cut(w.Settings, "/")
			put(direct, container, name, changed)
		}
		if begins(path, w.Notice) {
			note(direct, found, path+" "+found[path])
		}
	}
}

func begins(path string, with []string) bool {
	return slices.ContainsFunc(with, func(w string) bool { return strings.HasPrefix(path, w) })
}

// note keeps what the reader has seen, once.
func note(direct storage.Clients, found map[string]string, what string) {
	n := 0
	for path, text := range found {
		if strings.HasPrefix(path, "blob "+noticed+"/") {
			if text == what {
				return
			}
			n++
		}
	}
	name := strconv.Itoa(n)
	put(direct, noticed, name, what)
	found["blob "+noticed+"/"+name] = what
}

func put(direct storage.Clients, container, name, content string) {
	blob := direct.Blobs.NewContainerClient(container).NewBlockBlobClient(name)
	if _, err := blob.UploadBuffer(context.Background(), []byte(content), nil); err != nil {
		panic(err)
	}
}

// contents are all blobs and rows of an account, by the names that State.Lines gives them.
func contents(account *storage.Account) map[string]string {
	all := map[string]string{}
	for container, blobs := range account.Blobs.Snapshot() {
		for name, b := range blobs {
			all["blob "+container+"/"+name] = string(b.Content)
		}
	}
	for table, rows := range account.Tables.Snapshot() {
		for key, row := range rows {
			all["row "+table+"/"+key.Partition+"/"+key.Row] = fmt.Sprint(row.Properties)
		}
	}
	return all
}
