package output

import (
	"bytes"
	"encoding/json"
	"go/token"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/idemlint/idemlint/internal/doc"
	"github.com/idemlint/idemlint/internal/finding"
)

// SARIF 2.1.0, as far as findings need it; section numbers are those of the standard
// (OASIS, sarif-v2.1.0-errata01-os).
//
// The structs are our own because the library for them, go-sarif v3, would put
// google/uuid into the root module, and so into the module of everybody who adds the
// linter as a tool and makes ids with it, and net/http into a program that speaks to
// nobody. testdata, a module of its own, validates what is written here with that
// library's copy of the official schema.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string         `json:"id"`
		Short         sarifMessage   `json:"shortDescription"`
		Full          sarifMessage   `json:"fullDescription"`
		Help          sarifMessage   `json:"help"`
		HelpURI       string         `json:"helpUri"`
		Configuration sarifLevel     `json:"defaultConfiguration"`
		Properties    map[string]any `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifMessage struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifArtifact struct {
		URI    string `json:"uri,omitempty"`
		BaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifMessage `json:"message,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    *int              `json:"ruleIndex,omitempty"`
		Level        string            `json:"level"`
		Message      sarifMessage      `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		CodeFlows    []sarifCodeFlow   `json:"codeFlows,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Fixes        []sarifFix        `json:"fixes,omitempty"`
	}
	sarifCodeFlow struct {
		Message     sarifMessage      `json:"message"`
		ThreadFlows []sarifThreadFlow `json:"threadFlows"`
	}
	sarifThreadFlow struct {
		Locations []sarifStep `json:"locations"`
	}
	sarifStep struct {
		Location   sarifLocation `json:"location"`
		Importance string        `json:"importance"`
	}
	sarifFix struct {
		Description sarifMessage  `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion   `json:"deletedRegion"`
		Inserted *sarifContent `json:"insertedContent,omitempty"`
	}
	sarifContent struct {
		Text string `json:"text"`
	}
)

// The log does not say where the root is (originalUriBaseIds, 3.14.14): it says the same
// wherever it was made, and code scanning takes the checkout's root.
const (
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sourceRoot   = "%SRCROOT%"
	sarifWarning = "warning" // as in JSON
	homepage     = "https://github.com/idemlint/idemlint"
)

// sarif writes one log of one run.
func (w *Writer) sarif(r Report) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "idemlint", Version: w.Version, InformationURI: homepage, Rules: []sarifRule{},
		}},
		Invocations: []sarifInvocation{w.invocation(r.Problems)},
		ColumnKind:  "utf16CodeUnits",
		Results:     []sarifResult{},
	}
	index := map[string]int{}
	for i, c := range w.Checks {
		index[c.Name] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(c))
	}
	for _, f := range r.Findings {
		result := w.result(f)
		if i, ok := index[f.Check]; ok {
			result.RuleIndex = &i
		}
		run.Results = append(run.Results, result)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}); err != nil {
		return err
	}
	_, err := w.Out.Write(buf.Bytes())
	return err
}

func (w *Writer) invocation(problems []Problem) sarifInvocation {
	i := sarifInvocation{Successful: len(problems) == 0}
	for _, p := range problems {
		n := sarifNotification{Level: "error", Message: sarifMessage{Text: oneLine(p.Message)}}
		if p.Pos.Filename != "" {
			n.Locations = []sarifLocation{w.sarifAt(p.Pos, token.Position{}, "")}
		}
		i.Notifications = append(i.Notifications, n)
	}
	return i
}

func ruleOf(c doc.Check) sarifRule {
	return sarifRule{
		ID: c.Name, Short: sarifMessage{Text: sentence(c.Summary)}, Full: sarifMessage{Text: firstParagraph(c.Reports, c.Summary)},
		Help: sarifMessage{Text: c.Analyzer(), Markdown: help(c)}, HelpURI: c.URL(),
		Configuration: sarifLevel{sarifWarning},
		Properties:    map[string]any{"tags": []string{"idempotency", "message-queue", "reliability"}},
	}
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func firstParagraph(text, otherwise string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n\n")
	if first == "" {
		return sentence(otherwise)
	}
	return first
}

// help is the check's page, short of its examples.
func help(c doc.Check) string {
	var b strings.Builder
	b.WriteString("# " + c.Name + "\n\n" + sentence(c.Summary) + "\n")
	part := func(title, text string) {
		if text = strings.TrimSpace(text); text != "" {
			b.WriteString("\n## " + title + "\n\n" + text + "\n")
		}
	}
	part("Reports", c.Reports)
	part("Stays silent on", c.Silent)
	steps := ""
	for _, s := range c.Schedule {
		steps += "1. " + s + "\n"
	}
	part("The schedule that does the harm", steps)
	part("Mend", c.Mend)
	b.WriteString("\n[More, with examples](" + c.URL() + ")\n")
	return b.String()
}

func (w *Writer) result(f finding.Finding) sarifResult {
	from, to := w.Fset.Position(f.Pos), token.Position{}
	if f.End.IsValid() {
		to = w.Fset.Position(f.End)
	}
	r := sarifResult{
		RuleID: f.Check, Level: sarifWarning, Message: sarifMessage{Text: oneLine(f.Message)},
		Locations: []sarifLocation{w.sarifAt(from, to, "")},
	}
	if f.ID != "" {
		r.Fingerprints = map[string]string{"idemlintFinding/v1": f.ID}
	}
	for i, p := range f.Related {
		at := w.sarifAt(w.Fset.Position(p.Pos), token.Position{}, oneLine(p.Message))
		at.ID = i + 1
		r.Related = append(r.Related, at)
	}
	if steps := places(f); len(steps) > 0 {
		// One thread, in the order of the schedule: what the workers do is told apart by
		// the sentences, and viewers show one thread well.
		flow := sarifCodeFlow{Message: sarifMessage{Text: "the schedule that does the harm"}, ThreadFlows: make([]sarifThreadFlow, 1)}
		for i, s := range steps {
			step := sarifStep{w.sarifAt(w.Fset.Position(s.Pos), token.Position{}, s.Message), "important"}
			if i == len(steps)-1 {
				step.Importance = "essential"
			}
			flow.ThreadFlows[0].Locations = append(flow.ThreadFlows[0].Locations, step)
		}
		r.CodeFlows = []sarifCodeFlow{flow}
	}
	for _, fix := range f.Fixes {
		r.Fixes = append(r.Fixes, w.sarifFix(fix.Message, w.edits(fix)))
	}
	return r
}

// sarifFix puts edits of one file together, in the order given.
func (w *Writer) sarifFix(text string, edits []editAt) sarifFix {
	fix := sarifFix{Description: sarifMessage{Text: oneLine(text)}}
	for _, e := range edits {
		artifact := w.artifact(e.from.Filename)
		n := len(fix.Changes)
		if n == 0 || fix.Changes[n-1].Artifact != artifact {
			fix.Changes = append(fix.Changes, sarifChange{Artifact: artifact})
			n++
		}
		fix.Changes[n-1].Replacements = append(fix.Changes[n-1].Replacements, sarifReplacement{
			Deleted:  *w.region(e.from, e.to),
			Inserted: &sarifContent{e.text},
		})
	}
	return fix
}

// sarifAt is a location; to may be empty.
func (w *Writer) sarifAt(from, to token.Position, text string) sarifLocation {
	at := sarifLocation{Physical: sarifPhysical{Artifact: w.artifact(from.Filename), Region: w.region(from, to)}}
	if text != "" {
		at.Message = &sarifMessage{Text: text}
	}
	return at
}

func (w *Writer) region(from, to token.Position) *sarifRegion {
	if from.Line < 1 {
		return nil
	}
	r := &sarifRegion{StartLine: from.Line, StartColumn: w.files.column(from)}
	if to.Line >= from.Line {
		r.EndLine, r.EndColumn = to.Line, w.files.column(to)
	}
	return r
}

// artifact is a file relative to the root, or else by its absolute URI.
func (w *Writer) artifact(file string) sarifArtifact {
	name, ok := w.inRoot(file)
	if ok {
		return sarifArtifact{URI: (&url.URL{Path: name}).String(), BaseID: sourceRoot}
	}
	if !strings.HasPrefix(name, "/") && filepath.IsAbs(file) {
		name = "/" + name // C:/dir/file
	}
	return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: name}).String()}
}
