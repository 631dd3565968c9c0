package storage_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/storage"
)

// peopled is an account whose clock stands still, with a table that has something in it.
func peopled(t *testing.T) *storage.Account {
	t.Helper()
	at := time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)
	account := storage.New("demo", storage.Clock(func() time.Time { return at }))
	for _, r := range []*http.Request{
		strange("table", "POST", "Tables", "", "", `{"TableName":"orders"}`),
		strange("table", "POST", "orders", "", "", `{"PartitionKey":"p","RowKey":"a","Count":1,"Name":"Ada","Active":true}`),
		strange("table", "POST", "orders", "", "", `{"PartitionKey":"p","RowKey":"b","Count":2,"Long@odata.type":"Edm.Int64","Long":"5","Half":0.5}`),
		strange("table", "POST", "orders", "", "", `{"PartitionKey":"q","RowKey":"a","Raw@odata.type":"Edm.Binary","Raw":"AQI=","Since@odata.type":"Edm.DateTime","Since":"2008-07-10T00:00:00Z"}`),
	} {
		if w := checkAnswer(t, account, r, tableCode); w.Code != http.StatusCreated {
			t.Fatal(w.Code, w.Body)
		}
	}
	return account
}

// tableCode is the code in a refusal of the table service, JSON or, where the operation
// is no OData, XML.
func tableCode(body []byte) (string, error) {
	var j struct {
		Error struct{ Code string } `json:"odata.error"`
	}
	if err := json.Unmarshal(body, &j); err == nil {
		return j.Error.Code, nil
	}
	var x struct {
		XMLName xml.Name `xml:"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata error"`
		Code    string   `xml:"code"`
	}
	err := xml.Unmarshal(body, &x)
	return x.Code, err
}

// FuzzTable: whatever is sent, the service answers, refuses in its own form, and answers
// the same when it is asked again in the same state; a refusal changes nothing.
func FuzzTable(f *testing.F) {
	const (
		at  = "orders(PartitionKey='p',RowKey='a')"
		e   = `{"PartitionKey":"p","RowKey":"a","A@odata.type":"Edm.Guid","A":"4185404a-5818-48c3-b9be-f217df0dba6f"}`
		set = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n"
		end = "\r\n--c--\r\n--b--\r\n"
	)
	f.Add("POST", "Tables", "", "Prefer: return-no-content", `{"TableName":"more"}`)
	f.Add("GET", "Tables", "$filter=TableName eq 'orders'&$top=1", "", "")
	f.Add("GET", "Tables('orders')", "", "Accept: application/json;odata=fullmetadata", "")
	f.Add("DELETE", "Tables('orders')", "", "", "")
	f.Add("POST", "orders", "$format=application/json;odata%3Dnometadata", "Content-Type: application/json", e)
	f.Add("PUT", at, "", "If-Match: *", e)
	f.Add("MERGE", at, "timeout=30", "If-Match: W/\"datetime'2024-02-03T04%3A05%3A06Z'\"", `{"A":null,"B":[{}],"C":1e5}`)
	f.Add("DELETE", at, "", "If-Match: *", "")
	f.Add("POST", at, "", "X-HTTP-Method: MERGE", `{"Timestamp@odata.type":"Edm.DateTime"}`)
	f.Add("GET", at, "$select=Count,Nothing", "", "")
	f.Add("GET", "orders()", "$filter=Count ge 1 and not (Name eq 'Bo')&$top=2&NextPartitionKey=1!4!cA--&NextRowKey=1!4!Yg--", "", "")
	f.Add("GET", "orders()", "$orderby=Count&$skip=1&$expand=A", "", "")
	f.Add("PUT", "orders", "comp=acl", "", `<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Start>2024-02-03T04:05:06Z</Start></AccessPolicy></SignedIdentifier></SignedIdentifiers>`)
	f.Add("GET", "orders", "comp=acl", "", "")
	f.Add("PUT", "", "restype=service&comp=properties", "", `<StorageServiceProperties><Cors><CorsRule><MaxAgeInSeconds>1</MaxAgeInSeconds></CorsRule></Cors></StorageServiceProperties>`)
	f.Add("HEAD", "", "restype=service&comp=properties", "", "")
	f.Add("POST", "$batch", "", "Content-Type: multipart/mixed; boundary=b", set+"DELETE /"+at+" HTTP/1.1\r\nIf-Match: *\r\n\r\n"+end)
	f.Add("POST", "$batch", "", "Content-Type: multipart/mixed; boundary=b", set+"POST /orders HTTP/1.1\r\n\r\n"+e+end)
	f.Fuzz(func(t *testing.T, method, path, query, headers, body string) {
		one, two := peopled(t), peopled(t)
		before := one.Tables.Snapshot()
		first := checkAnswer(t, one, strange("table", method, path, query, headers, body), tableCode)
		second := checkAnswer(t, two, strange("table", method, path, query, headers, body), tableCode)
		if first.Code != second.Code || first.Body.String() != second.Body.String() || !reflect.DeepEqual(first.Header(), second.Header()) {
			t.Fatalf("the same request is answered with\n%v %s\nand with\n%v %s", first.Header(), first.Body, second.Header(), second.Body)
		}
		after := one.Tables.Snapshot()
		if !reflect.DeepEqual(after, two.Tables.Snapshot()) {
			t.Fatal("the same request has left two states")
		}
		if (first.Code >= 400 || method == http.MethodGet || method == http.MethodHead) && !reflect.DeepEqual(before, after) {
			t.Fatalf("%d has changed %v to %v", first.Code, before, after)
		}
	})
}

// FuzzFilter: whatever the filter, it is refused in the service's form, or it lets
// through those entities that its negation does not.
func FuzzFilter(f *testing.F) {
	for _, filter := range []string{
		"Count eq 1", "not Active", "(Count gt 1 or Name eq 'O''Neil') and PartitionKey ne 'q'",
		"Long le 5L", "Half lt 0.5e1", "Raw eq X'0102'", "Since ge datetime'2008-07-10T00:00:00Z'",
		"A eq guid'4185404a-5818-48c3-b9be-f217df0dba6f'", "Timestamp lt datetime'2030-01-01'", "1 eq 1", "f(x)", "A eq null",
	} {
		f.Add(filter)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		if strings.Count(filter, "(")+strings.Count(filter, "not") > 90 {
			t.Skip("its negation may be nested too deep")
		}
		account := peopled(t)
		let := func(filter string) (rows []string, ok bool) {
			query := url.Values{"$filter": {filter}, "$select": {"PartitionKey,RowKey"}}.Encode()
			w := checkAnswer(t, account, strange("table", "GET", "orders()", query, "", ""), tableCode)
			if w.Code != http.StatusOK {
				return nil, false
			}
			var list struct {
				Value []struct{ PartitionKey, RowKey string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			for _, e := range list.Value {
				rows = append(rows, e.PartitionKey+e.RowKey)
			}
			return rows, true
		}
		through, ok := let(filter)
		if !ok {
			return
		}
		all, _ := let("")
		rest, ok := let("not (" + filter + ")")
		switch {
		case len(through) == len(all) && !ok:
			return // nothing but space, which is no filter
		case !ok:
			t.Fatalf("%q is a filter, its negation is none", filter)
		}
		both := slices.Sorted(slices.Values(slices.Concat(through, rest)))
		if !slices.Equal(both, all) {
			t.Errorf("%q lets %v through, its negation %v, of %v", filter, through, rest, all)
		}
	})
}
