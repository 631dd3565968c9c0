package storage_test

import (
	"fmt"
	"net/http"
	"strings"
)

// valueCases are about what a property can be.
var valueCases = []tableCase{
	{
		name: "values of each type come back as they were",
		play: func(p *tablePlay) {
			p.add(entity("p", "r",
				"Binary", "AQIDBA==", "Binary@odata.type", "Edm.Binary",
				"Bool", false,
				"Date", "2013-08-02T17:37:43.9004348Z", "Date@odata.type", "Edm.DateTime",
				"Double", 1234.1234,
				"Guid", "4185404a-5818-48c3-b9be-f217df0dba6f", "Guid@odata.type", "Edm.Guid",
				"Int32", 1234,
				"Int64", "123456789012", "Int64@odata.type", "Edm.Int64",
				"String", "test",
			))
			p.get("p", "r")
		},
		want: []string{"ok", `Binary="AQIDBA==":Binary Bool=false Date="2013-08-02T17:37:43.9004348Z":DateTime Double=1234.1234 Guid="4185404a-5818-48c3-b9be-f217df0dba6f":Guid Int32=1234 Int64="123456789012":Int64 PartitionKey="p" RowKey="r" String="test"`},
	},
	{
		name: "types that JSON tells are not annotated",
		play: func(p *tablePlay) {
			p.add(entity("p", "r",
				"Bool", true, "Bool@odata.type", "Edm.Boolean",
				"Double", 1.5, "Double@odata.type", "Edm.Double",
				"Int32", 7, "Int32@odata.type", "Edm.Int32",
				"String", "test", "String@odata.type", "Edm.String",
			))
			p.get("p", "r")
		},
		want: []string{"ok", `Bool=true Double=1.5 Int32=7 PartitionKey="p" RowKey="r" String="test"`},
	},
	{
		name: "the ends of the integers",
		play: func(p *tablePlay) {
			p.add([]byte(`{"PartitionKey":"p","RowKey":"r","Most":2147483647,"Least":-2147483648,"Long@odata.type":"Edm.Int64","Long":"-9223372036854775808"}`))
			p.get("p", "r")
			p.add([]byte(`{"PartitionKey":"p","RowKey":"too much","Long@odata.type":"Edm.Int64","Long":"9223372036854775808"}`))
			p.add([]byte(`{"PartitionKey":"p","RowKey":"no number","Long@odata.type":"Edm.Int64","Long":"one"}`))
		},
		want:    []string{"ok", `Least=-2147483648 Long="-9223372036854775808":Int64 Most=2147483647 PartitionKey="p" RowKey="r"`, "400 InvalidInput", "400 InvalidInput"},
		azurite: []string{"ok", `Least=-2147483648 Long="-9223372036854775808":Int64 Most=2147483647 PartitionKey="p" RowKey="r"`, "ok", "ok"},
		source:  rest + "understanding-the-table-service-data-model#property-types",
	},
	{
		name: "doubles that are whole, and those that are no numbers",
		play: func(p *tablePlay) {
			p.add(entity("p", "r",
				"Whole", "3.0", "Whole@odata.type", "Edm.Double",
				"NaN", "NaN", "NaN@odata.type", "Edm.Double",
				"Inf", "Infinity", "Inf@odata.type", "Edm.Double",
			))
			p.get("p", "r")
		},
		want: []string{"ok", `Inf="Infinity":Double NaN="NaN":Double PartitionKey="p" RowKey="r" Whole=3`},
	},
	{
		name: "times",
		play: func(p *tablePlay) {
			for _, at := range []string{"2008-07-10T00:00:00Z", "2008-07-10T00:00:00", "1601-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"} {
				p.upsert(entity("p", "r", "At", at, "At@odata.type", "Edm.DateTime"), replace)
				p.get("p", "r")
			}
		},
		want: []string{
			"ok", `At="2008-07-10T00:00:00Z":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="2008-07-10T00:00:00Z":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="1601-01-01T00:00:00Z":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="9999-12-31T23:59:59.9999999Z":DateTime PartitionKey="p" RowKey="r"`,
		},
	},
	{
		name: "times are UTC, to 100 ns, from 1601 on",
		play: func(p *tablePlay) {
			for _, at := range []string{"2008-07-10T02:00:00+02:00", "2008-07-10T00:00:00.1230000Z", "1600-12-31T23:59:59Z", "yesterday"} {
				p.upsert(entity("p", "r", "At", at, "At@odata.type", "Edm.DateTime"), replace)
				p.get("p", "r")
			}
		},
		want: []string{
			"ok", `At="2008-07-10T00:00:00Z":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="2008-07-10T00:00:00.123Z":DateTime PartitionKey="p" RowKey="r"`,
			"400 OutOfRangeInput", `At="2008-07-10T00:00:00.123Z":DateTime PartitionKey="p" RowKey="r"`,
			"400 InvalidInput", `At="2008-07-10T00:00:00.123Z":DateTime PartitionKey="p" RowKey="r"`,
		},
		azurite: []string{
			"ok", `At="2008-07-10T02:00:00+02:00":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="2008-07-10T00:00:00.1230000Z":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="1600-12-31T23:59:59Z":DateTime PartitionKey="p" RowKey="r"`,
			"ok", `At="yesterday":DateTime PartitionKey="p" RowKey="r"`,
		},
		source: rest + "understanding-the-table-service-data-model#property-types",
	},
	{
		name: "values that are not of their type",
		play: func(p *tablePlay) {
			for i, v := range [][2]any{{"Edm.Guid", "no guid"}, {"Edm.Binary", "no base64!"}, {"Edm.Boolean", "maybe"}, {"Edm.Int32", "x"}, {"Edm.String", 1}, {"Edm.Decimal", "1.0"}} {
				p.add(entity("p", fmt.Sprint(i), "A", v[1], "A@odata.type", v[0]))
			}
		},
		want:    []string{"400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput"},
		azurite: []string{"ok", "ok", "400 InvalidInput", "400 InvalidInput", "400 InvalidInput", "500 "},
		source:  rest + "payload-format-for-table-service-operations#property-types-in-a-json-feed",
	},
	{
		name: "objects and arrays are no values",
		play: func(p *tablePlay) {
			p.add(entity("p", "object", "A", map[string]int{"B": 1}))
			p.add(entity("p", "array", "A", []int{1}))
		},
		want: []string{"400 InvalidInput", "400 InvalidInput"},
	},
	{
		name: "a null is not kept, nor does it take away",
		play: func(p *tablePlay) {
			p.add(entity("p", "r", "A", nil, "B", 1))
			p.get("p", "r")
			p.update(entity("p", "r", "B", nil, "C", 2), merge, nil)
			p.get("p", "r")
			p.update(entity("p", "r", "B", nil), replace, nil)
			p.get("p", "r")
		},
		want: []string{"ok", `B=1 PartitionKey="p" RowKey="r"`, "ok", `B=1 C=2 PartitionKey="p" RowKey="r"`, "ok", `PartitionKey="p" RowKey="r"`},
	},
	{
		name: "what a client sends back of the control information is passed over",
		play: func(p *tablePlay) {
			p.add(entity("p", "r", "A", 1, "Timestamp", "2001-01-01T00:00:00Z", "Timestamp@odata.type", "Edm.DateTime", "odata.etag", "W/\"x\"", "odata.metadata", "m", "odata.type", "t", "odata.id", "i", "odata.editLink", "e"))
			p.get("p", "r")
		},
		want: []string{"ok", `A=1 PartitionKey="p" RowKey="r"`},
	},
	{
		name: "names of properties",
		play: func(p *tablePlay) {
			for i, name := range []string{"_a1", "Größe", strings.Repeat("n", 255), strings.Repeat("n", 256), "a-b", "1a", "a b"} {
				p.add(entity("p", fmt.Sprint(i), name, 1))
			}
		},
		want:    []string{"ok", "ok", "ok", "400 PropertyNameTooLong", "400 PropertyNameInvalid", "400 PropertyNameInvalid", "400 PropertyNameInvalid"},
		azurite: []string{"ok", "ok", "ok", "ok", "ok", "ok", "ok"},
		source:  rest + "understanding-the-table-service-data-model#property-names",
	},
	{
		name: "the sizes of an entity",
		play: func(p *tablePlay) {
			many := func(n int, value string) []any {
				var properties []any
				for i := range n {
					properties = append(properties, fmt.Sprintf("P%03d", i), value)
				}
				return properties
			}
			p.add(entity("p", "252 properties", many(252, "")...))
			p.add(entity("p", "253 properties", many(253, "")...))
			p.add(entity("p", "a string of 64 KiB", "A", strings.Repeat("s", 32<<10)))
			p.add(entity("p", "a longer string", "A", strings.Repeat("s", 32<<10+1)))
			p.add(entity("p", "960 KiB", many(15, strings.Repeat("s", 32<<10))...))
			p.add(entity("p", "1 MiB and more", many(16, strings.Repeat("s", 32<<10))...))
		},
		want:    []string{"ok", "400 TooManyProperties", "ok", "400 PropertyValueTooLarge", "ok", "400 EntityTooLarge"},
		azurite: []string{"ok", "ok", "ok", "400 PropertyValueTooLarge", "ok", "ok"},
		source:  rest + "understanding-the-table-service-data-model#property-limitations",
	},
	{
		name: "a deletion without a condition",
		play: func(p *tablePlay) {
			p.add(entity("p", "r"))
			ctx := alter(p.ctx(), func(r *http.Request) { r.Header.Del("If-Match") })
			_, err := p.table.DeleteEntity(ctx, "p", "r", nil)
			p.result(err)
		},
		want:    []string{"ok", "400 MissingRequiredHeader"},
		azurite: []string{"ok", "400 "},
		source:  rest + "delete-entity1#request-headers",
	},
	{
		name: "a condition that the service does not know",
		play: func(p *tablePlay) {
			p.add(entity("p", "r"))
			ctx := alter(p.ctx(), func(r *http.Request) { r.Header.Set("If-None-Match", "*") })
			_, err := p.table.UpsertEntity(ctx, entity("p", "r"), nil)
			p.result(err)
		},
		want:    []string{"ok", "400 InvalidInput"},
		azurite: []string{"ok", "ok"},
		source:  rest + "table-service-error-codes",
	},
}
