package queue

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// properties are the settings of the service, which are kept and given back but change
// nothing here: each is the XML that was set.
type properties struct {
	XMLName       xml.Name `xml:"StorageServiceProperties"`
	Logging       *setting `xml:"Logging"`
	HourMetrics   *setting `xml:"HourMetrics"`
	MinuteMetrics *setting `xml:"MinuteMetrics"`
	Cors          *setting `xml:"Cors"`
}

type setting struct {
	XML string `xml:",innerxml"`
}

func defaultProperties() properties {
	const off = "<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy>"
	metrics := &setting{"<Version>1.0</Version><Enabled>false</Enabled>" + off}
	return properties{
		Logging:       &setting{"<Version>1.0</Version><Delete>false</Delete><Read>false</Read><Write>false</Write>" + off},
		HourMetrics:   metrics,
		MinuteMetrics: metrics,
		Cors:          &setting{},
	}
}

// getProperties is
// https://learn.microsoft.com/rest/api/storageservices/get-queue-service-properties.
func (s *Service) getProperties(_ request, a *answer) *wire.Error {
	p := s.properties
	body := &wire.XML{}
	body.Open("StorageServiceProperties")
	for _, one := range []struct {
		name string
		*setting
	}{
		{"Logging", p.Logging}, {"HourMetrics", p.HourMetrics}, {"MinuteMetrics", p.MinuteMetrics}, {"Cors", p.Cors},
	} {
		body.Open(one.name).Raw(one.XML).Close(one.name)
	}
	body.Close("StorageServiceProperties")
	a.status, a.body = http.StatusOK, body
	return nil
}

// setProperties is
// https://learn.microsoft.com/rest/api/storageservices/set-queue-service-properties: what
// the request leaves out stays as it was.
func (s *Service) setProperties(r request, a *answer) *wire.Error {
	var given properties
	if err := xml.Unmarshal(r.body, &given); err != nil {
		return refuseXML()
	}
	for _, one := range []struct{ kept, given **setting }{
		{&s.properties.Logging, &given.Logging},
		{&s.properties.HourMetrics, &given.HourMetrics},
		{&s.properties.MinuteMetrics, &given.MinuteMetrics},
		{&s.properties.Cors, &given.Cors},
	} {
		if *one.given != nil {
			*one.kept = *one.given
		}
	}
	a.status = http.StatusAccepted
	return nil
}

// signedIdentifier is a stored access policy, kept and given back: who sends a request
// is not checked here.
type signedIdentifier struct {
	ID         string  `xml:"Id"`
	Start      *string `xml:"AccessPolicy>Start"`
	Expiry     *string `xml:"AccessPolicy>Expiry"`
	Permission *string `xml:"AccessPolicy>Permission"`
}

// The limits of https://learn.microsoft.com/rest/api/storageservices/set-queue-acl.
const (
	mostPolicies  = 5
	longestPolicy = 64     // characters of an id
	permissions   = "raup" // read, add, update, process
)

// getACL is https://learn.microsoft.com/rest/api/storageservices/get-queue-acl.
func (s *Service) getACL(r request, a *answer) *wire.Error {
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}
	body := &wire.XML{}
	body.Open("SignedIdentifiers")
	for _, policy := range q.acl {
		body.Open("SignedIdentifier").Text("Id", policy.ID).Open("AccessPolicy")
		for _, one := range []struct {
			name  string
			value *string
		}{
			{"Start", policy.Start}, {"Expiry", policy.Expiry}, {"Permission", policy.Permission},
		} {
			if one.value != nil {
				body.Text(one.name, *one.value)
			}
		}
		body.Close("AccessPolicy").Close("SignedIdentifier")
	}
	body.Close("SignedIdentifiers")
	a.status, a.body = http.StatusOK, body
	return nil
}

// setACL is https://learn.microsoft.com/rest/api/storageservices/set-queue-acl; a request
// without a body removes all policies.
func (s *Service) setACL(r request, a *answer) *wire.Error {
	var given struct {
		XMLName  xml.Name           `xml:"SignedIdentifiers"`
		Policies []signedIdentifier `xml:"SignedIdentifier"`
	}
	if len(r.body) > 0 {
		if err := xml.Unmarshal(r.body, &given); err != nil {
			return refuseXML()
		}
	}
	if len(given.Policies) > mostPolicies {
		return refuseXML()
	}
	for _, policy := range given.Policies {
		if len(policy.ID) > longestPolicy || policy.Permission != nil && strings.Trim(*policy.Permission, permissions) != "" {
			return refuseXML()
		}
	}
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}
	q.acl = given.Policies
	a.status = http.StatusNoContent
	return nil
}
