package random

import (
	"fmt"
	"strings"
)

// flat values have no lists and maps, so that a row holds them in its columns.
func (s *Step) flat() bool {
	switch s.Change {
	case "append", "include", "entry", "tally":
		return false
	}
	return s.Guard != "applied" && s.Guard != "seen"
}

// fields are those of the value that a step changes.
func (s *source) fields(step Step) []field {
	var list []field
	add := func(name, typ string) { list = append(list, field{name: name, typ: typ}) }
	tag := fmt.Sprint("field ", step.ID)
	switch step.Change {
	case "":
		add(s.pick(tag, "Peak", "Highest", "Most"), "int")
	case "add":
		add(s.pick(tag, "Total", "Sum", "Balance"), "int")
	case "count":
		add(s.pick(tag, "Count", upper(s.theme.many)), "int")
	case "set":
		add(s.pick(tag, "Last", "Current", "Latest"), "int")
	case "append", "include":
		add(s.pick(tag, "Items", "Members", upper(s.theme.many)), "[]string")
	case "entry", "tally":
		add(s.pick(tag, "Amounts", "ByID", "Entries"), "map[string]int")
	case "grow":
		add(s.pick(tag, "Text", "Notes", "Lines"), "string")
	case "chain":
		add("Digest", "string")
	}
	switch step.Guard {
	case "applied":
		add(s.pick(tag+" mark", "Applied", "Done", "Handled"), "[]string")
	case "seen":
		add(s.pick(tag+" mark", "Seen", "Applied"), "map[string]bool")
	case "older":
		add("Seq", "int")
	}
	if step.Stamp {
		add(s.pick("stamp", "UpdatedAt", "At", "WrittenAt"), "time.Time")
	}
	return list
}

// document declares the type of the value that a step changes. In a row it is the row
// itself, or lies in one of its columns.
func (s *source) document(step Step) string {
	fields := s.fields(step)
	if step.Row && step.flat() {
		fields = append(place{row: true}.keys(), fields...)
	}
	if step.Row && !step.flat() {
		s.typ(step, "Row", []field{{name: "PartitionKey", typ: "string"}, {name: "RowKey", typ: "string"}, {name: "Data", typ: "string"}})
	}
	return s.typ(step, "", fields)
}

// apply writes the change itself. Without a return to leave by, what follows is nested,
// and close ends that.
func (s *source) apply(c *scope, step Step, doc, skip string) (close string) {
	m, field := c.message, s.fields(step)
	value := doc + "." + field[0].name
	amount := m + "." + s.amount()
	mark := ""
	if step.beside() {
		mark = doc + "." + field[1].name
		met := ""
		switch step.Guard {
		case "applied":
			met = fmt.Sprintf("slices.Contains(%s, %s.ID)", mark, m)
		case "seen":
			met = fmt.Sprintf("%s[%s.ID]", mark, m)
		case "older":
			met = fmt.Sprintf("%s.%s <= %s", m, s.amount(), mark)
		}
		if skip != "" {
			c.p("if %s {\n%s\n}", met, skip)
		} else {
			c.p("if %s {", not(met))
			close = "}"
		}
	}
	tag := fmt.Sprint("apply ", step.ID)
	switch step.Change {
	case "":
		if s.odds(tag, 2) {
			c.p("%s = max(%s, %s)", value, value, amount)
		} else {
			c.p("if %s > %s {\n%s = %s\n}", amount, value, value, amount)
		}
	case "add":
		c.p(s.pick(tag, value+" += "+amount, value+" = "+value+" + "+amount))
	case "count":
		c.p("%s++", value)
	case "set":
		c.p("%s = %s", value, amount)
	case "append":
		c.p("%s = append(%s, %s.ID)", value, value, m)
	case "include":
		c.p("if !slices.Contains(%s, %s.ID) {\n%s = append(%s, %s.ID)\n}", value, m, value, value, m)
	case "entry":
		c.p("if %s == nil {\n%s = map[string]int{}\n}\n%s[%s.ID] = %s", value, value, value, m, amount)
	case "tally":
		c.p("if %s == nil {\n%s = map[string]int{}\n}\n%s[%s.%s] += %s", value, value, value, m, s.group(), amount)
	case "grow":
		c.p(s.pick(tag, fmt.Sprintf("%s += %s.ID + \"\\n\"", value, m), fmt.Sprintf("%s = fmt.Sprintf(%q, %s, %s.ID)", value, "%s%s;", value, m)))
	case "chain":
		sum := c.fresh("sum")
		c.p("%s := sha256.Sum256([]byte(%s + %s.ID))\n%s = hex.EncodeToString(%s[:])", sum, value, m, value, sum)
	}
	switch step.Guard {
	case "applied":
		c.p("%s = append(%s, %s.ID)", mark, mark, m)
	case "seen":
		c.p("if %s == nil {\n%s = map[string]bool{}\n}\n%s[%s.ID] = true", mark, mark, mark, m)
	case "older":
		c.p("%s = %s", mark, amount)
	}
	if step.Stamp {
		c.p("%s.%s = time.Now().UTC()", doc, field[len(field)-1].name)
	}
	return close
}

// read writes the read of a step's value into a variable. The version is an expression of
// type *azcore.ETag, "" where the step has no use for it.
func (s *source) read(c *scope, step Step, l place, typ, doc string) (version string) {
	got := c.fresh("got")
	version = got + ".ETag"
	var call string
	if l.row {
		call = fmt.Sprintf("%s.GetEntity(ctx, %s, %s, nil)", c.client("table"), l.first, l.second)
		version = "&" + version
	} else {
		call = s.download(c, l)
	}
	if typ != "" {
		c.p("var %s %s", doc, typ)
	}
	if !step.Absent {
		c.p("%s, err := %s\nif err != nil {\n%s\n}", got, call, c.fail("err", "read"))
		s.parse(c, step, got, doc)
		return version
	}
	etag := ""
	if step.Match == "" {
		etag = c.fresh("etag")
		c.p("var %s *azcore.ETag", etag)
	}
	c.p("%s, err := %s\nif err != nil && !%s {\n%s\n}\nif err == nil {", got, call, s.missing(c, l.row, "err"), c.fail("err", "read"))
	s.parse(c, step, got, doc)
	if etag != "" {
		c.p("%s = %s", etag, version)
	}
	c.p("}")
	return etag
}

// parse decodes what was read.
func (s *source) parse(c *scope, step Step, got, doc string) {
	tag := fmt.Sprint("parse ", step.ID)
	switch {
	case step.Row && !step.flat():
		row := c.fresh("row")
		c.p("var %s %s", row, lower(s.name("@"))+s.value(step)+"Row")
		c.p("if err := json.Unmarshal(%s.Value, &%s); err != nil {\n%s\n}", got, row, c.fail("err", "decode"))
		c.p("if err := json.Unmarshal([]byte(%s.Data), &%s); err != nil {\n%s\n}", row, doc, c.fail("err", "decode"))
	case step.Row:
		c.p("if err := json.Unmarshal(%s.Value, &%s); err != nil {\n%s\n}", got, doc, c.fail("err", "decode"))
	case s.odds(tag, 2):
		c.p("if err := json.NewDecoder(%s.Body).Decode(&%s); err != nil {\n%s\n}", got, doc, c.fail("err", "decode"))
	default:
		raw := c.fresh("raw")
		c.p("%s, err := io.ReadAll(%s.Body)\nif err != nil {\n%s\n}", raw, got, c.fail("err", "read"))
		c.p("if err := json.Unmarshal(%s, &%s); err != nil {\n%s\n}", raw, doc, c.fail("err", "decode"))
	}
}

// body encodes a step's value for its write.
func (s *source) body(c *scope, step Step, l place, doc string) string {
	body := c.fresh("body")
	switch {
	case l.row && !step.flat():
		data := c.fresh("data")
		c.p("%s, err := json.Marshal(%s)\nif err != nil {\n%s\n}", data, doc, c.fail("err", "encode"))
		c.p("%s, err := json.Marshal(%s{PartitionKey: %s, RowKey: %s, Data: string(%s)})", body, lower(s.name("@"))+s.value(step)+"Row", l.first, l.second, data)
	default:
		if l.row {
			c.p("%s.PartitionKey, %s.RowKey = %s, %s", doc, doc, l.first, l.second)
		}
		c.p("%s, err := json.Marshal(%s)", body, doc)
	}
	c.p("if err != nil {\n%s\n}", c.fail("err", "encode"))
	return body
}

// when is the condition of a step's write.
func (step Step) when(version string) condition {
	switch step.Match {
	case "none":
		return anyway
	case "wildcard":
		return wildcard
	}
	return condition(version)
}

// change reads, changes and writes.
func (s *source) change(c *scope, step Step) {
	if step.Via == "swap" {
		s.swap(c, step)
		return
	}
	l := s.named(c, step)
	if step.Guard == "tx" {
		mark := c.fresh("done")
		c.p("%s := \"done-\" + %s.ID", mark, c.message)
		c.p("if _, err := %s.GetEntity(ctx, %s, %s, nil); err == nil {\n%s // done by an earlier delivery\n} else if !%s {\n%s\n}",
			c.client("table"), l.first, mark, c.done, s.missing(c, true, "err"), c.fail("err", "mark"))
	}
	if step.Retries > 0 {
		c.p(s.pick(fmt.Sprint("tries ", step.ID), "for range %d {", "for try := 0; try < %d; try++ {"), step.Retries+1)
	}
	doc := c.fresh(strings.ToLower(s.value(step)))
	typ := s.document(step)
	var version string
	switch step.Via {
	case "":
		version = s.read(c, step, l, typ, doc)
	default:
		version = s.load(c, step, l, typ, doc)
	}
	if step.Match == "other" {
		other := c.fresh("settings")
		c.p("%s, err := %s\nif err != nil {\n%s\n}", other, s.download(c, s.settings()), c.fail("err", "settings"))
		version = other + ".ETag"
	}
	skip := ""
	if step.inFunction() {
		skip = c.done
	}
	close := s.apply(c, step, doc, skip)
	var call, blank string
	switch {
	case step.Guard == "tx":
		call, blank = s.transaction(c, step, l, s.body(c, step, l, doc), version), "_, "
	case step.Via == "":
		call, blank = s.write(c, l, s.body(c, step, l, doc), step.when(version), step.Absent && step.Match == "", fmt.Sprint("change ", step.ID))
	default:
		call = s.save(c, step, l, typ, doc, version)
	}
	if step.Retries == 0 {
		c.attempt(call, blank, "", "write")
	} else {
		failed := c.fresh("refused")
		c.p("%s%s := %s\nif %s == nil {\n%s\n}\nif !(%s) {\n%s\n}\n}", blank, failed, call, failed, c.done, s.stale(step, failed), c.fail(failed, "write"))
		c.p("return errors.New(%q)", strings.ToLower(s.value(step))+" keep changing")
		*c.ended = true
	}
	if close != "" {
		c.p(close)
	}
}

// transaction is the call that writes a row together with the mark of the message.
func (s *source) transaction(c *scope, step Step, l place, body, version string) string {
	mark := c.fresh("mark")
	c.p("%s, err := json.Marshal(map[string]any{\"PartitionKey\": %s, \"RowKey\": done})", mark, l.first)
	c.p("if err != nil {\n%s\n}", c.fail("err", "mark"))
	match := ""
	if step.versioned() {
		match = ", IfMatch: " + version
	}
	return fmt.Sprintf("%s.SubmitTransaction(ctx, []aztables.TransactionAction{\n{ActionType: aztables.TransactionTypeAdd, Entity: %s},\n"+
		"{ActionType: aztables.TransactionTypeUpdateReplace, Entity: %s%s},\n}, nil)", c.client("table"), mark, body, match)
}

// not is the opposite of a condition.
func not(condition string) string {
	if strings.ContainsAny(condition, "<|") {
		return "!(" + condition + ")"
	}
	return "!" + condition
}
