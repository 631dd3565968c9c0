package queue

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// Message is one message of a queue.
type Message struct {
	ID           string    // the same on each delivery
	Body         string    // the text, as it was put
	DequeueCount int       // deliveries so far
	Inserted     time.Time // when it was put
	Expires      time.Time // when it is gone if nobody settles it; Never for never
	NextVisible  time.Time // when it is, or was, visible: the end of the lease
	Receipt      string    // the one that settles it, of the last delivery, update or put
}

func (m *Message) expired(now time.Time) bool { return !now.Before(m.Expires) }

func (m *Message) visible(now time.Time) bool { return !now.Before(m.NextVisible) }

// list is the root of the answers that have messages in them.
const list = "QueueMessagesList"

// write adds the message to a list: with the receipt and the end of the lease for who
// received or put it, with the count and the text for who received or peeks.
func (m *Message) write(body *wire.XML, receipt string, text bool) {
	body.Open("QueueMessage").
		Text("MessageId", m.ID).
		Text("InsertionTime", wire.Stamp(m.Inserted)).
		Text("ExpirationTime", wire.Stamp(m.Expires))
	if receipt != "" {
		body.Text("PopReceipt", receipt).Text("TimeNextVisible", wire.Stamp(m.NextVisible))
	}
	if text {
		body.Text("DequeueCount", strconv.Itoa(m.DequeueCount)).Text("MessageText", m.Body)
	}
	body.Close("QueueMessage")
}

// messageText is the text in the body of Put Message and Update Message:
//
//	<QueueMessage><MessageText>text</MessageText></QueueMessage>
//
// Markup in the text that is not escaped is removed, as
// https://learn.microsoft.com/rest/api/storageservices/put-message says.
func messageText(body []byte) (string, *wire.Error) {
	var text bytes.Buffer
	var open []string // names of the elements that are open
	roots, found := 0, false
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", refuseXML()
		}
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, t.Name.Local)
			switch {
			case len(open) == 1:
				if roots++; roots > 1 || open[0] != "QueueMessage" {
					return "", refuseXML()
				}
			case len(open) == 2 && open[1] == "MessageText":
				if found {
					return "", refuseXML()
				}
				found = true
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 1 && open[1] == "MessageText" {
				text.Write(t)
			}
		}
	}
	if !found {
		return "", refuseXML()
	}
	if text.Len() > textLimit {
		return "", refuseSize(textLimit)
	}
	return text.String(), nil
}

func refuseXML() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", "XML specified is not syntactically valid.")
}

// refuseSize is what the service answers to a text or a body that is too long: 413
// RequestBodyTooLarge (https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes).
// Put Message's own page says 400, which the service has not been seen to answer: see
// the logs in https://github.com/microsoft/onefuzz/issues/1900.
func refuseSize(limit int) *wire.Error {
	return wire.Refuse(http.StatusRequestEntityTooLarge, "RequestBodyTooLarge",
		"The request body is too large and exceeds the maximum permissible limit.",
		wire.Detail{Name: "MaxLimit", Value: strconv.Itoa(limit)})
}

// A receipt is, as the service's are, a header of twelve bytes and eight that change,
// in base64.
var receiptHeader = []byte{2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}

const receiptLength = 12 + 8

// SkipReceipts makes the next n receipts be never given: of two executions that are the
// same but for that, what differs comes from a receipt.
func (s *Service) SkipReceipts(n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receipts += n
}

func (s *Service) receipt() string {
	s.receipts++
	return base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(slices.Clip(receiptHeader), s.receipts))
}

// givenReceipt is the receipt in a request. What cannot be one is refused as in the
// example of https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2.
func givenReceipt(r request) (string, *wire.Error) {
	if !r.query.Has("popreceipt") {
		return "", wire.MissingParameter("popreceipt")
	}
	receipt := r.query.Get("popreceipt")
	raw, err := base64.StdEncoding.DecodeString(receipt)
	if err != nil || len(raw) != receiptLength || !bytes.HasPrefix(raw, receiptHeader) {
		return "", wire.InvalidParameter("popreceipt", receipt, "Invalid pop receipt format")
	}
	return receipt, nil
}
