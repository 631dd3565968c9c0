package storage_test

import (
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// tableCases are about tables, their access policies, and the settings of the service.
var tableCases = []tableCase{
	{
		name: "a table is created once, whatever the case of its name",
		play: func(p *tablePlay) {
			for _, name := range []string{p.name, strings.ToUpper(p.name)} {
				_, err := p.clients.Tables.CreateTable(p.ctx(), name, nil)
				p.result(err)
			}
		},
		want: []string{"409 TableAlreadyExists", "409 TableAlreadyExists"},
	},
	{
		name: "a table is deleted with its entities, and can be created anew",
		play: func(p *tablePlay) {
			p.add(entity("p", "r"))
			_, err := p.table.Delete(p.ctx(), nil)
			p.result(err)
			_, err = p.table.Delete(p.ctx(), nil)
			p.result(err)
			p.get("p", "r")
			_, err = p.table.CreateTable(p.ctx(), nil)
			p.result(err)
			p.get("p", "r")
		},
		want: []string{"ok", "ok", "404 ResourceNotFound", "404 TableNotFound", "ok", "404 ResourceNotFound"},
	},
	{
		name: "names that no table can have",
		play: func(p *tablePlay) {
			for _, name := range []string{"ab", strings.Repeat("a", 64), "a-b", "1ab", "tables"} {
				_, err := p.clients.Tables.CreateTable(p.ctx(), name, nil)
				p.result(err)
			}
		},
		want:    []string{"400 OutOfRangeInput", "400 OutOfRangeInput", "400 InvalidResourceName", "400 InvalidResourceName", "400 InvalidInput"},
		azurite: []string{"400 ", "400 ", "400 ", "400 ", "400 "},
		source:  rest + "common-rest-api-error-codes",
	},
	{
		name: "tables are listed by name, and filtered",
		play: func(p *tablePlay) {
			for _, suffix := range []string{"b", "a"} {
				if _, err := p.clients.Tables.CreateTable(p.ctx(), p.name+suffix, nil); err != nil {
					p.t.Fatal(err)
				}
			}
			for _, top := range []int32{1000, 2} {
				filter := "TableName ge '" + p.name + "' and TableName lt '" + p.name + "z'"
				pager := p.clients.Tables.NewListTablesPager(&aztables.ListTablesOptions{Filter: &filter, Top: &top})
				for pager.More() {
					page, err := pager.NextPage(p.ctx())
					if err != nil {
						p.result(err)
						return
					}
					var names []string
					for _, table := range page.Tables {
						names = append(names, *table.Name)
					}
					p.say("%s", strings.Join(names, " "))
				}
			}
		},
		want: []string{"TABLE TABLEa TABLEb", "TABLE TABLEa", "TABLEb"},
	},
	{
		name: "access policies are kept",
		play: func(p *tablePlay) {
			at := time.Date(2021, 6, 8, 2, 10, 9, 0, time.UTC)
			_, err := p.table.SetAccessPolicy(p.ctx(), &aztables.SetAccessPolicyOptions{TableACL: []*aztables.SignedIdentifier{
				{ID: to.Ptr("full"), AccessPolicy: &aztables.AccessPolicy{Start: &at, Expiry: &at, Permission: to.Ptr("ra")}},
			}})
			p.result(err)
			r, err := p.table.GetAccessPolicy(p.ctx(), nil)
			p.result(err)
			for _, id := range r.SignedIdentifiers {
				p.say("%s %s %s %s", *id.ID, id.AccessPolicy.Start.UTC(), id.AccessPolicy.Expiry.UTC(), *id.AccessPolicy.Permission)
			}
		},
		want: []string{"ok", "ok", "full 2021-06-08 02:10:09 +0000 UTC 2021-06-08 02:10:09 +0000 UTC ra"},
	},
	{
		name: "settings of the service are kept",
		play: func(p *tablePlay) {
			_, err := p.clients.Tables.SetProperties(p.ctx(), aztables.ServiceProperties{
				HourMetrics: &aztables.Metrics{Enabled: to.Ptr(true), IncludeAPIs: to.Ptr(true), Version: to.Ptr("1.0"),
					RetentionPolicy: &aztables.RetentionPolicy{Enabled: to.Ptr(true), Days: to.Ptr(int32(7))}},
			}, nil)
			p.result(err)
			r, err := p.clients.Tables.GetProperties(p.ctx(), nil)
			p.result(err)
			if err == nil {
				p.say("%v %v %d %v", *r.HourMetrics.Enabled, *r.HourMetrics.IncludeAPIs, *r.HourMetrics.RetentionPolicy.Days, *r.Logging.Read)
			}
			_, err = p.clients.Tables.SetProperties(p.ctx(), aztables.ServiceProperties{
				HourMetrics: &aztables.Metrics{Enabled: to.Ptr(true), IncludeAPIs: to.Ptr(true), Version: to.Ptr("1.0"),
					RetentionPolicy: &aztables.RetentionPolicy{Enabled: to.Ptr(true), Days: to.Ptr(int32(366))}},
			}, nil)
			p.result(err)
		},
		want:    []string{"ok", "ok", "true true 7 false", "400 InvalidXmlDocument"},
		azurite: []string{"ok", "ok", "true true 7 true", "ok"},
		source:  rest + "set-table-service-properties",
	},
}
