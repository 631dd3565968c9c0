package random

import (
	"fmt"
	"strings"
)

// field is one of a value: its name, its type, and what it is made of.
type field struct{ name, typ, value string }

// content is what an unconditional write or a creation keeps.
func (s *source) content(c *scope, step Step) []field {
	m := c.message
	all := []field{
		{"ID", "string", m + ".ID"},
		{s.group(), "string", m + "." + s.group()},
		{s.amount(), "int", m + "." + s.amount()},
	}
	now := s.pick(fmt.Sprint("now ", step.ID), "time.Now()", "time.Now().UTC()")
	switch step.Content {
	case "text":
		return []field{{"Text", "string", fmt.Sprintf("fmt.Sprintf(%q, %s.%s, %s.%s)", "%s: %d", m, s.group(), m, s.amount())}}
	case "digest":
		sum := c.fresh("sum")
		c.p("%s := sha256.Sum256([]byte(%s.%s + %s.ID))", sum, m, s.group(), m)
		return []field{{"Digest", "string", "hex.EncodeToString(" + sum + "[:])"}, all[2]}
	case "stamp":
		return append(all, field{s.pick("stamp", "UpdatedAt", "At", "WrittenAt"), "time.Time", now})
	case "expiry":
		return append(all, field{s.pick("expiry", "Expires", "ValidUntil"), "time.Time", now + ".Add(24 * time.Hour)"})
	case "random":
		return append(all, field{s.pick("random", "Token", "Code", "Secret"), "string", "uuid.NewString()"})
	case "mixed":
		return append(all, field{"Rate", "int", s.rate(c)})
	case "beat":
		return []field{{s.pick("beat", "SeenAt", "At"), "time.Time", now}}
	}
	return all
}

// rate reads a setting that others change.
func (s *source) rate(c *scope) string {
	got, settings := c.fresh("current"), c.fresh("settings")
	c.p("%s, err := %s", got, s.download(c, s.settings()))
	c.p("if err != nil {\n%s\n}", c.fail("err", "settings"))
	c.p("var %s struct{ Rate int }", settings)
	c.p("if err := json.NewDecoder(%s.Body).Decode(&%s); err != nil {\n%s\n}", got, settings, c.fail("err", "settings"))
	return settings + ".Rate"
}

// keys are the fields that a row has besides.
func (l place) keys() []field {
	if !l.row {
		return nil
	}
	return []field{{"PartitionKey", "string", l.first}, {"RowKey", "string", l.second}}
}

// typ declares a struct type for a step's value.
func (s *source) typ(step Step, suffix string, fields []field) string {
	name := lower(s.name("@")) + s.value(step) + suffix
	code := "type " + name + " struct {\n"
	for _, f := range fields {
		tag := ""
		if f.name != "PartitionKey" && f.name != "RowKey" && !s.odds("plain fields", 3) {
			tag = fmt.Sprintf(" `json:%q`", strings.ToLower(f.name))
		}
		code += f.name + " " + f.typ + tag + "\n"
	}
	s.declare(name, code+"}\n")
	return name
}

// encode marshals a step's content into a variable.
func (s *source) encode(c *scope, step Step, l place) (variable string) {
	fields := append(l.keys(), s.content(c, step)...)
	tag := fmt.Sprint("encode ", step.ID)
	body := c.fresh("body")
	plain := len(fields) == 1 && fields[0].typ == "string"
	switch {
	case plain:
		c.p("%s := []byte(%s)", body, fields[0].value)
		return body
	case !l.row && step.Content == "" && s.odds(tag+" as it came", 2):
		c.p("%s, err := json.Marshal(%s)", body, c.message)
	case l.row && s.odds(tag+" entity", 3):
		properties := ""
		for _, f := range fields[2:] {
			properties += fmt.Sprintf("%q: %s,\n", f.name, f.value)
		}
		c.p("%s, err := json.Marshal(aztables.EDMEntity{\nEntity: aztables.Entity{PartitionKey: %s, RowKey: %s},\nProperties: map[string]any{\n%s},\n})",
			body, fields[0].value, fields[1].value, properties)
	case s.odds(tag+" map", 3):
		entries := ""
		for _, f := range fields {
			name := f.name
			if !l.row {
				name = strings.ToLower(name)
			}
			entries += fmt.Sprintf("%q: %s,\n", name, f.value)
		}
		c.p("%s, err := json.Marshal(map[string]any{\n%s})", body, entries)
	default:
		c.p("%s, err := json.Marshal(%s)", body, s.literal(step, "", fields))
	}
	c.p("if err != nil {\n%s\n}", c.fail("err", "encode"))
	return body
}

// literal is a value of the struct type that holds these fields.
func (s *source) literal(step Step, suffix string, fields []field) string {
	code := s.typ(step, suffix, fields) + "{\n"
	for _, f := range fields {
		code += f.name + ": " + f.value + ",\n"
	}
	return code + "}"
}

// put writes without a condition.
func (s *source) put(c *scope, step Step, onError string) {
	l := s.named(c, step)
	if step.Guard == "exists" {
		s.lookForIt(c, l)
	}
	if l.row && step.Key == "fresh" && strings.Contains(l.second, "(") {
		id := c.fresh("id")
		c.p("%s := %s", id, l.second)
		l.second = id
	}
	tag := fmt.Sprint("put ", step.ID)
	switch step.Via {
	case "":
		call, blank := s.write(c, l, s.encode(c, step, l), anyway, false, tag)
		c.attempt(call, blank, onError, s.verb(step))
	case "generic":
		fields := append(l.keys(), s.content(c, step)...)
		c.attempt(s.saveAny(step, anyway).call(c, append(l.containerArgs(s.plan.Container), s.literal(step, "", fields))...), "", onError, s.verb(step))
	default:
		body := s.encode(c, step, l)
		if step.Via == "iface" {
			c.attempt(s.behind(c, step, "Put", l, body, anyway), "", onError, s.verb(step))
			return
		}
		c.attempt(s.saveBytes(step, anyway).call(c, l.bodyArgs(body)...), "", onError, s.verb(step))
	}
}

// lookForIt leaves where the key is there already.
func (s *source) lookForIt(c *scope, l place) {
	there := ""
	if l.row {
		there = fmt.Sprintf("%s.GetEntity(ctx, %s, %s, nil)", c.client("table"), l.first, l.second)
	} else {
		there = s.blobClient(c, l, "Block") + ".GetProperties(ctx, nil)"
	}
	c.p("_, err := %s\nif err == nil {\n%s\n}", there, c.done)
	c.p("if !%s {\n%s\n}", s.missing(c, l.row, "err"), c.fail("err", "look"))
}

// blobClient is the client for one blob.
func (s *source) blobClient(c *scope, l place, kind string) string {
	if s.plan.Container {
		return fmt.Sprintf("%s.New%sBlobClient(%s)", c.client("blobs"), kind, l.second)
	}
	return fmt.Sprintf("%s.ServiceClient().NewContainerClient(%s).New%sBlobClient(%s)", c.client("blobs"), l.first, kind, l.second)
}

// line adds a line to an append blob.
func (s *source) line(c *scope, step Step, onError string) {
	l := s.named(c, step)
	end, text := c.fresh("end"), fmt.Sprintf("fmt.Sprintf(%q, %s.ID, %s.%s)", "%s %d\n", c.message, c.message, s.amount())
	c.p("%s := %s", end, s.blobClient(c, l, "Append"))
	c.p("if _, err := %s.Create(ctx, &appendblob.CreateOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: "+
		"&blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}}); err != nil && !%s {\n%s\n}", end, s.conflict(c, false, "err"), c.fail("err", "create"))
	c.attempt(fmt.Sprintf("%s.AppendBlock(ctx, streaming.NopCloser(strings.NewReader(%s)), nil)", end, text), "_, ", onError, s.verb(step))
}

// containerArgs are the arguments of a function that writes anywhere.
func (l place) containerArgs(container bool) []string {
	if l.row {
		return nil // the row names its place itself
	}
	return l.anyArgs(container)
}

// anyArgs are the arguments that name a blob to a function that reads or writes any.
func (l place) anyArgs(container bool) []string {
	if !l.row && container {
		return []string{l.second}
	}
	return []string{l.first, l.second}
}

// bodyArgs are the arguments of a function that writes the blobs of one step.
func (l place) bodyArgs(body string) []string {
	if l.row {
		return []string{body}
	}
	return []string{l.second, body}
}

// helper writes a function that steps share, once.
func (s *source) helper(name, comment, params, results string, body func(*scope)) function {
	if f, ok := s.helpers[name]; ok {
		return f
	}
	f := s.fn(comment, name, params, results, body)
	s.helpers[name] = f
	return f
}

func verbOf(when condition) string {
	if when == creates {
		return "insert"
	}
	return "write"
}

// saveBytes is a function that writes the encoded values of one step.
func (s *source) saveBytes(step Step, when condition) function {
	l := place{row: step.Row, first: fmt.Sprintf("%q", s.container(step)), second: "name"}
	params := "name string, body []byte"
	if step.Row {
		params = "body []byte"
	}
	return s.helper(lower(s.name("%s@%s", verbOf(when), s.value(step))), "writes the "+strings.ToLower(s.value(step)), params, "error", func(c *scope) {
		call, blank := s.write(c, l, "body", when, false, "save")
		c.attempt(call, blank, "", "write")
		c.p("return nil")
	})
}

// saveAny is a generic function that encodes a value and writes it.
func (s *source) saveAny(step Step, when condition) function {
	l, params := s.anywhere(step)
	params, name := params+", value T", s.name("%s@JSON", verbOf(when))
	if step.Row {
		params, name = "value T", s.name("%s@Row", verbOf(when))
	}
	return s.helper(name, "encodes a value and writes it", params, "error", func(c *scope) {
		c.generic = true
		c.p("body, err := json.Marshal(value)\nif err != nil {\n%s\n}", c.fail("err", "encode"))
		call, blank := s.write(c, l, "body", when, false, "save any")
		c.attempt(call, blank, "", "write")
		c.p("return nil")
	})
}

// create writes what is not there yet.
func (s *source) create(c *scope, step Step) {
	l := s.named(c, step)
	if l.row && step.Key == "fresh" {
		id := c.fresh("id")
		c.p("%s := %s", id, l.second)
		l.second = id
	}
	var call, blank string
	switch step.Via {
	case "":
		call, blank = s.write(c, l, s.encode(c, step, l), creates, false, "create")
	case "generic":
		fields := append(l.keys(), s.content(c, step)...)
		call = s.saveAny(step, creates).call(c, append(l.containerArgs(s.plan.Container), s.literal(step, "", fields))...)
	case "iface":
		call = s.behind(c, step, "Create", l, s.encode(c, step, l), creates)
	default:
		call = s.saveBytes(step, creates).call(c, l.bodyArgs(s.encode(c, step, l))...)
	}
	conflict := s.conflict(c, step.Row, "err")
	switch step.Conflict {
	case "error":
		c.attempt(call, blank, "", s.verb(step))
	case "done":
		failed := c.fresh("refused")
		if step.Row {
			conflict = s.conflict(c, true, failed)
		} else {
			conflict = s.conflict(c, false, failed)
		}
		c.p("%s%s := %s\nif %s {", blank, failed, call, conflict)
		if c.settled != nil {
			c.settled(c)
		} else {
			c.p(c.done)
		}
		c.p("}\nif %s != nil {\n%s\n}", failed, c.fail(failed, s.verb(step)))
	default:
		if s.odds(fmt.Sprint("conflict ", step.ID), 2) {
			c.p("if %serr := %s; err != nil && !%s {\n%s\n}", blank, call, conflict, c.fail("err", s.verb(step)))
			return
		}
		c.p("if %serr := %s; err != nil {\nif !%s {\n%s\n}\n%s\n}", blank, call, conflict,
			c.fail("err", s.verb(step)), s.log("there already", "id", c.message+".ID"))
	}
}
