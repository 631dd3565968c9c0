package storage_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// people are what the queries below go through.
func people(p *tablePlay) {
	for _, e := range [][]byte{
		entity("b", "2", "Name", "Ada", "Age", 36, "Active", true),
		entity("a", "10", "Name", "Bo", "Age", 41, "Active", false),
		entity("a", "2", "Name", "O'Neil", "Age", 29, "Score", 1.5),
		entity("b", "1", "Name", "Di", "Long", "5", "Long@odata.type", "Edm.Int64",
			"Since", "2008-07-10T00:00:00Z", "Since@odata.type", "Edm.DateTime",
			"Id", "a455c695-df98-5678-aaaa-81d3367e5a34", "Id@odata.type", "Edm.Guid",
			"Raw", "AQI=", "Raw@odata.type", "Edm.Binary"),
	} {
		if _, err := p.table.AddEntity(p.ctx(), e, nil); err != nil {
			p.t.Fatal(err)
		}
	}
}

// filters is a case that asks for people with each filter.
func filters(name string, pairs ...string) tableCase {
	var want []string
	for i := 1; i < len(pairs); i += 2 {
		want = append(want, pairs[i-1]+" -> "+pairs[i])
	}
	return tableCase{
		name: name,
		play: func(p *tablePlay) {
			people(p)
			for i := 0; i < len(pairs); i += 2 {
				p.filtered(pairs[i])
				p.log[len(p.log)-1] = pairs[i] + " -> " + p.log[len(p.log)-1]
			}
		},
		want: want,
	}
}

// differ is the case with what Azurite answers to some of its filters instead.
func (c tableCase) differ(source string, pairs ...string) tableCase {
	c.source = source
	c.azurite = append([]string(nil), c.want...)
	for i := 1; i < len(pairs); i += 2 {
		for j, line := range c.azurite {
			if strings.HasPrefix(line, pairs[i-1]+" -> ") {
				c.azurite[j] = pairs[i-1] + " -> " + pairs[i]
			}
		}
	}
	return c
}

var queryCases = []tableCase{
	{
		name: "all entities come by partition, then by row",
		play: func(p *tablePlay) {
			people(p)
			p.list(aztables.ListEntitiesOptions{})
		},
		want: []string{"a/10 a/2 b/1 b/2"},
	},
	filters("the comparisons",
		"Age eq 36", "b/2",
		"Age ne 36", "a/10 a/2",
		"Age gt 36", "a/10",
		"Age ge 36", "a/10 b/2",
		"Age lt 36", "a/2",
		"Age le 36", "a/2 b/2",
		"PartitionKey eq 'a' and RowKey ge '2'", "a/2",
		"Name ge 'A' and Name lt 'C'", "a/10 b/2",
	),
	filters("and binds before or, not before both",
		"Age eq 36 or Age eq 41 and PartitionKey eq 'b'", "b/2",
		"(Age eq 36 or Age eq 41) and PartitionKey eq 'a'", "a/10",
		"not (Age eq 36)", "a/10 a/2 b/1",
		"not (Age ne 36)", "b/1 b/2",
		"not Active", "a/10 a/2 b/1",
		"((Age lt 40))", "a/2 b/2",
	),
	filters("a literal of each type",
		"Name eq 'O''Neil'", "a/2",
		"Active", "b/2",
		"Active eq true", "b/2",
		"Active eq false", "a/10",
		"Score eq 1.5", "a/2",
		"Score gt 1.25", "a/2",
		"Age gt -1", "a/10 a/2 b/2",
		"Long eq 5L", "b/1",
		"Long gt 4L", "b/1",
		"Since eq datetime'2008-07-10T00:00:00Z'", "b/1",
		"Id eq guid'a455c695-df98-5678-aaaa-81d3367e5a34'", "b/1",
		"Raw eq X'0102'", "b/1",
		"Raw eq binary'0102'", "b/1",
		"Timestamp gt datetime'1999-01-01T00:00:00Z'", "a/10 a/2 b/1 b/2",
	),
	filters("times differ by 100 ns", "Since lt datetime'2008-07-10T00:00:00.0000001Z'", "b/1").
		differ(rest+"understanding-the-table-service-data-model#property-types", "Since lt datetime'2008-07-10T00:00:00.0000001Z'", ""),
	filters("a property that is not there is not equal, nor anything else",
		"Nothing eq 1", "",
		"Nothing ne 1", "",
		"Nothing lt 1", "",
		"Nothing ge 1", "",
		"Nothing", "",
	),
	filters("filters that are none",
		"Age eq", "400 InvalidInput",
		"eq 36", "400 InvalidInput",
		"(Age eq 36", "400 InvalidInput",
		"Age eq 36)", "400 InvalidInput",
		"Age eq 'open", "400 InvalidInput",
		"Age is 36", "400 InvalidInput",
		"Age eq 36 and", "400 InvalidInput",
		"Age eq 1'x'", "400 InvalidInput",
		"Since eq datetime'yesterday'", "400 InvalidInput",
		"Age EQ 36", "400 InvalidInput",
	).differ(rest+"querying-tables-and-entities#constructing-filter-strings",
		"Age eq 'open", "",
		"Since eq datetime'yesterday'", "",
		"Age EQ 36", "b/2",
	),
	filters("what the service does not do",
		"36 eq Age", "501 NotImplemented",
		"Age eq Long", "501 NotImplemented",
		"1 eq 1", "501 NotImplemented",
		"startswith(Name,'A')", "501 NotImplemented",
		"Age add 1 eq 37", "501 NotImplemented",
		"Name eq null", "501 NotImplemented",
	).differ(rest+"query-entities#remarks",
		"36 eq Age", "b/2",
		"Age eq Long", "",
		"1 eq 1", "400 InvalidInput",
		"startswith(Name,'A')", "400 InvalidInput",
		"Age add 1 eq 37", "400 InvalidInput",
		"Name eq null", "",
	),
	{
		name: "as many comparisons as there may be",
		play: func(p *tablePlay) {
			people(p)
			p.filtered(strings.Repeat("Age eq 1 or ", 14) + "Age eq 36")
			p.filtered(strings.Repeat("Age eq 1 or ", 15) + "Age eq 36")
		},
		want:    []string{"b/2", "400 InvalidInput"},
		azurite: []string{"b/2", "b/2"},
		source:  rest + "querying-tables-and-entities#supported-query-options",
	},
	{
		name: "pages",
		play: func(p *tablePlay) {
			people(p)
			p.list(aztables.ListEntitiesOptions{Top: to.Ptr(int32(3))})
			p.list(aztables.ListEntitiesOptions{Top: to.Ptr(int32(2))})
			p.list(aztables.ListEntitiesOptions{Top: to.Ptr(int32(1)), Filter: to.Ptr("Age ge 36")})
		},
		want: []string{"a/10 a/2 b/1", "b/2", "a/10 a/2", "b/1 b/2", "a/10", "b/2"},
	},
	{
		name: "the sizes of a page",
		play: func(p *tablePlay) {
			people(p)
			for _, top := range []int32{0, 1000, 1001, -1} {
				p.list(aztables.ListEntitiesOptions{Top: &top})
			}
		},
		want:    []string{"", "a/10 a/2 b/1 b/2", "400 InvalidInput", "400 InvalidInput"},
		azurite: []string{"", "", "", "", "", "a/10 a/2 b/1 b/2", "a/10 a/2 b/1 b/2", "400 "}, /* the pages of 0 never end */
		source:  rest + "query-timeout-and-pagination",
	},
	{
		name: "a page is of a thousand at most",
		play: func(p *tablePlay) {
			for i := range 11 {
				var actions []aztables.TransactionAction
				for j := range 100 {
					actions = append(actions, aztables.TransactionAction{
						ActionType: aztables.TransactionTypeAdd, Entity: entity("p", fmt.Sprintf("%02d%02d", i, j))})
				}
				if _, err := p.table.SubmitTransaction(p.ctx(), actions, nil); err != nil {
					p.t.Fatal(err)
				}
			}
			pager := p.table.NewListEntitiesPager(nil)
			for pager.More() {
				page, err := pager.NextPage(p.ctx())
				if err != nil {
					p.t.Fatal(err)
				}
				p.say("%d", len(page.Entities))
			}
		},
		want: []string{"1000", "100"},
	},
	{
		name: "a page goes on where the one before ended, whatever went meanwhile",
		play: func(p *tablePlay) {
			people(p)
			pager := p.table.NewListEntitiesPager(&aztables.ListEntitiesOptions{Top: to.Ptr(int32(2))})
			if _, err := pager.NextPage(p.ctx()); err != nil {
				p.t.Fatal(err)
			}
			p.remove("b", "1", nil)
			p.add(entity("a", "1"))
			page, err := pager.NextPage(p.ctx())
			p.result(err)
			for _, e := range page.Entities {
				p.say("%s", properties(p.t, e))
			}
		},
		want: []string{"ok", "ok", "ok", `Active=true Age=36 Name="Ada" PartitionKey="b" RowKey="2"`},
	},
	{
		name: "a projection has what it names, null where there is nothing",
		play: func(p *tablePlay) {
			people(p)
			p.list(aztables.ListEntitiesOptions{Filter: to.Ptr("PartitionKey eq 'b'"), Select: to.Ptr("RowKey,Age,Long")})
		},
		want:    []string{`Age=null Long="5":Int64 RowKey="1" Age=36 Long=null RowKey="2"`},
		azurite: []string{`Long="5":Int64 RowKey="1" Age=36 RowKey="2"`},
		source:  rest + "query-entities#remarks",
	},
}

var transactionCases = []tableCase{
	{
		name: "all changes of a transaction are made",
		play: func(p *tablePlay) {
			p.add(entity("p", "merged", "A", 1))
			p.add(entity("p", "replaced", "A", 1))
			p.add(entity("p", "deleted", "A", 1))
			p.submit(
				aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "added", "A", 1)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateMerge, Entity: entity("p", "merged", "B", 2)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateReplace, Entity: entity("p", "replaced", "B", 2)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: entity("p", "deleted")},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertMerge, Entity: entity("p", "upserted", "A", 1)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertReplace, Entity: entity("p", "upserted too", "A", 1)},
			)
			p.list(aztables.ListEntitiesOptions{})
			p.get("p", "merged")
			p.get("p", "replaced")
		},
		want: []string{"ok", "ok", "ok", "ok", "p/added p/merged p/replaced p/upserted p/upserted too", `A=1 B=2 PartitionKey="p" RowKey="merged"`, `B=2 PartitionKey="p" RowKey="replaced"`},
	},
	{
		name: "none is made when one is refused",
		play: func(p *tablePlay) {
			p.add(entity("p", "kept", "A", 1))
			before := p.get("p", "kept")
			p.submit(
				aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertReplace, Entity: entity("p", "new", "A", 1)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: entity("p", "kept")},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeDelete, Entity: entity("p", "missing")},
			)
			p.say("%v", p.get("p", "kept") == before)
			p.get("p", "new")
			p.submit(
				aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateMerge, Entity: entity("p", "kept", "A", 2)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "new", "A", 1)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "x", "A", "x", "A@odata.type", "Edm.Int32")},
			)
			p.say("%v", p.get("p", "kept") == before)
			p.get("p", "new")
		},
		want: []string{
			"ok", `A=1 PartitionKey="p" RowKey="kept"`,
			`202 "": 2:404 ResourceNotFound`, `A=1 PartitionKey="p" RowKey="kept"`, "true", "404 ResourceNotFound",
			`202 "": 2:400 InvalidInput`, `A=1 PartitionKey="p" RowKey="kept"`, "true", "404 ResourceNotFound",
		},
	},
	{
		name: "the refusals of single changes are those of transactions",
		play: func(p *tablePlay) {
			first := p.add(entity("p", "r", "A", 1))
			p.update(entity("p", "r", "A", 2), merge, &first)
			for _, action := range []aztables.TransactionAction{
				{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "r")},
				{ActionType: aztables.TransactionTypeUpdateMerge, Entity: entity("p", "r"), IfMatch: &first},
				{ActionType: aztables.TransactionTypeUpdateReplace, Entity: entity("p", "r"), IfMatch: &first},
				{ActionType: aztables.TransactionTypeDelete, Entity: entity("p", "r"), IfMatch: &first},
				{ActionType: aztables.TransactionTypeUpdateMerge, Entity: entity("p", "missing"), IfMatch: etag("*")},
			} {
				p.submit(aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertMerge, Entity: entity("p", "before")}, action)
			}
		},
		want: []string{
			"ok", "ok", `202 "": 1:409 EntityAlreadyExists`, `202 "": 1:412 UpdateConditionNotSatisfied`, `202 "": 1:412 UpdateConditionNotSatisfied`,
			`202 "": 1:412 UpdateConditionNotSatisfied`, `202 "": 1:404 ResourceNotFound`,
		},
	},
	{
		name: "an update in a transaction has no condition unless it is given one",
		play: func(p *tablePlay) {
			// Unlike UpdateEntity, which sends If-Match: *.
			p.submit(
				aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateMerge, Entity: entity("p", "merged", "A", 1)},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateReplace, Entity: entity("p", "replaced", "A", 1)},
			)
			p.list(aztables.ListEntitiesOptions{})
		},
		want: []string{"ok", "p/merged p/replaced"},
	},
	{
		name: "one partition",
		play: func(p *tablePlay) {
			p.submit(
				aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "r")},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("q", "r")},
			)
			p.list(aztables.ListEntitiesOptions{})
		},
		want:    []string{`202 "": 1:400 CommandsInBatchActOnDifferentPartitions`, ""},
		azurite: []string{"ok", "p/r q/r"},
		source:  rest + "performing-entity-group-transactions#requirements-for-entity-group-transactions",
	},
	{
		name: "an entity once",
		play: func(p *tablePlay) {
			p.submit(
				aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertMerge, Entity: entity("p", "r")},
				aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertMerge, Entity: entity("p", "r")},
			)
			p.list(aztables.ListEntitiesOptions{})
		},
		want: []string{`202 "": 1:400 InvalidDuplicateRow`, ""},
	},
	{
		name: "a hundred changes and no more",
		play: func(p *tablePlay) {
			for _, n := range []int{100, 101} {
				var actions []aztables.TransactionAction
				for i := range n {
					actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeInsertMerge, Entity: entity("p", fmt.Sprint(i))})
				}
				p.submit(actions...)
			}
			p.log[1] = regexp.MustCompile("_[-0-9a-f]+").ReplaceAllString(p.log[1], "_ID")
		},
		want:    []string{"ok", `202 "": 99:400 InvalidInput`},
		azurite: []string{"ok", `malformed HTTP response "changesetresponse_ID"`},
		source:  rest + "table-service-error-codes",
	},
	{
		name: "an apostrophe in a key, which the client does not double in a transaction",
		play: func(p *tablePlay) {
			p.submit(aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity("p", "o'brien")})
			p.submit(aztables.TransactionAction{ActionType: aztables.TransactionTypeUpdateMerge, Entity: entity("p", "o'brien", "A", 1)})
			p.get("p", "o'brien")
		},
		want:    []string{"ok", `202 "": 0:400 InvalidInput`, `PartitionKey="p" RowKey="o'brien"`},
		azurite: []string{"ok", "ok", `A=1 PartitionKey="p" RowKey="o'brien"`},
		source:  rest + "querying-tables-and-entities#query-string-encoding",
	},
}
