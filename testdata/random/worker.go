package random

import (
	"fmt"
	"strings"
)

// event is the type of the decoded message.
func (s *source) event() string {
	return lower(s.name("@")) + s.pick("event", "Event", "Message", "Task")
}

func (s *source) group() string  { return upper(s.theme.group) }
func (s *source) amount() string { return upper(s.amountName()) }

// amountName is what the number in the message is called: where it orders the messages it
// says so.
func (s *source) amountName() string {
	for _, step := range s.plan.Steps {
		if step.Guard == "older" {
			return "seq"
		}
	}
	return s.theme.amount
}

// large is from where on an amount is large: one message of each world is.
const large = 100

func (s *source) worker() (code, call string) {
	s.declare("event", fmt.Sprintf("type %s struct {\nID string `json:\"id\"`\n%s string `json:%q`\n%s int `json:%q`\n}\n",
		s.event(), s.group(), s.theme.group, s.amount(), s.amountName()))
	name := "Run"
	if !s.plan.Methods {
		name = s.name("Run@s")
	}
	entry := len(s.decls)
	s.decls = append(s.decls, "")
	c := &scope{
		src: s, b: &strings.Builder{}, takes: map[string]bool{}, names: map[string]int{}, ended: new(bool),
		fail: returns(s, ""), done: "return nil",
	}
	s.receive(c)
	body := c.b.String()
	var params, args []string
	for _, k := range clients {
		if c.takes[k.name] || s.needs(k.name) {
			params = append(params, k.name+" "+s.typeOf(k.name))
			args = append(args, s.given(k.name))
		}
	}
	if !s.plan.Methods {
		made := ""
		for _, t := range s.order(c.takes) {
			if make, ok := s.store[t]; ok {
				made += t + " := " + make + "\n"
			}
		}
		s.decls[entry] = fmt.Sprintf("// %s receives %s and does what they ask for.\nfunc %s(ctx context.Context, %s) error {\n%s%s}\n",
			name, s.theme.many, name, strings.Join(params, ", "), made, body)
		call = name + "(ctx, " + strings.Join(args, ", ") + ")"
		return strings.Join(s.decls, "\n"), call
	}
	typ := s.name("@Worker")
	fields, inits := "", ""
	for _, t := range s.order(c.takes) {
		fields += t + " " + s.typeOf(t) + "\n"
		if make, ok := s.store[t]; ok {
			inits += t + ": " + make + ",\n"
		} else {
			inits += t + ": " + t + ",\n"
		}
	}
	s.decls[entry] = fmt.Sprintf(`// %[1]s works on %[2]s.
type %[1]s struct {
%[3]s}

// New%[1]s makes one.
func New%[1]s(%[4]s) *%[1]s {
return &%[1]s{
%[5]s}
}

// Run receives %[2]s and does what they ask for.
func (w *%[1]s) Run(ctx context.Context) error {
%[6]s}
`, typ, s.theme.many, fields, strings.Join(params, ", "), inits, body)
	return strings.Join(s.decls, "\n"), "New" + typ + "(" + strings.Join(args, ", ") + ").Run(ctx)"
}

// needs tells whether a store is made of this client.
func (s *source) needs(client string) bool {
	for _, make := range s.store {
		if strings.Contains(make, "{"+client+"}") || strings.Contains(make, ": "+client+"}") || strings.Contains(make, "("+client+")") {
			return true
		}
	}
	return false
}

// given is what the test gives as a client.
func (s *source) given(client string) string {
	if client == "blobs" && s.plan.Container {
		return fmt.Sprintf("c.Container(%q)", s.theme.many)
	}
	return "c." + upper(client)
}

// dequeue is the call that receives.
func (s *source) dequeue(c *scope) string {
	one, options := "DequeueMessage", "nil"
	var set []string
	if s.plan.Batch > 0 {
		one = "DequeueMessages"
		set = append(set, fmt.Sprintf("NumberOfMessages: to.Ptr(int32(%d))", s.plan.Batch))
	}
	if s.plan.Lease > 0 {
		set = append(set, fmt.Sprintf("VisibilityTimeout: to.Ptr(int32(%d))", s.plan.Lease))
	}
	if len(set) > 0 {
		options = "&azqueue." + one + "Options{" + strings.Join(set, ", ") + "}"
	}
	return fmt.Sprintf("%s.%s(ctx, %s)", c.client("queue"), one, options)
}

// fetch writes a function that receives.
func (s *source) fetch() function {
	results, empty, found := "(msg *azqueue.DequeuedMessage, err error)", "if len(resp.Messages) == 0 {\nreturn nil, nil\n}\n", "resp.Messages[0]"
	if s.plan.Batch > 0 {
		results, empty, found = "(messages []*azqueue.DequeuedMessage, err error)", "", "resp.Messages"
	}
	return s.fn("receives what is next", s.name("next@"), "", results, func(c *scope) {
		c.p("resp, err := %s\nif err != nil {\n%s\n}\n%sreturn %s, nil", s.dequeue(c), c.fail("err", "receive"), empty, found)
	})
}

func (s *source) receive(c *scope) {
	message := *c
	if s.plan.Forever {
		c.p(s.pick("loop", "for ctx.Err() == nil {", "for {\nif err := ctx.Err(); err != nil {\nreturn err\n}"))
		message.fail, message.done = s.logs("continue"), "continue"
	} else if s.plan.Batch > 0 {
		message.done = "continue"
		if s.odds("batch goes on", 2) {
			message.fail = s.logs("continue")
		}
	}
	found, nothing := "resp", "len(resp.Messages) == 0"
	if s.plan.Fetch {
		found, nothing = "msg", "msg == nil"
		if s.plan.Batch > 0 {
			found, nothing = "messages", "len(messages) == 0"
		}
		c.p("%s, err := %s", found, s.fetch().call(c))
	} else {
		c.p("%s, err := %s", found, s.dequeue(c))
	}
	c.p("if err != nil {")
	if s.plan.Forever {
		c.p("%s\ntime.Sleep(time.Second)\ncontinue", s.log("receive", "err", "err"))
	} else {
		c.p(c.fail("err", "receive"))
	}
	c.p("}")
	if s.plan.Batch == 0 || s.plan.Forever {
		c.p("if %s {", nothing)
		if s.plan.Forever {
			c.p("time.Sleep(%s)\ncontinue", s.pick("pause", "time.Second", "5 * time.Second"))
		} else {
			c.p("return nil")
		}
		c.p("}")
	}
	switch {
	case s.plan.Batch > 0 && s.plan.Fetch:
		c.p("for _, msg := range messages {")
	case s.plan.Batch > 0:
		c.p("for _, msg := range resp.Messages {")
	case !s.plan.Fetch:
		c.p("msg := resp.Messages[0]")
	}
	s.handle(&message)
	if s.plan.Batch > 0 {
		c.p("}")
	}
	if s.plan.Forever {
		c.p("}")
		if strings.HasPrefix(s.pick("loop", "for ctx.Err() == nil {", "for {\nif err := ctx.Err(); err != nil {\nreturn err\n}"), "for ctx") {
			c.p("return ctx.Err()")
		}
		return
	}
	c.p("return nil")
}

// logs goes on with what comes next after an error was logged.
func (s *source) logs(next string) func(err, what string) string {
	return func(err, what string) string {
		return s.log(what, "err", err) + "\n" + next
	}
}

// log is a line of the handler's log: what happened, and names and expressions.
func (s *source) log(what string, pairs ...string) string {
	format, args, named := what, "", ""
	for i := 0; i < len(pairs); i += 2 {
		format += map[bool]string{true: ": %v", false: " %v"}[pairs[i] == "err"]
		args += ", " + pairs[i+1]
		named += fmt.Sprintf(", %q, %s", pairs[i], pairs[i+1])
	}
	if s.pick("logger", "log", "log", "slog") == "slog" {
		return fmt.Sprintf("slog.Info(%q%s)", what, named)
	}
	return fmt.Sprintf("log.Printf(%q%s)", format, args)
}

const aMessage = "msg *azqueue.DequeuedMessage"

// handle writes what is done with the message msg.
func (s *source) handle(c *scope) {
	switch s.plan.Layout {
	case "handle":
		f := s.fn("handles one "+s.theme.one, s.name("handle@"), aMessage, "error", func(c *scope) {
			s.whole(c)
			c.p("return nil")
		})
		c.p("if err := %s; err != nil {\n%s\n}", f.call(c, "msg"), c.fail("err", s.theme.one))
	case "work":
		params, args := "text string", []string{"*msg.MessageText"}
		if s.plan.QueueID {
			params, args = "id, "+params, append([]string{"*msg.MessageID"}, args...)
		}
		f := s.fn("does what one "+s.theme.one+" asks for", s.name("process@"), params, "error", func(c *scope) {
			s.decode(c, "text", "id")
			s.work(c)
			c.p("return nil")
		})
		s.giveUp(c)
		if s.plan.Delete == "first" {
			s.remove(c, "*msg.PopReceipt")
		}
		receipt := "*msg.PopReceipt"
		if s.plan.Renew {
			c.p("release := %s", s.keeper().call(c, "msg"))
			c.p("err = %s\nreceipt := release()", f.call(c, args...))
			c.p("if err != nil {")
			receipt = "receipt"
		} else {
			c.p("if err := %s; err != nil {", f.call(c, args...))
		}
		if s.plan.Delete == "onerror" {
			c.p(s.log(s.theme.one+" failed", "id", "*msg.MessageID", "err", "err"))
			s.remove(c, receipt)
			c.p(c.done)
		} else {
			c.p(c.fail("err", s.theme.one))
		}
		c.p("}")
		if s.plan.Delete != "first" {
			s.remove(c, receipt)
		}
	default:
		s.whole(c)
	}
}

// whole writes decoding, work and delete into one function.
func (s *source) whole(c *scope) {
	receipt := "*msg.PopReceipt"
	if s.plan.Delete == "deferred" {
		if s.plan.Ack {
			c.p("defer %s", s.ack("ctx").call(c, "msg", receipt))
		} else {
			c.p("defer %s.DeleteMessage(ctx, *msg.MessageID, %s, nil)", c.client("queue"), receipt)
		}
	}
	s.giveUp(c)
	s.decode(c, "*msg.MessageText", "*msg.MessageID")
	if s.plan.Delete == "first" {
		s.remove(c, receipt)
	}
	if s.plan.Renew {
		c.p("release := %s\ndefer release()", s.keeper().call(c, "msg"))
		receipt = "release()"
	}
	c.settled = func(c *scope) {
		if s.plan.Delete != "deferred" && s.plan.Delete != "first" {
			s.remove(c, receipt)
		}
		c.p(c.done)
	}
	s.work(c)
	if s.plan.Delete != "deferred" && s.plan.Delete != "first" {
		s.remove(c, receipt)
	}
}

// giveUp deletes what was delivered too often.
func (s *source) giveUp(c *scope) {
	if !s.plan.GiveUp {
		return
	}
	c.p("if *msg.DequeueCount > 5 {\n%s", s.log("giving up", "id", "*msg.MessageID"))
	if s.plan.Delete != "deferred" {
		s.remove(c, "*msg.PopReceipt")
	}
	c.p(c.done + "\n}")
}

func (s *source) decode(c *scope, text, id string) {
	c.message = s.theme.one
	c.p("var %s %s", c.message, s.event())
	c.p("if err := json.Unmarshal([]byte(%s), &%s); err != nil {\n%s\n}", text, c.message, c.fail("err", "decode"))
	if s.plan.QueueID {
		c.p("%s.ID = %s", c.message, id)
	}
}

// work writes the steps, and between them the way that some messages take.
func (s *source) work(c *scope) {
	for i, step := range s.plan.Steps {
		s.step(c, step)
		if i+1 != s.plan.branchAt() || s.plan.Delete != "forgotten" && s.plan.Delete != "arms" {
			continue
		}
		c.p("if %s.%s > %d {\n%s", c.message, s.amount(), large, s.log("large "+s.theme.one, "id", c.message+".ID"))
		if s.plan.Delete == "arms" && c.settled != nil {
			c.settled(c)
		} else {
			c.p(c.done)
		}
		c.p("}")
	}
}

// remove writes the delete.
func (s *source) remove(c *scope, receipt string) {
	ctx := s.pick("delete's context", "ctx", "ctx", "context.WithoutCancel(ctx)")
	call, blank := fmt.Sprintf("%s.DeleteMessage(%s, *msg.MessageID, %s, nil)", c.client("queue"), ctx, receipt), "_, "
	if s.plan.Ack {
		call, blank = s.ack(ctx).call(c, "msg", receipt), ""
	}
	switch s.plan.DeleteError {
	case "log":
		c.p("if %serr := %s; err != nil {\n%s\n}", blank, call, s.log("delete", "id", "*msg.MessageID", "err", "err"))
	case "drop":
		c.p(s.pick("drop delete", blank+"_ = ", "") + call)
	default:
		c.p("if %serr := %s; err != nil {\n%s\n}", blank, call, c.fail("err", "delete"))
	}
}

// ack writes a function that deletes a message.
func (s *source) ack(deleteContext string) function {
	return s.helper(s.name("remove@"), "takes a message off the queue", aMessage+", receipt string", "error", func(c *scope) {
		c.attempt(fmt.Sprintf("%s.DeleteMessage(%s, *msg.MessageID, receipt, nil)", c.client("queue"), deleteContext), "_, ", "", "remove")
		c.p("return nil")
	})
}

// keeper writes the function that renews the lease until the one that it returns is called,
// which tells the last receipt.
func (s *source) keeper() function {
	third := max(s.plan.lease()/3, 1)
	return s.fn("renews the lease of a message until release is called, which returns the last receipt",
		s.name("keep@"), aMessage, "func() string", func(c *scope) {
			c.p(`ctx, cancel := context.WithCancel(ctx)
receipt := *msg.PopReceipt
stopped := make(chan struct{})
go func() {
defer close(stopped)
tick := time.NewTicker(%d * time.Second)
defer tick.Stop()
for {
select {
case <-ctx.Done():
return
case <-tick.C:
}
renewed, err := %s.UpdateMessage(ctx, *msg.MessageID, receipt, *msg.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(%d))})
if err != nil {
%s
return
}
receipt = *renewed.PopReceipt
}
}()
return func() string {
cancel()
<-stopped
return receipt
}`, third, c.client("queue"), s.plan.lease(), s.log("renew", "id", "*msg.MessageID", "err", "err"))
		})
}
