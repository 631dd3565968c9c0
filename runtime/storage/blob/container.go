package blob

import (
	"encoding/xml"
	"net/http"
	"slices"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// deletion is how long the name of a deleted container is not free: "at least 30
// seconds", https://learn.microsoft.com/rest/api/storageservices/delete-container
const deletion = 30 * time.Second

// createContainer is Create Container:
// https://learn.microsoft.com/rest/api/storageservices/create-container
func (s *Service) createContainer(q *request) *wire.Error {
	if !isContainerName(q.container) {
		return invalidName()
	}
	access, failed := q.access()
	if failed != nil {
		return failed
	}
	if s.containers[q.container] != nil {
		return wire.Refuse(http.StatusConflict, "ContainerAlreadyExists", "The specified container already exists.")
	}
	if at, found := s.deleted[q.container]; found {
		if q.now.Sub(at) < deletion {
			return wire.Refuse(http.StatusConflict, "ContainerBeingDeleted", "The specified container is being deleted. Try operation later.")
		}
		delete(s.deleted, q.container)
	}
	c := &container{stampedAs: s.stamp(q.now), metadata: slices.Clone(q.metadata), access: access, entries: map[string]*entry{}}
	if s.containers == nil {
		s.containers = map[string]*container{}
	}
	s.containers[q.container] = c
	q.tag(c.stampedAs)
	return q.done(http.StatusCreated)
}

func invalidName() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidResourceName", "The specified resource name contains invalid characters.")
}

// access reads x-ms-blob-public-access.
func (q *request) access() (string, *wire.Error) {
	switch access := q.get(publicAccess); access {
	case "", "blob", "container":
		return access, nil
	}
	return "", invalidHeader(publicAccess, "is neither container nor blob")
}

// getContainer is Get Container Properties, and Get Container Metadata:
// https://learn.microsoft.com/rest/api/storageservices/get-container-properties
func (s *Service) getContainer(q *request) *wire.Error {
	c, failed := s.openToRead(q)
	if failed != nil {
		return failed
	}
	q.tag(c.stampedAs)
	c.lease.describe(q)
	q.setNonempty("X-Ms-Blob-Public-Access", c.access)
	q.set("X-Ms-Has-Immutability-Policy", "false")
	q.set("X-Ms-Has-Legal-Hold", "false")
	q.answerMetadata(c.metadata)
	return q.done(http.StatusOK)
}

// deleteContainer is Delete Container: the blobs are gone at once, the name is not free
// for a while.
func (s *Service) deleteContainer(q *request) *wire.Error {
	c, failed := s.open(q)
	if failed == nil {
		failed = q.checkContainer(c)
	}
	if failed == nil {
		failed = c.lease.allowWrite(q)
	}
	if failed != nil {
		return failed
	}
	delete(s.containers, q.container)
	if s.deleted == nil {
		s.deleted = map[string]time.Time{}
	}
	s.deleted[q.container] = q.now
	return q.done(http.StatusAccepted)
}

// checkContainer judges the conditions of a write of c.
func (q *request) checkContainer(c *container) *wire.Error {
	conditions, failed := q.conditions(conditional)
	if failed != nil {
		return failed
	}
	return conditions.writeContainer(c)
}

// openToRead is open for what a lease does not hinder.
func (s *Service) openToRead(q *request) (*container, *wire.Error) {
	c, failed := s.open(q)
	if failed == nil {
		failed = c.lease.allowRead(q)
	}
	return c, failed
}

// setContainerMetadata is Set Container Metadata:
// https://learn.microsoft.com/rest/api/storageservices/set-container-metadata
func (s *Service) setContainerMetadata(q *request) *wire.Error {
	c, failed := s.openToRead(q)
	if failed == nil {
		failed = q.checkContainer(c)
	}
	if failed != nil {
		return failed
	}
	c.metadata, c.stampedAs = q.metadata, s.stamp(q.now)
	q.tag(c.stampedAs)
	return q.done(http.StatusOK)
}

// maxPolicies is the most stored access policies of a container.
const maxPolicies = 5

// policies is the body of Set Container ACL, and of the answer of Get Container ACL.
type policies struct {
	XMLName     xml.Name `xml:"SignedIdentifiers"`
	Identifiers []policy `xml:"SignedIdentifier"`
}

// policy is a stored access policy. It is kept and given back; nothing is checked by it.
type policy struct {
	ID     string `xml:"Id"`
	Access *struct {
		Start      string `xml:"Start,omitempty"`
		Expiry     string `xml:"Expiry,omitempty"`
		Permission string `xml:"Permission,omitempty"`
	} `xml:"AccessPolicy,omitempty"`
}

// setACL is Set Container ACL:
// https://learn.microsoft.com/rest/api/storageservices/set-container-acl
func (s *Service) setACL(q *request) *wire.Error {
	var sent policies
	if len(q.body) > 0 {
		if failed := q.receive(&sent); failed != nil {
			return failed
		}
	}
	access, failed := q.access()
	if failed != nil {
		return failed
	}
	ids := map[string]bool{}
	for _, p := range sent.Identifiers {
		if p.ID == "" || len(p.ID) > 64 || ids[p.ID] {
			return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", "Each signed identifier has an Id of its own, of up to 64 characters.")
		}
		ids[p.ID] = true
	}
	if len(ids) > maxPolicies {
		return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", "A container has at most 5 signed identifiers.")
	}
	c, failed := s.openToRead(q)
	if failed == nil {
		failed = q.checkContainer(c)
	}
	if failed != nil {
		return failed
	}
	c.access, c.policies, c.stampedAs = access, sent.Identifiers, s.stamp(q.now)
	q.tag(c.stampedAs)
	return q.done(http.StatusOK)
}

// getACL is Get Container ACL:
// https://learn.microsoft.com/rest/api/storageservices/get-container-acl
func (s *Service) getACL(q *request) *wire.Error {
	c, failed := s.openToRead(q)
	if failed != nil {
		return failed
	}
	q.tag(c.stampedAs)
	q.setNonempty("X-Ms-Blob-Public-Access", c.access)
	text, err := xml.Marshal(policies{Identifiers: c.policies})
	if err != nil {
		return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", err.Error())
	}
	var d document
	d.Raw(string(text))
	return q.send(&d)
}
