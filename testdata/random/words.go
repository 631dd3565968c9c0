package random

import "strings"

// theme is what a handler is about. Names of attempts, logs, metrics and versions are not
// among the words: the checks take them for what they say.
type theme struct {
	one, many string // the message: "order", "orders"
	group     string // what several messages have in common: "customer"
	amount    string // the number in it: "cents"
}

// themes are enough for one package, in which no two handlers may share a name.
var themes = []theme{
	{"order", "orders", "customer", "cents"},
	{"parcel", "parcels", "depot", "grams"},
	{"invoice", "invoices", "account", "amount"},
	{"booking", "bookings", "room", "nights"},
	{"reading", "readings", "meter", "watts"},
	{"vote", "votes", "poll", "weight"},
	{"refund", "refunds", "merchant", "cents"},
	{"payment", "payments", "wallet", "pence"},
	{"photo", "photos", "album", "pixels"},
	{"article", "articles", "section", "words"},
	{"visit", "visits", "page", "seconds"},
	{"score", "scores", "player", "points"},
	{"trip", "trips", "truck", "miles"},
	{"donation", "donations", "campaign", "cents"},
	{"deposit", "deposits", "account", "cents"},
	{"sale", "sales", "shop", "units"},
	{"rental", "rentals", "station", "hours"},
	{"sample", "samples", "sensor", "level"},
	{"badge", "badges", "door", "zone"},
	{"upload", "uploads", "tenant", "bytes"},
	{"review", "reviews", "product", "stars"},
	{"lecture", "lectures", "course", "credits"},
	{"shift", "shifts", "ward", "hours"},
	{"crate", "crates", "warehouse", "kilos"},
	{"meal", "meals", "kitchen", "portions"},
	{"letter", "letters", "district", "pages"},
	{"lesson", "lessons", "pupil", "minutes"},
	{"harvest", "harvests", "farm", "tonnes"},
	{"quote", "quotes", "broker", "price"},
	{"song", "songs", "artist", "plays"},
	{"fine", "fines", "plate", "euros"},
	{"loan", "loans", "branch", "sum"},
	{"tour", "tours", "guide", "guests"},
}

// values are names for what a step keeps: one for each step of a handler.
var values = []string{"Totals", "Board", "Profile", "Ledger", "Summary", "Record"}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }
