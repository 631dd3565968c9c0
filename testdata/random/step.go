package random

import (
	"fmt"
	"strings"
)

// value is what the step keeps: the name of its type, without the handler's.
func (s *source) value(step Step) string { return values[step.ID%len(values)] }

// step writes one step of the work.
func (s *source) step(c *scope, step Step) {
	if step.Large {
		c.p("if %s.%s > %d {", c.message, s.amount(), large)
		defer c.p("}")
	}
	tag := fmt.Sprint("step ", step.ID)
	switch step.Place {
	case "":
		s.core(c, step, step.OnError)
	case "closure":
		name := c.fresh(s.pick(tag, "apply", "work", "attempt"))
		inner := c.nested()
		s.core(inner, step, "")
		inner.end()
		c.p("%s := func() error {\n%s}", name, inner.b)
		c.attempt(name+"()", "", step.OnError, s.verb(step))
	default:
		params, arg := c.message+" "+s.event(), c.message
		if s.odds(tag+" pointer", 3) {
			params, arg = c.message+" *"+s.event(), "&"+arg
		}
		body := func(c *scope) {
			c.message = s.theme.one
			s.core(c, step, "")
			c.end()
		}
		f := s.fn(s.comment(step), lower(s.name("%s@%s", s.verb(step), s.value(step))), params, "error", body)
		if step.Place == "deep" {
			inner := f
			f = s.fn("takes one "+s.theme.one+" further", s.name("apply@%s", s.value(step)), params, "error", func(c *scope) {
				c.message = s.theme.one
				if s.odds(tag+" checks", 2) {
					c.p("if %s.ID == \"\" {\nreturn errors.New(%q)\n}", c.message, s.theme.one+" without id")
				}
				if s.odds(tag+" tail call", 2) {
					c.p("return %s", inner.call(c, c.message))
					return
				}
				c.attempt(inner.call(c, c.message), "", "", s.verb(step))
				c.p("return nil")
			})
		}
		switch step.Place {
		case "go":
			c.p("go func() {\nif err := %s; err != nil {\n%s\n}\n}()", f.call(c, arg), s.log(s.verb(step), "id", c.message+".ID", "err", "err"))
			return
		case "wg":
			group := c.fresh("group")
			if step.OnError == "drop" {
				c.p("var %s sync.WaitGroup\n%s.Go(func() { _ = %s })\n%s.Wait()", group, group, f.call(c, arg), group)
				return
			}
			failed := c.fresh("outcome")
			c.p("var %s error\nvar %s sync.WaitGroup\n%s.Go(func() { %s = %s })\n%s.Wait()", failed, group, group, failed, f.call(c, arg), group)
			c.attempt(failed, "", step.OnError, s.verb(step))
			return
		}
		c.attempt(f.call(c, arg), "", step.OnError, s.verb(step))
	}
}

func (s *source) verb(step Step) string {
	tag := fmt.Sprint("verb ", step.ID)
	switch step.Kind {
	case "create":
		return s.pick(tag, "create", "open", "register")
	case "change":
		return s.pick(tag, "update", "change", "merge")
	case "send":
		return s.pick(tag, "forward", "announce", "notify")
	case "wait":
		return s.pick(tag, "settle", "cool", "pause")
	case "look":
		return s.pick(tag, "consult", "inspect")
	case "line":
		return s.pick(tag, "note", "journal")
	}
	return s.pick(tag, "save", "store", "publish", "record")
}

func (s *source) comment(step Step) string {
	switch step.Kind {
	case "send":
		return "tells others about the " + s.theme.one
	case "wait":
		return "gives other systems some time"
	case "look":
		return "looks at the settings"
	}
	return "keeps the " + strings.ToLower(s.value(step)) + " up to date"
}

// attempt calls something that can fail, and deals with its error. The call has results
// before the error as blank says: "" or "_, ".
func (c *scope) attempt(call, blank, onError, what string) {
	s := c.src
	switch onError {
	case "":
		c.p("if %serr := %s; err != nil {\n%s\n}", blank, call, c.fail("err", what))
	case "log":
		c.p("if %serr := %s; err != nil {\n%s\n}", blank, call, s.log(what, "id", c.message+".ID", "err", "err"))
	case "drop":
		c.p(s.pick("drop "+what, blank+"_ = ", "") + call)
	default:
		failed := c.fresh("failure")
		c.p("var %s error", failed)
		c.p("for range 2 {\nif %s%s = %s; %s == nil {\nbreak\n}", blank, failed, call, failed)
		if s.odds("backoff "+what, 2) {
			c.p("time.Sleep(time.Second)")
		}
		c.p("}\nif %s != nil {", failed)
		if onError == "retry" {
			c.p(c.fail(failed, what))
		} else {
			c.p(s.log(what, "id", c.message+".ID", "err", failed))
		}
		c.p("}")
	}
}

// core writes the step itself into the function that it stands in.
func (s *source) core(c *scope, step Step, onError string) {
	switch step.Guard {
	case "after":
		s.lookForMark(c, step)
		defer s.mark(c, step)
	case "before":
		s.markFirst(c, step)
	}
	switch step.Kind {
	case "":
		s.put(c, step, onError)
	case "create":
		s.create(c, step)
	case "change":
		s.change(c, step)
	case "send":
		s.send(c, step, onError)
	case "wait":
		s.wait(c, step)
	case "look":
		s.look(c, step)
	case "line":
		s.line(c, step, onError)
	}
}

func (s *source) wait(c *scope, step Step) {
	d := fmt.Sprintf("%d * time.Second", step.Seconds)
	if s.odds(fmt.Sprint("timer ", step.ID), 3) {
		c.p("select {\ncase <-ctx.Done():\n%s\ncase <-time.After(%s):\n}", c.fail("ctx.Err()", "wait"), d)
		return
	}
	c.p("time.Sleep(%s)", d)
}

func (s *source) look(c *scope, step Step) {
	got, raw := c.fresh("settings"), c.fresh("text")
	c.p("%s, err := %s", got, s.download(c, s.settings()))
	c.p("if err != nil {\n%s\n}", c.fail("err", "settings"))
	c.p("%s, err := io.ReadAll(%s.Body)", raw, got)
	c.p("if err != nil {\n%s\n}", c.fail("err", "settings"))
	c.p(s.log("settings read", "bytes", "len("+raw+")"))
}

func (s *source) send(c *scope, step Step, onError string) {
	text := ""
	switch step.Content {
	case "text":
		text = fmt.Sprintf("fmt.Sprintf(%q, %s.ID, %s.%s)", s.theme.one+" %s of %s", c.message, c.message, s.group())
	case "random", "stamp":
		extra, field := "uuid.NewString()", "ID"
		if step.Content == "stamp" {
			extra, field = "time.Now().UTC()", "At"
		}
		note := c.fresh("note")
		c.p("%s, err := json.Marshal(map[string]any{%q: %s, %q: %s.ID})", note, field, extra, upper(s.theme.one), c.message)
		c.p("if err != nil {\n%s\n}", c.fail("err", "encode"))
		text = "string(" + note + ")"
	default:
		note := c.fresh("note")
		c.p("%s, err := json.Marshal(%s)", note, c.message)
		c.p("if err != nil {\n%s\n}", c.fail("err", "encode"))
		text = "string(" + note + ")"
	}
	c.attempt(fmt.Sprintf("%s.EnqueueMessage(ctx, %s, nil)", c.client("out"), text), "_, ", onError, s.verb(step))
}

// markKey is the row that says that the step is done.
func (s *source) markKey(c *scope, step Step) (partition, row string) {
	return fmt.Sprintf("%q", "done-"+strings.ToLower(s.value(step))), c.message + ".ID"
}

func (s *source) lookForMark(c *scope, step Step) {
	partition, row := s.markKey(c, step)
	c.p("_, err := %s.GetEntity(ctx, %s, %s, nil)", c.client("table"), partition, row)
	c.p("if err == nil {\n%s // done by an earlier delivery\n}", c.done)
	c.p("if !%s {\n%s\n}", s.missing(c, true, "err"), c.fail("err", "mark"))
}

func (s *source) mark(c *scope, step Step) {
	partition, row := s.markKey(c, step)
	mark := c.fresh("mark")
	c.p("%s, err := json.Marshal(map[string]any{\"PartitionKey\": %s, \"RowKey\": %s})", mark, partition, row)
	c.p("if err != nil {\n%s\n}", c.fail("err", "mark"))
	c.attempt(fmt.Sprintf("%s.UpsertEntity(ctx, %s, nil)", c.client("table"), mark), "_, ", "", "mark")
}

func (s *source) markFirst(c *scope, step Step) {
	partition, row := s.markKey(c, step)
	mark := c.fresh("mark")
	c.p("%s, err := json.Marshal(map[string]any{\"PartitionKey\": %s, \"RowKey\": %s})", mark, partition, row)
	c.p("if err != nil {\n%s\n}", c.fail("err", "mark"))
	c.p("if _, err := %s.AddEntity(ctx, %s, nil); err != nil {", c.client("table"), mark)
	c.p("if %s {\n%s // done by an earlier delivery\n}\n%s\n}", s.conflict(c, true, "err"), c.done, c.fail("err", "mark"))
}

// missing is a condition: an error says that what was read is not there.
func (s *source) missing(c *scope, row bool, err string) string {
	if !row {
		return "bloberror.HasCode(" + err + ", bloberror.BlobNotFound)"
	}
	return s.status("isNo", "NotFound") + "(" + err + ")"
}

// conflict is a condition: an error says that what was created is there already.
func (s *source) conflict(c *scope, row bool, err string) string {
	if !row {
		return "bloberror.HasCode(" + err + ", bloberror.BlobAlreadyExists)"
	}
	return s.status("have", "Conflict") + "(" + err + ")"
}

// stale is a condition: an error says that what was read has changed since.
func (s *source) stale(step Step, err string) string {
	switch {
	case !step.Row && step.Absent:
		return "bloberror.HasCode(" + err + ", bloberror.ConditionNotMet, bloberror.BlobAlreadyExists)"
	case !step.Row:
		return "bloberror.HasCode(" + err + ", bloberror.ConditionNotMet)"
	}
	stale := s.status("stale", "PreconditionFailed") + "(" + err + ")"
	if step.Absent {
		stale += " || " + s.status("have", "Conflict") + "(" + err + ")"
	}
	return stale
}

// status declares a function that asks for the status of a refused request.
func (s *source) status(prefix, status string) string {
	name := s.name("%s@", prefix)
	s.declare(name, fmt.Sprintf(`func %s(err error) bool {
var refused *azcore.ResponseError
return errors.As(err, &refused) && refused.StatusCode == http.Status%s
}
`, name, status))
	return name
}
