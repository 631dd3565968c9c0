package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// The most blocks of a blob:
// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
const (
	maxBlocks = 50000
	maxStaged = 100000
)

// stagedFor is how long uncommitted blocks are kept after the last of them:
// https://learn.microsoft.com/rest/api/storageservices/put-block#remarks
const stagedFor = 7 * 24 * time.Hour

// putBlock is Put Block, and with a source Put Block From URL:
// https://learn.microsoft.com/rest/api/storageservices/put-block
func (s *Service) putBlock(q *request) *wire.Error {
	id, failed := q.blockID()
	if failed != nil {
		return failed
	}
	c, e, failed := s.find(q)
	if failed != nil {
		return failed
	}
	content, failed := s.part(q)
	if failed != nil {
		return failed
	}
	if len(content) == 0 {
		return invalidHeader(contentLength, "must not be 0")
	}
	if failed := q.checkStaged(e, id, len(content)); failed != nil {
		return failed
	}
	if e == nil {
		e = &entry{}
		c.entries[q.blob] = e
	}
	e.stage(block{id, content}, q.now)
	q.hashPart(content)
	q.encrypted()
	return q.done(http.StatusCreated)
}

// blockID reads the id of a block, which is the Base64 of up to 64 bytes.
func (q *request) blockID() (string, *wire.Error) {
	id := q.get(blockIDParam)
	if id == "" {
		return "", wire.Refuse(http.StatusBadRequest, "MissingRequiredQueryParameter",
			"A query parameter that's mandatory for this request is not specified: blockid.")
	}
	if decoded, err := base64.StdEncoding.DecodeString(id); err != nil || len(decoded) == 0 || len(decoded) > 64 {
		return "", invalidQuery("blockid", "is not the Base64 of up to 64 bytes")
	}
	return id, nil
}

// checkStaged judges a block of this id for e, which may be nil.
func (q *request) checkStaged(e *entry, id string, size int) *wire.Error {
	var base *object
	if e != nil {
		base = e.base
	}
	if base != nil && base.kind != blockBlob {
		return wrongType()
	}
	if failed := q.checkWrite(base); failed != nil || e == nil {
		return failed
	}
	total := size
	for _, b := range e.staged {
		total += len(b.content)
		if len(b.id) != len(id) {
			return wire.Refuse(http.StatusBadRequest, "InvalidBlobOrBlock",
				"The specified blob or block content is invalid: its uncommitted blocks have ids of another length.")
		}
	}
	if len(e.staged) >= maxStaged {
		return wire.Refuse(http.StatusConflict, "BlockCountExceedsLimit", "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks.")
	}
	if total > maxContent {
		return tooLarge(maxContent)
	}
	return nil
}

// stage keeps b until it is committed, in place of an earlier one of its id.
func (e *entry) stage(b block, now time.Time) {
	e.stagedAt = now
	for i := range e.staged {
		if e.staged[i].id == b.id {
			e.staged[i] = b
			return
		}
	}
	e.staged = append(e.staged, b)
}

// hashPart writes the hash of an uploaded part: the MD5 if the client sent one, otherwise
// the CRC64.
func (q *request) hashPart(content []byte) {
	if q.has(contentMD5) {
		q.set("Content-Md5", q.get(contentMD5))
		return
	}
	q.set("X-Ms-Content-Crc64", base64.StdEncoding.EncodeToString([]byte(sumCRC(content))))
}

func wrongType() *wire.Error {
	return wire.Refuse(http.StatusConflict, "InvalidBlobType", "The blob type is invalid for this operation.")
}

// putBlockList is Put Block List:
// https://learn.microsoft.com/rest/api/storageservices/put-block-list
func (s *Service) putBlockList(q *request) *wire.Error {
	wanted, failed := q.wantedBlocks()
	if failed != nil {
		return failed
	}
	o := &object{kind: blockBlob}
	if o.props, failed = q.properties(false); failed != nil {
		return failed
	}
	o.metadata = q.metadata
	if o.tags, failed = q.tagsOfHeader(); failed != nil {
		return failed
	}
	if o.tier, failed = q.tier(blockBlob); failed != nil {
		return failed
	}
	o.tierChanged = q.now
	c, e, failed := s.find(q)
	if failed != nil {
		return failed
	}
	if e == nil {
		e = &entry{}
	}
	if e.base != nil && e.base.kind != blockBlob {
		return wrongType()
	}
	if failed := q.checkPut(e.base); failed != nil {
		return failed
	}
	if failed := o.assemble(e, wanted); failed != nil {
		return failed
	}
	s.commit(q, c, o)
	q.tag(o.stampedAs)
	q.hashPart(q.body)
	q.encrypted()
	return q.done(http.StatusCreated)
}

// wantedBlock is one item of a block list.
type wantedBlock struct{ from, id string }

// wantedBlocks reads the body of Put Block List, in which the order of the elements
// counts.
func (q *request) wantedBlocks() ([]wantedBlock, *wire.Error) {
	malformed := func(why string) *wire.Error {
		return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", "The specified XML is not syntactically valid: "+why+".")
	}
	decoder := xml.NewDecoder(bytes.NewReader(q.body))
	var wanted []wantedBlock
	var text strings.Builder
	for depth, seen := 0, false; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			if !seen {
				return nil, malformed("there is no BlockList")
			}
			return wanted, nil
		}
		if err != nil {
			return nil, malformed(err.Error())
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			name := token.Name.Local
			switch {
			case depth == 1 && name == "BlockList" && !seen:
				seen = true
			case depth == 2 && (name == "Committed" || name == "Uncommitted" || name == "Latest"):
				text.Reset()
			default:
				return nil, malformed("unexpected element " + strconv.Quote(name))
			}
		case xml.CharData:
			if depth == 2 {
				text.Write(token)
			}
		case xml.EndElement:
			if depth == 2 {
				if len(wanted) == maxBlocks {
					return nil, wire.Refuse(http.StatusBadRequest, "BlockListTooLong", "The block list may not contain more than 50,000 blocks.")
				}
				wanted = append(wanted, wantedBlock{token.Name.Local, strings.TrimSpace(text.String())})
			}
			depth--
		}
	}
}

// assemble makes o of the blocks of e.
func (o *object) assemble(e *entry, wanted []wantedBlock) *wire.Error {
	committed, staged := map[string][]byte{}, map[string][]byte{}
	if e.base != nil {
		for _, b := range e.base.blocks {
			committed[b.id] = b.content
		}
	}
	for _, b := range e.staged {
		staged[b.id] = b.content
	}
	o.blocks = make([]block, 0, len(wanted))
	size := 0
	for _, w := range wanted {
		content, found := staged[w.id]
		if w.from == "Committed" || w.from == "Latest" && !found {
			content, found = committed[w.id]
		}
		if !found {
			return wire.Refuse(http.StatusBadRequest, "InvalidBlockList", "The specified block list is invalid: there is no such block as "+strconv.Quote(w.id)+".")
		}
		size += len(content)
		if size > maxContent {
			return tooLarge(maxContent)
		}
		o.blocks = append(o.blocks, block{w.id, content})
	}
	o.content = make([]byte, 0, size)
	for i, b := range o.blocks {
		o.content = append(o.content, b.content...)
		o.blocks[i].content = o.content[len(o.content)-len(b.content):] // So that it is kept once.
	}
	return nil
}

// getBlockList is Get Block List:
// https://learn.microsoft.com/rest/api/storageservices/get-block-list
func (s *Service) getBlockList(q *request) *wire.Error {
	which := firstOf(q.get(blockListParam), "committed")
	if which != "committed" && which != "uncommitted" && which != "all" {
		return invalidQuery("blocklisttype", "is none of committed, uncommitted and all")
	}
	o, staged := &object{kind: blockBlob}, []block(nil)
	e, found, failed := s.existing(q)
	if failed != nil {
		// A blob of uncommitted blocks only has a block list too.
		if failed.Code != "BlobNotFound" || q.seen.has(snapshotParam) {
			return failed
		}
		if _, e, _ = s.find(q); e == nil || len(e.staged) == 0 {
			return failed
		}
	} else {
		o = found
	}
	if o.snapshot == "" {
		staged = slices.Clone(e.staged)
	}
	if o.kind != blockBlob {
		return wrongType()
	}
	if failed := o.lease.allowRead(q); failed != nil {
		return failed
	}
	if o.etag != "" {
		q.tag(o.stampedAs)
	}
	q.set("X-Ms-Blob-Content-Length", strconv.FormatInt(o.length(), 10))
	slices.SortFunc(staged, func(a, b block) int { return strings.Compare(a.id, b.id) })
	var d document
	d.Open("BlockList")
	if which != "uncommitted" {
		d.blocks("CommittedBlocks", o.blocks)
	}
	if which != "committed" {
		d.blocks("UncommittedBlocks", staged)
	}
	d.Close("BlockList")
	return q.send(&d)
}

// blocks writes a list of blocks.
func (d *document) blocks(name string, blocks []block) {
	d.Open(name)
	for _, b := range blocks {
		d.Open("Block")
		d.Text("Name", b.id)
		d.Text("Size", strconv.Itoa(len(b.content)))
		d.Close("Block")
	}
	d.Close(name)
}
