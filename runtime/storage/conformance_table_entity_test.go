package storage_test

import (
	"encoding/json"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// entityCases are about adding, changing, and deleting.
var entityCases = []tableCase{
	{
		name: "an entity is added once",
		play: func(p *tablePlay) {
			p.add(entity("p", "r", "Count", 1))
			p.add(entity("p", "r", "Count", 2))
			p.get("p", "r")
		},
		want: []string{"ok", "409 EntityAlreadyExists", `Count=1 PartitionKey="p" RowKey="r"`},
	},
	{
		name: "what is not there",
		play: func(p *tablePlay) {
			p.get("p", "r")
			p.update(entity("p", "r"), merge, nil)
			p.update(entity("p", "r"), replace, nil)
			p.update(entity("p", "r"), replace, stale)
			p.remove("p", "r", nil)
			p.remove("p", "r", stale)
		},
		want: []string{"404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound", "404 ResourceNotFound"},
	},
	{
		name: "a table that is not there",
		play: func(p *tablePlay) {
			p.table = p.clients.Tables.NewClient(p.name + "missing")
			p.add(entity("p", "r"))
			p.get("p", "r")
			p.update(entity("p", "r"), merge, nil)
			p.upsert(entity("p", "r"), replace)
			p.remove("p", "r", nil)
			p.filtered("RowKey eq 'r'")
			p.submit(aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "r")})
			_, err := p.table.GetAccessPolicy(p.ctx(), nil)
			p.result(err)
		},
		want: []string{"404 TableNotFound", "404 TableNotFound", "404 TableNotFound", "404 TableNotFound", "404 TableNotFound", "404 TableNotFound", `202 "": 0:404 TableNotFound`, "404 TableNotFound"},
	},
	{
		name: "every answer has the same ETag, and every change another",
		play: func(p *tablePlay) {
			added := p.add(entity("p", "r", "Count", 1))
			got := p.get("p", "r")
			p.say("%v", got == added)
			r, err := p.table.GetEntity(p.ctx(), "p", "r", nil)
			if err != nil {
				p.t.Fatal(err)
			}
			var e aztables.EDMEntity
			if err := json.Unmarshal(r.Value, &e); err != nil {
				p.t.Fatal(err)
			}
			p.say("%v", e.ETag == string(got))
			seen := map[azcore.ETag]bool{added: true}
			for _, mode := range []aztables.UpdateMode{merge, replace} {
				seen[p.update(entity("p", "r", "Count", 1), mode, nil)] = true
				seen[p.upsert(entity("p", "r", "Count", 1), mode)] = true
			}
			p.remove("p", "r", nil)
			seen[p.add(entity("p", "r", "Count", 1))] = true
			p.say("%d versions", len(seen))
		},
		want: []string{"ok", `Count=1 PartitionKey="p" RowKey="r"`, "true", "true", "ok", "ok", "ok", "ok", "ok", "ok", "6 versions"},
	},
	{
		name: "a merge keeps what it does not name, a replacement does not",
		play: func(p *tablePlay) {
			p.add(entity("p", "r", "A", 1, "B", 2))
			p.update(entity("p", "r", "B", 3, "C", 4), merge, nil)
			p.get("p", "r")
			p.update(entity("p", "r", "C", 5), replace, nil)
			p.get("p", "r")
			p.upsert(entity("p", "r", "D", 6), merge)
			p.get("p", "r")
			p.upsert(entity("p", "r", "E", 7), replace)
			p.get("p", "r")
		},
		want: []string{
			"ok", "ok", `A=1 B=3 C=4 PartitionKey="p" RowKey="r"`,
			"ok", `C=5 PartitionKey="p" RowKey="r"`,
			"ok", `C=5 D=6 PartitionKey="p" RowKey="r"`,
			"ok", `E=7 PartitionKey="p" RowKey="r"`,
		},
	},
	{
		name: "an upsert adds what is not there",
		play: func(p *tablePlay) {
			p.upsert(entity("p", "merged", "A", 1), merge)
			p.upsert(entity("p", "replaced", "A", 1), replace)
			p.get("p", "merged")
			p.get("p", "replaced")
		},
		want: []string{"ok", "ok", `A=1 PartitionKey="p" RowKey="merged"`, `A=1 PartitionKey="p" RowKey="replaced"`},
	},
	{
		name: "a condition is met or the change is not made",
		play: func(p *tablePlay) {
			first := p.add(entity("p", "r", "Count", 1))
			second := p.update(entity("p", "r", "Count", 2), merge, &first)
			p.update(entity("p", "r", "Count", 3), merge, &first)
			p.update(entity("p", "r", "Count", 3), replace, &first)
			p.update(entity("p", "r", "Count", 3), replace, stale)
			p.remove("p", "r", &first)
			p.get("p", "r")
			third := p.update(entity("p", "r", "Count", 3), replace, &second)
			p.remove("p", "r", &third)
			p.remove("p", "r", &third)
		},
		want: []string{
			"ok", "ok", "412 UpdateConditionNotSatisfied", "412 UpdateConditionNotSatisfied", "412 UpdateConditionNotSatisfied", "412 UpdateConditionNotSatisfied",
			`Count=2 PartitionKey="p" RowKey="r"`, "ok", "ok", "404 ResourceNotFound",
		},
	},
	{
		name: "an ETag of no form",
		play: func(p *tablePlay) {
			p.add(entity("p", "r"))
			for _, bad := range []azcore.ETag{"nonsense", `"strong"`} {
				p.update(entity("p", "r"), replace, &bad)
				p.update(entity("p", "r"), merge, &bad)
				p.remove("p", "r", &bad)
			}
		},
		want:    []string{"ok", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput"},
		azurite: []string{"ok", "400 InvalidInput", "400 InvalidOperation", "400 InvalidInput", "400 InvalidInput", "400 InvalidOperation", "400 InvalidInput"},
		source:  rest + "table-service-error-codes",
	},
	{
		name: "an ETag that is empty",
		play: func(p *tablePlay) {
			p.add(entity("p", "r"))
			p.update(entity("p", "r"), replace, etag(""))
			p.update(entity("p", "r"), merge, etag(""))
			p.remove("p", "r", etag(""))
		},
		want:    []string{"ok", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput"},
		azurite: []string{"ok", "412 UpdateConditionNotSatisfied", "412 UpdateConditionNotSatisfied", "412 UpdateConditionNotSatisfied"},
		source:  rest + "table-service-error-codes",
	},
	{
		name: "an entity without keys",
		play: func(p *tablePlay) {
			for _, e := range []string{`{"PartitionKey":"p"}`, `{"RowKey":"r"}`, `{"PartitionKey":null,"RowKey":"r"}`} {
				p.add([]byte(e))
			}
		},
		want: []string{
			"entity must have a PartitionKey and RowKey",
			"entity must have a PartitionKey and RowKey",
			"400 PropertiesNeedValue",
		},
	},
	{
		name: "keys of all kinds are told apart and given back",
		play: func(p *tablePlay) {
			for _, row := range []string{"", " ", "a b", "a%20b", "a+b", "o'brien", "''", "(a,b)='c'", "&=;", "ünïcode", "日本", "\U0001F600", "A", "a"} {
				p.add(entity("p", row, "Row", row))
				p.get("p", row)
			}
		},
		want: []string{
			"ok", `PartitionKey="p" Row="" RowKey=""`,
			"ok", `PartitionKey="p" Row=" " RowKey=" "`,
			"ok", `PartitionKey="p" Row="a b" RowKey="a b"`,
			"ok", `PartitionKey="p" Row="a%20b" RowKey="a%20b"`,
			"ok", `PartitionKey="p" Row="a+b" RowKey="a+b"`,
			"ok", `PartitionKey="p" Row="o'brien" RowKey="o'brien"`,
			"ok", `PartitionKey="p" Row="''" RowKey="''"`,
			"ok", `PartitionKey="p" Row="(a,b)='c'" RowKey="(a,b)='c'"`,
			"ok", `PartitionKey="p" Row="\u0026=;" RowKey="\u0026=;"`,
			"ok", `PartitionKey="p" Row="ünïcode" RowKey="ünïcode"`,
			"ok", `PartitionKey="p" Row="日本" RowKey="日本"`,
			"ok", "PartitionKey=\"p\" Row=\"\U0001F600\" RowKey=\"\U0001F600\"",
			"ok", `PartitionKey="p" Row="A" RowKey="A"`,
			"ok", `PartitionKey="p" Row="a" RowKey="a"`,
		},
	},
	{
		name: "keys that no entity can have",
		play: func(p *tablePlay) {
			for _, row := range []string{"a/b", `a\b`, "a#b", "a?b", "a\tb", "a\u0085b"} {
				p.add(entity("p", row))
				p.upsert(entity("p", row), replace)
			}
		},
		want: []string{
			"400 OutOfRangeInput", "400 InvalidInput", "400 OutOfRangeInput", "400 InvalidInput", "400 OutOfRangeInput", "400 OutOfRangeInput",
			"400 OutOfRangeInput", "400 OutOfRangeInput", "400 OutOfRangeInput", "400 OutOfRangeInput", "400 OutOfRangeInput", "400 OutOfRangeInput",
		},
		azurite: []string{
			"400 InvalidInput", "500 ", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput",
			"400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput",
		},
		source: rest + "common-rest-api-error-codes",
	},
	{
		name: "keys that are long",
		play: func(p *tablePlay) {
			for _, n := range []int{512, 1024, 1025} {
				p.add(entity("p", strings.Repeat("k", n)))
			}
		},
		want:    []string{"ok", "ok", "400 KeyValueTooLarge"},
		azurite: []string{"ok", "400 InvalidInput", "400 InvalidInput"},
		source:  "https://learn.microsoft.com/azure/storage/tables/scalability-targets",
	},
	{
		name: "how much metadata comes",
		play: func(p *tablePlay) {
			for _, format := range []aztables.MetadataFormat{aztables.MetadataFormatNone, aztables.MetadataFormatMinimal, aztables.MetadataFormatFull} {
				e := entity("p", string(format[len("application/json;odata="):]), "Big", "1", "Big@odata.type", "Edm.Int64", "N", 1)
				added, err := p.table.AddEntity(p.ctx(), e, &aztables.AddEntityOptions{Format: &format})
				if err != nil {
					p.t.Fatal(err)
				}
				p.say("%s", members(p.t, added.Value))
				got, err := p.table.GetEntity(p.ctx(), "p", string(format[len("application/json;odata="):]), &aztables.GetEntityOptions{Format: &format})
				if err != nil {
					p.t.Fatal(err)
				}
				p.say("%s", members(p.t, got.Value))
			}
		},
		want: []string{
			"Big N PartitionKey RowKey Timestamp",
			"Big N PartitionKey RowKey Timestamp",
			"Big Big@odata.type N PartitionKey RowKey Timestamp odata.etag odata.metadata",
			"Big Big@odata.type N PartitionKey RowKey Timestamp odata.etag odata.metadata",
			"Big Big@odata.type N PartitionKey RowKey Timestamp Timestamp@odata.type odata.editLink odata.etag odata.id odata.metadata odata.type",
			"Big Big@odata.type N PartitionKey RowKey Timestamp Timestamp@odata.type odata.editLink odata.etag odata.id odata.metadata odata.type",
		},
	},
}
