package random

import (
	"fmt"
	"go/format"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const sdk = "github.com/Azure/azure-sdk-for-go/sdk/"

// imports are the packages that handlers use, by the names they have there.
var imports = map[string]string{
	"aztables": sdk + "data/aztables", "azcore": sdk + "azcore", "to": sdk + "azcore/to",
	"azblob": sdk + "storage/azblob", "azqueue": sdk + "storage/azqueue/v2",
	"blob": sdk + "storage/azblob/blob", "bloberror": sdk + "storage/azblob/bloberror",
	"appendblob": sdk + "storage/azblob/appendblob", "blockblob": sdk + "storage/azblob/blockblob",
	"container": sdk + "storage/azblob/container", "streaming": sdk + "azcore/streaming", "slog": "log/slog",
	"uuid":  "github.com/google/uuid",
	"bytes": "bytes", "context": "context", "errors": "errors", "fmt": "fmt", "hex": "encoding/hex",
	"http": "net/http", "io": "io", "json": "encoding/json", "log": "log", "path": "path", "sha256": "crypto/sha256",
	"slices": "slices", "strings": "strings", "sync": "sync", "time": "time",
}

// clients are what a handler is given, in the order of its parameters.
var clients = []struct{ name, typ string }{
	{"queue", "*azqueue.QueueClient"},
	{"blobs", "*azblob.Client"},
	{"table", "*aztables.Client"},
	{"out", "*azqueue.QueueClient"},
}

// source is a handler while it is written down.
type source struct {
	plan    Plan
	theme   theme
	decls   []string            // in the order in which they are used
	made    map[string]bool     // declarations that are there already
	helpers map[string]function // and functions that several steps share
	takes   map[string]bool     // clients that the worker holds
	store   map[string]string   // the stores behind interfaces, by field: what makes one
	kinds   map[string]string   // and their types
	spelled map[string]int      // choices that are not the first ones, by their tags
	ifaces  map[string]int      // and where among the declarations
}

// Source writes a plan down as the declarations of a file, and says how the handler is
// called; the clients are those of a variable c.
func (p Plan) Source() (code, call string) {
	return p.source().worker()
}

func (p Plan) source() *source {
	return &source{
		plan: p, theme: themes[p.Theme%len(themes)],
		made: map[string]bool{}, helpers: map[string]function{}, takes: map[string]bool{}, store: map[string]string{}, kinds: map[string]string{}, ifaces: map[string]int{},
		spelled: map[string]int{},
	}
}

// File is the declarations of handlers as a file of a package.
func File(pkg string, codes ...string) (string, error) {
	text := strings.Join(codes, "\n")
	var used []string
	for _, m := range qualifier.FindAllStringSubmatch(text, -1) {
		if path, ok := imports[m[1]]; ok && !slices.Contains(used, path) {
			used = append(used, path)
		}
	}
	slices.Sort(used)
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n", pkg)
	for _, std := range []bool{true, false} {
		for _, path := range used {
			if std == !strings.Contains(path, ".") {
				fmt.Fprintf(&b, "\t%q\n", path)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString(")\n\n" + text)
	src, err := format.Source([]byte(b.String()))
	if err != nil {
		return b.String(), err
	}
	return string(src), nil
}

var qualifier = regexp.MustCompile(`\b([a-z][a-z0-9]*)\.[A-Z]`)

// pick chooses what makes no difference. The tag says what is chosen, so that the
// choices stay the same while the rest of the plan changes.
func (s *source) pick(tag string, options ...string) string {
	chosen := 0
	if s.plan.Style != 0 {
		h := fnv.New64a()
		fmt.Fprint(h, s.plan.Style, " ", tag)
		chosen = int(h.Sum64() % uint64(len(options)))
	}
	if said, ok := s.plan.Spelling[tag]; ok && said < len(options) {
		chosen = said
	}
	if chosen != 0 {
		s.spelled[tag] = chosen
	}
	return options[chosen]
}

// odds is true in one of n cases.
func (s *source) odds(tag string, n int) bool {
	options := make([]string, n)
	options[n-1] = "yes"
	return s.pick(tag, options...) == "yes"
}

// name makes a name for something of this handler.
func (s *source) name(format string, args ...any) string {
	return strings.ReplaceAll(fmt.Sprintf(format, args...), "@", upper(s.theme.one))
}

// scope is a function while it is written.
type scope struct {
	src   *source
	b     *strings.Builder
	takes map[string]bool // clients that the function uses
	names map[string]int
	// fail leaves the function, or goes on to the next message, on an error.
	fail func(err, what string) string
	// done leaves it with success.
	done string
	// settled deletes the message, where that is for this function to do, and leaves.
	settled func(*scope)
	// message is the variable that holds the decoded message, "" before it is decoded.
	message string
	// generic functions have a type parameter T, and are given their clients.
	generic bool
	// free functions have no receiver.
	free bool
	// self is how a store reaches its client.
	self string
	// ended: what follows is never reached.
	ended *bool
}

func (c *scope) p(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	c.b.WriteString(format + "\n")
}

// fresh is a name that the function does not use yet.
func (c *scope) fresh(name string) string {
	c.names[name]++
	if n := c.names[name]; n > 1 {
		return fmt.Sprint(name, n)
	}
	return name
}

// client is how the function reaches a client or a store.
func (c *scope) client(name string) string {
	if c.self != "" {
		return c.self
	}
	c.takes[name] = true
	if c.src.plan.Methods && !c.generic && !c.free {
		return "w." + name
	}
	return name
}

// nested is a closure within c.
func (c *scope) nested() *scope {
	inner := *c
	inner.b = &strings.Builder{}
	inner.names = maps.Clone(c.names)
	inner.fail, inner.done, inner.settled, inner.ended = returns(c.src, ""), "return nil", nil, new(bool)
	return &inner
}

// returns is how a function with these results before the error fails.
func returns(s *source, results string) func(err, what string) string {
	return func(err, what string) string {
		if s.odds("wrap "+what, 3) {
			return fmt.Sprintf("return %sfmt.Errorf(%q, %s)", results, what+": %w", err)
		}
		return "return " + results + err
	}
}

// function is a helper that was written.
type function struct {
	src   *source
	name  string
	takes map[string]bool
	// free functions have no receiver.
	free bool
	// instance is the type argument, where it cannot be inferred.
	instance string
}

// call calls it from c.
func (f function) call(c *scope, args ...string) string {
	all := []string{"ctx"}
	for _, t := range f.src.order(f.takes) {
		have := c.client(t)
		if f.free {
			all = append(all, have)
		}
	}
	all = append(all, args...)
	name := f.name
	if !f.free {
		name = "w." + name
	}
	if f.instance != "" {
		name += "[" + f.instance + "]"
	}
	return name + "(" + strings.Join(all, ", ") + ")"
}

// order is a set of clients and stores in the order of parameters.
func (s *source) order(set map[string]bool) []string {
	var list []string
	for _, c := range clients {
		if set[c.name] {
			list = append(list, c.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if _, ok := s.store[name]; ok {
			list = append(list, name)
		}
	}
	return list
}

// typeOf is the type of a client or a store.
func (s *source) typeOf(name string) string {
	if name == "blobs" && s.plan.Container {
		return "*container.Client"
	}
	for _, c := range clients {
		if c.name == name {
			return c.typ
		}
	}
	return s.kinds[name]
}

// fn writes a function of the handler: a method where the clients are in a struct.
func (s *source) fn(comment, name, params, results string, body func(*scope)) function {
	at := len(s.decls)
	s.decls = append(s.decls, "")
	zero, ended := zeros(results), false
	c := &scope{
		src: s, b: &strings.Builder{}, takes: map[string]bool{}, names: map[string]int{}, ended: &ended,
		fail: returns(s, zero), done: "return " + zero + "nil",
	}
	for p := range strings.SplitSeq(params, ", ") {
		name, _, _ := strings.Cut(p, " ")
		c.names[name] = 1
	}
	body(c)
	f := function{src: s, name: name, takes: c.takes, free: c.generic || c.free || !s.plan.Methods}
	all, receiver, parameter := "ctx context.Context", "", ""
	if f.free {
		for _, t := range s.order(c.takes) {
			all += ", " + t + " " + s.typeOf(t)
		}
	} else {
		receiver = "(w *" + s.name("@Worker") + ") "
	}
	if c.generic {
		parameter = "[T any]"
	}
	if params != "" {
		all += ", " + params
	}
	s.decls[at] = fmt.Sprintf("// %s %s.\nfunc %s%s%s(%s) %s {\n%s}\n", name, comment, receiver, name, parameter, all, results, c.b)
	return f
}

// zeros are the results before the error that a function returns with one, in a list that
// ends with a comma. They are named, and zero until then.
func zeros(results string) string {
	list := ""
	if strings.HasPrefix(results, "(") {
		for r := range strings.SplitSeq(strings.Trim(results, "()"), ", ") {
			if n, _, _ := strings.Cut(r, " "); n != "err" {
				list += n + ", "
			}
		}
	}
	return list
}

// end returns from a function that has done its work.
func (c *scope) end() {
	if !*c.ended {
		c.p(c.done)
	}
}

// declare adds a declaration once.
func (s *source) declare(name, code string) {
	if !s.made[name] {
		s.made[name] = true
		s.decls = append(s.decls, code)
	}
}
