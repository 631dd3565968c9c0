package table_test

import (
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	const (
		at      = "/?restype=service&comp=properties"
		rule    = "<CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><MaxAgeInSeconds>5</MaxAgeInSeconds><ExposedHeaders>*</ExposedHeaders><AllowedHeaders>*</AllowedHeaders></CorsRule>"
		logging = "<Logging><Version>1.0</Version><Read>true</Read><Write>false</Write><Delete>false</Delete><RetentionPolicy><Enabled>true</Enabled><Days>365</Days></RetentionPolicy></Logging>"
		none    = "<Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy>"
		xml     = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	)
	set := func(inner string) string {
		return "<StorageServiceProperties>" + inner + "</StorageServiceProperties>"
	}
	refused := func(name, inner string) exchange {
		return exchange{name: name, method: "PUT", target: at, body: set(inner), status: 400, code: "InvalidXmlDocument"}
	}
	play(t, []exchange{
		{name: "one setting", method: "PUT", target: at, body: set(logging), status: 202},
		{name: "another", method: "PUT", target: at, body: set("<Cors>" + rule + "</Cors>"), status: 202},
		{
			name: "both are kept, the others are as they were", method: "GET", target: at, status: 200,
			answers: map[string]string{"Content-Type": "application/xml"},
			want:    xml + set(logging+"<HourMetrics>"+none+"</HourMetrics><MinuteMetrics>"+none+"</MinuteMetrics><Cors>"+rule+"</Cors>"),
		},
		refused("nothing", ""),
		refused("no setting", "<Other></Other>"),
		refused("a setting that is unknown", logging+"<Other></Other>"),
		refused("more than a year", "<HourMetrics><RetentionPolicy><Enabled>true</Enabled><Days>366</Days></RetentionPolicy></HourMetrics>"),
		refused("less than a day", strings.Replace(logging, "365", "0", 1)),
		refused("no number", strings.Replace(logging, "365", "many", 1)),
		refused("six rules", "<Cors>"+strings.Repeat(rule, 6)+"</Cors>"),
		refused("a rule with more in it", "<Cors><CorsRule><Other></Other></CorsRule></Cors>"),
		refused("no XML", "<"),
		{name: "another verb", method: "POST", target: at, status: 405, code: "MethodNotAllowed"},
	})
}

func TestAccessPolicies(t *testing.T) {
	const at = "/orders?comp=acl"
	id := func(inner string) string { return "<SignedIdentifier>" + inner + "</SignedIdentifier>" }
	set := func(inner string) string { return "<SignedIdentifiers>" + inner + "</SignedIdentifiers>" }
	policy := func(inner string) string { return id("<Id>a</Id><AccessPolicy>" + inner + "</AccessPolicy>") }
	refused := func(name, inner string) exchange {
		return exchange{name: name, method: "PUT", target: at, body: set(inner), status: 400, code: "InvalidXmlDocument"}
	}
	kept := set(policy("<Start>2021-06-08T02:10:09.0000000Z</Start><Permission>raud</Permission>"))
	play(t, []exchange{
		{name: "none", method: "GET", target: at, status: 200, want: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + set("")},
		{name: "set", method: "PUT", target: at, body: set(policy("<Start>2021-06-08T04:10:09+02:00</Start><Permission>raud</Permission>")), status: 204},
		{name: "kept", method: "GET", target: at, status: 200, want: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + kept},
		refused("six", strings.Repeat(policy(""), 6)),
		refused("no name", id("<AccessPolicy></AccessPolicy>")),
		refused("a long name", id("<Id>"+strings.Repeat("a", 65)+"</Id>")),
		refused("no permission of a table", policy("<Permission>w</Permission>")),
		refused("no time", policy("<Expiry>tomorrow</Expiry>")),
		refused("more than 100 ns", policy("<Expiry>2042-01-01T01:01:01.000000001Z</Expiry>")),
		refused("something else", "<Other></Other>"),
		{name: "still kept", method: "GET", target: at, status: 200, want: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + kept},
		{name: "taken away", method: "PUT", target: at, status: 204},
		{name: "gone", method: "GET", target: at, status: 200, want: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + set("")},
		{name: "another verb", method: "DELETE", target: at, status: 405, code: "MethodNotAllowed"},
	})
}
