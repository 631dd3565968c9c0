package storage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/idemlint/idemlint/runtime/storage"
)

// tableCase is calls of the official client on a table of their own, and what they come
// to, as [tablePlay] writes it down.
type tableCase struct {
	name string
	play func(p *tablePlay)
	want []string
	// azurite is what Azurite answers instead, where it differs from the service, and
	// source the documentation that decides. A difference that Azurite has mended fails.
	azurite []string
	source  string
}

const rest = "https://learn.microsoft.com/rest/api/storageservices/"

// TestTables plays each case against the account in this process and against Azurite.
func TestTables(t *testing.T) {
	for _, group := range [][]tableCase{tableCases, entityCases, valueCases, queryCases, transactionCases} {
		for _, test := range group {
			t.Run(test.name, func(t *testing.T) {
				if (test.azurite == nil) != (test.source == "") {
					t.Fatal("a difference needs its source, and a source a difference")
				}
				each(t, func(t *testing.T, c storage.Clients) {
					want := test.want
					if onAzurite(t) && test.azurite != nil {
						want = test.azurite
					}
					p := &tablePlay{t: t, clients: c, name: unique(t, "table")}
					p.table = c.Tables.NewClient(p.name)
					if _, err := p.table.CreateTable(t.Context(), nil); err != nil {
						t.Fatal(err)
					}
					test.play(p)
					if !slices.Equal(p.log, want) {
						t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(p.log, "\n\t"), strings.Join(want, "\n\t"))
					}
				})
			})
		}
	}
}

// tablePlay writes down what calls on one table come to.
type tablePlay struct {
	t       *testing.T
	clients storage.Clients
	table   *aztables.Client
	name    string
	log     []string
}

func (p *tablePlay) ctx() context.Context { return p.t.Context() }

// say writes down a line, with what differs from run to run replaced.
func (p *tablePlay) say(format string, args ...any) {
	p.log = append(p.log, strings.ReplaceAll(fmt.Sprintf(format, args...), p.name, "TABLE"))
}

// result writes down that a call succeeded, or the service's refusal.
func (p *tablePlay) result(err error) {
	var refusal *azcore.ResponseError
	switch {
	case err == nil:
		p.say("ok")
	case errors.As(err, &refusal) && refusal.StatusCode == 202:
		// A transaction that failed: the client tells no code, so look inside.
		inner := regexp.MustCompile(`"code":"(\w*)".*"value":"(\d*:?)`).FindStringSubmatch(err.Error())
		status := regexp.MustCompile(`HTTP/1\.1 (\d+)`).FindStringSubmatch(err.Error())
		if inner == nil || status == nil {
			p.say("202 %q, with no refusal in it", refusal.ErrorCode)
			return
		}
		p.say("202 %q: %s%s %s", refusal.ErrorCode, inner[2], status[1], inner[1])
	case errors.As(err, &refusal):
		p.say("%d %s", refusal.StatusCode, refusal.ErrorCode)
	default:
		p.say("%v", err)
	}
}

// entity is a JSON entity with these properties besides its keys.
func entity(partition, row string, properties ...any) []byte {
	m := map[string]any{"PartitionKey": partition, "RowKey": row}
	for i := 0; i+1 < len(properties); i += 2 {
		m[properties[i].(string)] = properties[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func (p *tablePlay) add(e []byte) azcore.ETag {
	r, err := p.table.AddEntity(p.ctx(), e, nil)
	p.result(err)
	return r.ETag
}

func (p *tablePlay) update(e []byte, mode aztables.UpdateMode, match *azcore.ETag) azcore.ETag {
	r, err := p.table.UpdateEntity(p.ctx(), e, &aztables.UpdateEntityOptions{UpdateMode: mode, IfMatch: match})
	p.result(err)
	return r.ETag
}

func (p *tablePlay) upsert(e []byte, mode aztables.UpdateMode) azcore.ETag {
	r, err := p.table.UpsertEntity(p.ctx(), e, &aztables.UpsertEntityOptions{UpdateMode: mode})
	p.result(err)
	return r.ETag
}

func (p *tablePlay) remove(partition, row string, match *azcore.ETag) {
	_, err := p.table.DeleteEntity(p.ctx(), partition, row, &aztables.DeleteEntityOptions{IfMatch: match})
	p.result(err)
}

// get writes down an entity: its properties as the client sees them.
func (p *tablePlay) get(partition, row string) azcore.ETag {
	r, err := p.table.GetEntity(p.ctx(), partition, row, nil)
	if err != nil {
		p.result(err)
		return ""
	}
	p.say("%s", properties(p.t, r.Value))
	return r.ETag
}

// list writes down what a query gives, page by page.
func (p *tablePlay) list(o aztables.ListEntitiesOptions) {
	pages := 0
	for pager := p.table.NewListEntitiesPager(&o); pager.More() && pages < 5; pages++ {
		page, err := pager.NextPage(p.ctx())
		if err != nil {
			p.result(err)
			return
		}
		rows := make([]string, 0, len(page.Entities))
		for _, e := range page.Entities {
			if o.Select != nil {
				rows = append(rows, properties(p.t, e))
				continue
			}
			var keys struct{ PartitionKey, RowKey string }
			if err := json.Unmarshal(e, &keys); err != nil {
				p.t.Fatal(err)
			}
			rows = append(rows, keys.PartitionKey+"/"+keys.RowKey)
		}
		p.say("%s", strings.Join(rows, " "))
	}
}

// filtered writes down what a filter lets through.
func (p *tablePlay) filtered(filter string) {
	p.list(aztables.ListEntitiesOptions{Filter: &filter})
}

func (p *tablePlay) submit(actions ...aztables.TransactionAction) {
	_, err := p.table.SubmitTransaction(p.ctx(), actions, nil)
	p.result(err)
}

// properties is a JSON entity in one line, sorted, without control information and with
// the Timestamp only told to be there.
func properties(t *testing.T, value []byte) string {
	var m map[string]any
	if err := json.Unmarshal(value, &m); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch {
		case strings.HasPrefix(name, "odata."), strings.HasSuffix(name, "@odata.type"), name == "Timestamp":
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		v, err := json.Marshal(m[name])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s=%s", name, v)
		if edm, typed := m[name+"@odata.type"]; typed {
			fmt.Fprintf(&b, ":%s", strings.TrimPrefix(edm.(string), "Edm."))
		}
	}
	return b.String()
}

func etag(e azcore.ETag) *azcore.ETag { return &e }

const (
	merge   = aztables.UpdateModeMerge
	replace = aztables.UpdateModeReplace
)

var stale = etag(`W/"datetime'2001-02-03T04%3A05%3A06.7Z'"`)

// members are the names in a JSON object.
func members(t *testing.T, value []byte) string {
	var m map[string]any
	if err := json.Unmarshal(value, &m); err != nil {
		t.Fatal(err)
	}
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}
