package blob

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// document is an XML document that is being written.
type document struct{ wire.XML }

// nonempty writes an element that may be absent.
func (d *document) nonempty(name, text string) {
	if text != "" {
		d.Text(name, text)
	}
}

// name writes the name of a blob, which may have characters that XML has not: then it is
// escaped as in a URL and says so.
func (d *document) name(name string) {
	if strings.IndexFunc(name, outsideXML) < 0 {
		d.Text("Name", name)
		return
	}
	d.OpenWith("Name", "Encoded", "true").Raw(url.PathEscape(name)).Close("Name")
}

// outsideXML says whether r cannot stand in a document of XML 1.0; the replacement
// character is also what is left of bytes that are no UTF-8.
func outsideXML(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFD || r == 0xFFFE || r == 0xFFFF
}

// metadata writes items of metadata.
func (d *document) metadata(items []pair) {
	d.Open("Metadata")
	for _, m := range items {
		d.Text(m.name, m.value)
	}
	d.Close("Metadata")
}

// results opens an EnumerationResults element with its attributes.
func (d *document) results(q *request, containerName string) {
	var text strings.Builder
	text.WriteString(`<EnumerationResults ServiceEndpoint="`)
	_ = xml.EscapeText(&text, []byte("https://"+q.r.Host+"/")) // A strings.Builder takes everything.
	if containerName != "" {
		text.WriteString(`" ContainerName="` + containerName) // Which has no characters to escape.
	}
	d.Raw(text.String() + `">`)
}

// send answers with d.
func (q *request) send(d *document) *wire.Error {
	body := d.Bytes()
	q.set("Content-Type", "application/xml")
	q.set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(http.StatusOK)
	_, _ = q.w.Write(body)
	return nil
}

// receive reads the body of q into v.
func (q *request) receive(v any) *wire.Error {
	if err := xml.Unmarshal(q.body, v); err != nil {
		return wire.Refuse(http.StatusBadRequest, "InvalidXmlDocument", "The specified XML is not syntactically valid: "+err.Error())
	}
	return nil
}
