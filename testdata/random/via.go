package random

import (
	"fmt"
	"strings"
)

// keyParams are the parameters of a function that reads or writes one step's value.
func keyParams(row bool) string {
	if row {
		return "partition, row string"
	}
	return "name string"
}

// inside is the place as a function with keyParams knows it.
func (s *source) inside(step Step) place {
	if step.Row {
		return place{row: true, first: "partition", second: "row"}
	}
	return place{first: fmt.Sprintf("%q", s.container(step)), second: "name"}
}

// anywhere is the place as a generic function knows it.
func (s *source) anywhere(step Step) (l place, params string) {
	if step.Row {
		return place{row: true, first: "partition", second: "row"}, "partition, row string"
	}
	if s.plan.Container {
		return place{second: "name"}, "name string"
	}
	return place{first: "container", second: "name"}, "container, name string"
}

// versioned tells whether a step's reads hand on a version.
func (step Step) versioned() bool { return step.Match == "" }

// load reads the step's value by a function, and returns its version.
func (s *source) load(c *scope, step Step, l place, typ, doc string) string {
	var call string
	switch step.Via {
	case "generic":
		name := s.name("load@JSON")
		if step.Row {
			name = s.name("load@Row")
		}
		f := s.helper(s.variant(name, step), "reads a value", second(s.anywhere(step)), s.loaded(step, "T"), func(c *scope) {
			c.generic = true
			in, _ := s.anywhere(step)
			s.loadBody(c, step, in, "T")
		})
		f.instance = typ
		call = f.call(c, l.anyArgs(s.plan.Container)...)
	case "iface":
		call = s.method(c, step, "Load", keyParams(step.Row), s.loaded(step, typ), l.args(), func(c *scope) {
			s.loadBody(c, step, s.inside(step), typ)
		})
	default:
		f := s.helper(lower(s.name("load@%s", s.value(step))), "reads the "+strings.ToLower(s.value(step)), keyParams(step.Row), s.loaded(step, typ), func(c *scope) {
			s.loadBody(c, step, s.inside(step), typ)
		})
		call = f.call(c, l.args()...)
	}
	if !step.versioned() {
		c.p("%s, err := %s\nif err != nil {\n%s\n}", doc, call, c.fail("err", "read"))
		return ""
	}
	etag := c.fresh("etag")
	c.p("%s, %s, err := %s\nif err != nil {\n%s\n}", doc, etag, call, c.fail("err", "read"))
	return etag
}

func second(_ place, params string) string { return params }

// variant tells the generic functions of different steps apart where they do different
// things.
func (s *source) variant(name string, step Step) string {
	name += map[string]string{"none": "Plain", "wildcard": "Existing"}[step.Match]
	if step.Absent {
		name += "IfThere"
	}
	return lower(name)
}

// loaded are the results of a function that reads.
func (s *source) loaded(step Step, typ string) string {
	if step.versioned() {
		return "(value " + typ + ", version *azcore.ETag, err error)"
	}
	return "(value " + typ + ", err error)"
}

// loadBody is what such a function does.
func (s *source) loadBody(c *scope, step Step, in place, typ string) {
	version := s.read(c, step, in, "", "value")
	if step.versioned() {
		c.p("return value, %s, nil", version)
	} else {
		c.p("return value, nil")
	}
	*c.ended = true
}

// save is the call of a function that writes the step's value.
func (s *source) save(c *scope, step Step, l place, typ, doc, version string) string {
	args := append([]string{}, l.args()...)
	if step.Via == "generic" {
		args = l.anyArgs(s.plan.Container)
	}
	args = append(args, doc)
	params := ", value " + typ
	if step.versioned() {
		args = append(args, version)
		params += ", version *azcore.ETag"
	}
	switch step.Via {
	case "generic":
		in, key := s.anywhere(step)
		name := s.name("save@JSON")
		if step.Row {
			name = s.name("save@Row")
			// The row carries its keys.
			c.p("%s.PartitionKey, %s.RowKey = %s, %s", doc, doc, l.first, l.second)
			args, key = args[2:], ""
			params = strings.TrimPrefix(params, ", ")
		}
		f := s.helper(s.variant(name, step), "writes a value", key+strings.Replace(params, "value "+typ, "value T", 1), "error", func(c *scope) {
			c.generic = true
			c.p("body, err := json.Marshal(value)\nif err != nil {\n%s\n}", c.fail("err", "encode"))
			s.saveBody(c, step, in, "body")
		})
		return f.call(c, args...)
	case "iface":
		return s.method(c, step, "Save", keyParams(step.Row)+params, "error", args, func(c *scope) {
			in := s.inside(step)
			s.saveBody(c, step, in, s.body(c, step, in, "value"))
		})
	}
	f := s.helper(lower(s.name("save@%s", s.value(step))), "writes the "+strings.ToLower(s.value(step)), keyParams(step.Row)+params, "error", func(c *scope) {
		in := s.inside(step)
		s.saveBody(c, step, in, s.body(c, step, in, "value"))
	})
	return f.call(c, args...)
}

func (s *source) saveBody(c *scope, step Step, in place, body string) {
	call, blank := s.write(c, in, body, step.when("version"), step.Absent && step.versioned(), "save")
	c.attempt(call, blank, "", "write")
	c.p("return nil")
	*c.ended = true
}

// method declares a method of the step's store, which stands behind an interface, and
// returns its call.
func (s *source) method(c *scope, step Step, verb, params, results string, args []string, body func(*scope)) string {
	field := lower(s.value(step)) + "Store"
	kind := lower(s.name("@")) + s.value(step) + "Store"
	typ, client, clientType := lower(s.name("@"))+s.value(step)+"Blobs", "blobs", s.typeOf("blobs")
	if step.Row {
		typ, client, clientType = lower(s.name("@"))+s.value(step)+"Table", "table", "*aztables.Client"
	}
	name := s.name("%s@", verb)
	if _, ok := s.store[field]; !ok {
		s.store[field], s.kinds[field] = fmt.Sprintf("&%s{client: %s}", typ, client), kind
		s.ifaces[field] = len(s.decls)
		s.decls = append(s.decls, fmt.Sprintf("// %s keeps them.\ntype %s interface {\n}\n", kind, kind))
		s.decls = append(s.decls, fmt.Sprintf("type %s struct {\nclient %s\n}\n", typ, clientType))
	}
	if !s.made[field+"."+name] {
		s.made[field+"."+name] = true
		at := s.ifaces[field]
		s.decls[at] = strings.TrimSuffix(s.decls[at], "}\n") + fmt.Sprintf("%s(ctx context.Context, %s) %s\n}\n", name, params, results)
		zero := zeros(results)
		ended := false
		in := &scope{
			src: s, b: &strings.Builder{}, takes: map[string]bool{}, names: map[string]int{}, self: "b.client", ended: &ended,
			fail: returns(s, zero), done: "return " + zero + "nil",
		}
		for p := range strings.SplitSeq(params, ", ") {
			name, _, _ := strings.Cut(p, " ")
			in.names[name] = 1
		}
		body(in)
		s.decls = append(s.decls, fmt.Sprintf("func (b *%s) %s(ctx context.Context, %s) %s {\n%s}\n", typ, name, params, results, in.b))
	}
	return fmt.Sprintf("%s.%s(%s)", c.client(field), name, strings.Join(append([]string{"ctx"}, args...), ", "))
}

// behind is the call of a store that writes encoded values.
func (s *source) behind(c *scope, step Step, verb string, l place, body string, when condition) string {
	in := s.inside(step)
	params := "name string, body []byte"
	if step.Row {
		params = "body []byte"
	}
	return s.method(c, step, verb, params, "error", l.bodyArgs(body), func(c *scope) {
		call, blank := s.write(c, in, "body", when, false, "save")
		c.attempt(call, blank, "", "write")
		c.p("return nil")
	})
}

// swap writes a step by a generic function that is given the change.
func (s *source) swap(c *scope, step Step) {
	l := s.named(c, step)
	in, params := s.anywhere(step)
	name := s.variant(s.name("update@"), step)
	if step.Row {
		name += "Row"
	}
	if step.Retries > 0 {
		name += "Again"
	}
	typ := s.document(step)
	f := s.helper(name, "changes a value; change returns false to leave it as it is", params+", change func(*T) bool", "error", func(c *scope) {
		c.generic = true
		if step.Retries > 0 {
			c.p("for range %d {", step.Retries+1)
		}
		version := s.read(c, step, in, "T", "value")
		c.p("if !change(&value) {\nreturn nil\n}")
		c.p("body, err := json.Marshal(value)\nif err != nil {\n%s\n}", c.fail("err", "encode"))
		call, blank := s.write(c, in, "body", step.when(version), step.Absent && step.versioned(), "swap")
		if step.Retries == 0 {
			c.attempt(call, blank, "", "write")
			c.p("return nil")
		} else {
			c.p("%serr = %s\nif err == nil {\nreturn nil\n}\nif %s {\n%s\n}\n}", blank, call, not(s.stale(step, "err")), c.fail("err", "write"))
			c.p("return errors.New(%q)", "keeps changing")
		}
		*c.ended = true
	})
	inner := c.nested()
	doc := inner.fresh(strings.ToLower(s.value(step)))
	s.apply(inner, step, doc, "return false")
	if step.Row {
		inner.p("%s.PartitionKey, %s.RowKey = %s, %s", doc, doc, l.first, l.second)
	}
	c.attempt(f.call(c, append(l.anyArgs(s.plan.Container), fmt.Sprintf("func(%s *%s) bool {\n%sreturn true\n}", doc, typ, inner.b))...), "", "", s.verb(step))
}
