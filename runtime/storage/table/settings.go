package table

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// serviceProperties are the settings of the service. They are kept and given back, and
// have no effect: nothing is logged or measured, and no browser asks.
// https://learn.microsoft.com/rest/api/storageservices/set-table-service-properties
type serviceProperties struct {
	XMLName       xml.Name  `xml:"StorageServiceProperties"`
	Logging       *logging  `xml:"Logging"`
	HourMetrics   *metrics  `xml:"HourMetrics"`
	MinuteMetrics *metrics  `xml:"MinuteMetrics"`
	Cors          *cors     `xml:"Cors"`
	Unknown       []unknown `xml:",any"`
}

type logging struct {
	Version         string
	Read            bool
	Write           bool
	Delete          bool
	RetentionPolicy *retention
	Unknown         []unknown `xml:",any"`
}

type metrics struct {
	Version         string
	Enabled         bool
	IncludeAPIs     *bool
	RetentionPolicy *retention
	Unknown         []unknown `xml:",any"`
}

type retention struct {
	Enabled bool
	Days    *int
	Unknown []unknown `xml:",any"`
}

type cors struct {
	Rules   []corsRule `xml:"CorsRule"`
	Unknown []unknown  `xml:",any"`
}

type corsRule struct {
	AllowedOrigins  string
	AllowedMethods  string
	MaxAgeInSeconds int
	ExposedHeaders  string
	AllowedHeaders  string
	Unknown         []unknown `xml:",any"`
}

// unknown is an element that the service does not know.
type unknown struct{ XMLName xml.Name }

func defaultProperties() serviceProperties {
	return serviceProperties{
		Logging:       &logging{Version: "1.0", RetentionPolicy: &retention{}},
		HourMetrics:   &metrics{Version: "1.0", RetentionPolicy: &retention{}},
		MinuteMetrics: &metrics{Version: "1.0", RetentionPolicy: &retention{}},
		Cors:          &cors{},
	}
}

// service serves the settings; s.mu is held.
func (s *Service) service(q *request, v url.Values) (answer, *wire.Error) {
	q.xml = true
	if v.Get("restype") != "service" || v.Get("comp") != "properties" {
		return answer{}, notBuilt("what the query asks of the service")
	}
	if s.properties == nil {
		p := defaultProperties()
		s.properties = &p
	}
	switch q.method {
	case http.MethodGet:
		return xmlAnswer(s.properties), nil
	case http.MethodPut:
		var p serviceProperties
		if err := xml.Unmarshal(q.body, &p); err != nil || !p.valid() {
			return answer{}, badXML()
		}
		s.properties.take(&p)
		return answer{status: http.StatusAccepted}, nil
	}
	return answer{}, badMethod(q.method)
}

func (p *serviceProperties) valid() bool {
	if p.Logging == nil && p.HourMetrics == nil && p.MinuteMetrics == nil && p.Cors == nil || len(p.Unknown) > 0 {
		return false
	}
	if l := p.Logging; l != nil && (len(l.Unknown) > 0 || !l.RetentionPolicy.valid()) {
		return false
	}
	for _, m := range []*metrics{p.HourMetrics, p.MinuteMetrics} {
		if m != nil && (len(m.Unknown) > 0 || !m.RetentionPolicy.valid()) {
			return false
		}
	}
	if p.Cors == nil {
		return true
	}
	for _, rule := range p.Cors.Rules {
		if len(rule.Unknown) > 0 {
			return false
		}
	}
	return len(p.Cors.Rules) <= 5 && len(p.Cors.Unknown) == 0
}

func (r *retention) valid() bool {
	return r == nil || len(r.Unknown) == 0 && (r.Days == nil || 1 <= *r.Days && *r.Days <= 365)
}

// take overwrites the settings that other has.
func (p *serviceProperties) take(other *serviceProperties) {
	if other.Logging != nil {
		p.Logging = other.Logging
	}
	if other.HourMetrics != nil {
		p.HourMetrics = other.HourMetrics
	}
	if other.MinuteMetrics != nil {
		p.MinuteMetrics = other.MinuteMetrics
	}
	if other.Cors != nil {
		p.Cors = other.Cors
	}
}

// policies are the stored access policies of a table. They are kept and given back;
// signatures are not looked at.
// https://learn.microsoft.com/rest/api/storageservices/set-table-acl
type policies struct {
	XMLName     xml.Name     `xml:"SignedIdentifiers"`
	Identifiers []identifier `xml:"SignedIdentifier"`
	Unknown     []unknown    `xml:",any"`
}

type identifier struct {
	ID      string `xml:"Id"`
	Policy  *policy
	Unknown []unknown `xml:",any"`
}

type policy struct {
	XMLName    xml.Name  `xml:"AccessPolicy"`
	Start      string    `xml:",omitempty"`
	Expiry     string    `xml:",omitempty"`
	Permission string    `xml:",omitempty"`
	Unknown    []unknown `xml:",any"`
}

// acl serves the access policies of a table; s.mu is held.
func (s *Service) acl(q *request, v url.Values, at place) (answer, *wire.Error) {
	q.xml = true
	if v.Get("comp") != "acl" || at.call {
		return answer{}, notBuilt("what the query asks of the table")
	}
	t, refusal := s.find(at.table)
	if refusal != nil {
		return answer{}, refusal
	}
	switch q.method {
	case http.MethodGet:
		return xmlAnswer(&t.policies), nil
	case http.MethodPut:
		var p policies
		if len(q.body) > 0 {
			if err := xml.Unmarshal(q.body, &p); err != nil || !p.valid() {
				return answer{}, badXML()
			}
		}
		t.policies = p
		return answer{status: http.StatusNoContent}, nil
	}
	return answer{}, badMethod(q.method)
}

// valid tells whether the service would keep the policies; it puts times into the form
// in which they are given back.
func (p *policies) valid() bool {
	if len(p.Identifiers) > 5 || len(p.Unknown) > 0 {
		return false
	}
	for _, id := range p.Identifiers {
		if id.ID == "" || len(id.ID) > 64 || len(id.Unknown) > 0 {
			return false
		}
		if id.Policy != nil && !id.Policy.valid() {
			return false
		}
	}
	return true
}

func (p *policy) valid() bool {
	if len(p.Unknown) > 0 || strings.Trim(p.Permission, "raud") != "" {
		return false
	}
	for _, text := range []*string{&p.Start, &p.Expiry} {
		if *text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, *text)
		if err != nil || t.Nanosecond()%int(tick) != 0 {
			return false
		}
		*text = t.UTC().Format("2006-01-02T15:04:05.0000000Z")
	}
	return true
}

func xmlAnswer(v any) answer {
	body, _ := xml.Marshal(v) // text read from XML can be written as XML
	a := answer{status: http.StatusOK, body: append([]byte(xml.Header), body...)}
	a.set("Content-Type", "application/xml")
	return a
}

func badXML() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", "XML specified is not syntactically valid.")
}

// writeXML answers with a refusal in the form that the operations have that are no
// OData: the settings and the access policies.
func writeXML(w http.ResponseWriter, refusal *wire.Error) {
	var body wire.XML
	body.OpenWith("m:error", "xmlns:m", "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata")
	body.Text("m:code", refusal.Code)
	body.Text("m:message", refusal.Message)
	body.Close("m:error")
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Ms-Error-Code", refusal.Code)
	w.WriteHeader(refusal.Status)
	_, _ = w.Write(body.Bytes())
}
