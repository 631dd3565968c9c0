package directive

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/models"
)

// std is as much of the standard library as the cases import.
var std = map[string]string{
	"context": "package context\ntype Context interface{ Err() error }",
	"time":    "package time\ntype Duration int64",
}

// header is what stands above each case, in one line; its own imports are lines 1 and 2.
const header = "package shop\nimport (\"context\"; \"time\"); var _ context.Context; var _ time.Duration\n"

// check type-checks and resolves a case.
func check(t *testing.T, src string) (*Set, *token.FileSet) {
	t.Helper()
	fset := token.NewFileSet()
	conf := types.Config{}
	load := func(path, text string) (*ast.File, *types.Package, *types.Info) {
		f, err := parser.ParseFile(fset, path+".go", text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
		pkg, err := conf.Check(path, fset, []*ast.File{f}, info)
		if err != nil {
			t.Fatal(err)
		}
		return f, pkg, info
	}
	conf.Importer = importFunc(func(path string) (*types.Package, error) {
		_, pkg, _ := load(path, std[path])
		return pkg, nil
	})
	packages := map[string]*types.Package{}
	inner := conf.Importer
	conf.Importer = importFunc(func(path string) (*types.Package, error) {
		if packages[path] == nil {
			packages[path], _ = inner.Import(path)
		}
		return packages[path], nil
	})
	f, pkg, info := load("m/shop", header+src)
	s := Parse(fset, []*ast.File{f})
	s.resolve(pkg, info)
	return s, fset
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// TestMisfits: what does not fit what it stands on is told where it stands, and counts
// for nothing. Lines are counted from the case's first, columns as in an editor.
func TestMisfits(t *testing.T) {
	const store = "type S interface {\n%s\nPut(ctx context.Context, key string, value []byte, version int64, hide time.Duration, secs int) (etag string, err error)\n}"
	for _, c := range []struct{ name, src, want string }{
		{"an unknown argument", on(store, "//idemlint:write kye=1"), `2:18: //idemlint:write: "kye" is no argument of it: it takes key=, value=, if-match=`},
		{"another word's argument", on(store, "//idemlint:read batch=3"), `2:17: //idemlint:read: "batch" is no argument of it`},
		{"prose", on(store, "//idemlint:write key=1 the orders"), `2:24: //idemlint:write: "the" is no argument of it`},
		{"no value", on(store, "//idemlint:write key"), `2:18: //idemlint:write: key is given no value: write key=1`},
		{"an empty value", on(store, "//idemlint:write key=1,"), `2:18: //idemlint:write: key is given no value`},
		{"a flag with a value", on(store, "//idemlint:write relative=yes"), `2:18: //idemlint:write: relative takes no value`},
		{"an argument twice", on(store, "//idemlint:write key=1 key=2"), `2:24: //idemlint:write: key is given twice`},
		{"two values for one", on(store, "//idemlint:write store=a,b"), `2:18: //idemlint:write: store takes one value`},
		{"no such parameter", on(store, "//idemlint:write key=6"), `2:18: //idemlint:write: key=6: there is no parameter 6: it has 6 parameters, counted from 0`},
		{"no such result", on(store, "//idemlint:write version=ret2"), `2:18: //idemlint:write: version=ret2: there is no result 2: it has 2 results`},
		{"no path", on(store, "//idemlint:write key=name"), `2:18: //idemlint:write: key=name: "name" leads nowhere: write a number for a parameter, or a path that begins with argN, retN or recv`},
		{"a number with a sign", on(store, "//idemlint:write key=arg+1"), `2:18: //idemlint:write: key=arg+1: "arg+1" leads nowhere`},
		{"no such parameter's field", on(store, "//idemlint:write key=9.ID"), `2:18: //idemlint:write: key=9.ID: there is no parameter 9`},
		{"no field of a plain type", on(store, "//idemlint:write key=arg1.ID"), `2:18: //idemlint:write: key=arg1.ID: arg1 is a string, which has no fields`},
		{"no elements", on(store, "//idemlint:write key=arg1[]"), `2:18: //idemlint:write: key=arg1[]: arg1 is a string, which has no elements`},
		{"a context as a key", on(store, "//idemlint:write key=0"), `2:18: //idemlint:write: key=0: that is a context.Context`},
		{"an error as a version", on(store, "//idemlint:write version=ret1"), `2:18: //idemlint:write: version=ret1: that is a error`},
		{"a result as a key", on(store, "//idemlint:write key=ret0"), `2:18: //idemlint:write: key=ret0: it must be a parameter or the receiver`},
		{"a parameter as a version", on(store, "//idemlint:write version=3"), `2:18: //idemlint:write: version=3: it must be a result`},
		{"a lease that is no time", on(store, "//idemlint:receive lease=1"), `2:20: //idemlint:receive: lease=1: that is a string, neither a time.Duration nor a number; a constant is written as 30s`},
		{"a lease without its unit", on(store, "//idemlint:receive lease=5"), `2:20: //idemlint:receive: lease=5: that is a plain number: say unit=s or unit=ms, too`},
		{"no lease at all", on(store, "//idemlint:receive lease=0s"), `2:20: //idemlint:receive: lease=0s: it must be longer than nothing`},
		{"an unknown unit", on(store, "//idemlint:receive lease=5 unit=days"), `2:28: //idemlint:receive: unit=days: the units are`},
		{"a unit of nothing", on(store, "//idemlint:receive unit=s"), `2:20: //idemlint:receive: unit=s: there is no lease or timeout that it could be the unit of`},
		{"an empty batch", on(store, "//idemlint:receive batch=0"), `2:20: //idemlint:receive: batch=0: a receive brings one message at least`},
		{"a batch of text", on(store, "//idemlint:receive batch=arg1"), `2:20: //idemlint:receive: batch=arg1: that is a string, not a number`},
		{"two words", on(store, "//idemlint:read\n//idemlint:write"), `3:1: //idemlint:write: this is said to be "read" already: one word for each function`},
		{"a handler that is no function", on(store, "//idemlint:receive handler=1"), `2:20: //idemlint:receive: handler=1: that is a string, not a function`},
		{"an unknown verb", on(store, "//idemlint:call verb=FETCH"), `2:17: //idemlint:call: verb=FETCH: the verbs are GET, HEAD`},

		{"a receive of nothing", "//idemlint:receive\nfunc next(ctx context.Context) error { return nil }", `1:1: //idemlint:receive: it returns no message: say message=retN, or handler=N`},
		{"a receive of functions", "//idemlint:receive message=ret0\nfunc next() func() { return nil }", `1:20: //idemlint:receive: ret0 is a function, no message`},
		{"a channel of bytes", "//idemlint:receive\nfunc next() <-chan []byte { return nil }", `1:1: //idemlint:receive: a message out of a channel is known by its type, and []byte is not a type of a module: declare one`},
		{"message and handler", "//idemlint:receive handler=0 message=ret0\nfunc listen(f func(string) error) string { return \"\" }", `1:30: //idemlint:receive: message= and handler=: the messages come by the one or by the other`},
		{"a callback without message", "//idemlint:receive handler=0\nfunc listen(f func(context.Context) error) {}", `1:20: //idemlint:receive: handler=0: the function is given no message`},
		{"a settle of nothing", "//idemlint:settle\nfunc ack(ctx context.Context, multiple bool) error { return nil }", `1:1: //idemlint:settle: it is given no message: say message=N or message=recv`},
		{"recv without receiver", "//idemlint:settle message=recv\nfunc ack(id string) error { return nil }", `1:19: //idemlint:settle: message=recv: recv: it has no receiver`},
		{"the receipt of a later result", "//idemlint:renew new-receipt=ret1\nfunc renew(id string) (int, string, error) { return 0, \"\", nil }", `1:18: //idemlint:renew: new-receipt=ret1: only the first result is followed`},
		{"a write without a key", "//idemlint:write\nfunc put(ctx context.Context, id int, value []byte) error { return nil }", `1:1: //idemlint:write: it needs a key and no parameter is a string: say key=N`},
		{"a key that is the value already", "//idemlint:create value=0\nfunc put(line string) error { return nil }", `1:1: //idemlint:create: it needs a key and no parameter is a string`},
		{"a read of nothing", "//idemlint:read\nfunc get(key string) error { return nil }", `1:1: //idemlint:read: it returns nothing that it could have read: say value=N where it fills a parameter`},
		{"a send of nothing", "//idemlint:send key=1\nfunc send(ctx context.Context, to string) error { return nil }", `1:1: //idemlint:send: it is given nothing that it could send: say value=N`},
		{"a handler of nothing", "//idemlint:handler\nfunc handle(ctx context.Context, err error) error { return nil }", `1:1: //idemlint:handler: it is given no message`},
		{"a handler of a part", "type M struct{ Body []byte }\n\n//idemlint:handler message=arg0.Body\nfunc handle(m M) error { return nil }", `3:20: //idemlint:handler: message=arg0.Body: it must be a parameter, all of it`},
		{"no such field", "type O struct{ ID string }\n\n//idemlint:write key=arg0.Id\nfunc put(o *O) error { return nil }", `3:18: //idemlint:write: key=arg0.Id: arg0 is a *shop.O, which has no field Id`},

		{"on a struct", "//idemlint:write\ntype S struct{}", `1:1: //idemlint:write: nobody calls a struct: move it to a function, an interface's method or a function type`},
		{"on an interface", "//idemlint:write\ntype S interface{ Put(string) }", `1:1: //idemlint:write: this is an interface, and it is its methods that are called: move it to one of them`},
		{"on an embedded interface", "type A interface{ Put(string) }\ntype S interface {\n//idemlint:write\nA\n}", `3:1: //idemlint:write: this embeds an interface: write it on the methods of that interface`},
		{"on another name", "type F func(string)\n\n//idemlint:write\ntype G = F", `3:1: //idemlint:write: this is another name of a type: write it on the type itself`},
		{"on init", "//idemlint:write\nfunc init() {}", `1:1: //idemlint:write: nobody calls init`},
		{"on a variable", "//idemlint:write\nvar put func(string)", `1:1: //idemlint:write stands before no function, interface method or type`},
		{"on a field", "type S struct {\n//idemlint:write\nput func(string)\n}", `2:1: //idemlint:write stands before no function, interface method or type`},

		{"message on a function", "//idemlint:message\nfunc f() {}", `1:1: //idemlint:message: it stands on a function: it belongs to the type that carries a message`},
		{"message on a function type", "//idemlint:message\ntype F func(string)", `1:1: //idemlint:message: a function carries no message: did you mean //idemlint:handler?`},
		{"message on another name", "type M struct{}\n\n//idemlint:message\ntype N = M", `3:1: //idemlint:message: this is another name of a type`},
		{"message twice", "//idemlint:message\n//idemlint:message\ntype M struct{}", `2:1: //idemlint:message: this is said to be a message already`},
		{"no such part", "//idemlint:message identity=ID,Key\ntype M struct{ ID string }", `1:20: //idemlint:message: M has no field or method Key`},
		{"no part but a method", "//idemlint:message identity=Get\ntype M interface{ Get(string) string }", `1:20: //idemlint:message: Get is a method with parameters or without exactly one result`},
		{"the same and not the same", "//idemlint:message identity=ID receipt=ID\ntype M struct{ ID string }", `1:1: //idemlint:message: ID is said to stay the same over all deliveries and to change with each`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, fset := check(t, c.src)
			var got []string
			for _, p := range s.Problems {
				at := fset.Position(p.Pos)
				got = append(got, fmt.Sprintf("%d:%d: %s", at.Line-strings.Count(header, "\n"), at.Column, p.Message))
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
				t.Errorf("problems\n%s\nwant one that begins with\n%s", strings.Join(got, "\n"), c.want)
			}
			if n := strings.Count(c.src, "//idemlint:") - 1; len(s.Directives) != n || len(s.Calls)+len(s.Messages) != n {
				t.Errorf("%d directives, %d calls and %d messages count, want %d", len(s.Directives), len(s.Calls), len(s.Messages), n)
			}
		})
	}
}

// on puts a directive into a declaration.
func on(declaration, directive string) string { return fmt.Sprintf(declaration, directive) }

// TestEntries: what a directive leaves unsaid is what the signature suggests.
func TestEntries(t *testing.T) {
	paths := func(p ...models.Path) []models.Path { return p }
	for _, c := range []struct {
		name, src string
		want      models.Call
	}{
		{"write, nothing said", "type S interface {\n//idemlint:write\nPut(ctx context.Context, key string, value []byte) error\n}",
			models.Call{Func: "(m/shop.S).Put", Role: models.Write, System: "shop.S", Key: paths("recv", "arg1"), Value: paths("arg2")}},
		{"write, the value first", "//idemlint:write key=2 value=1\nfunc put(ctx context.Context, value, key string) error { return nil }",
			models.Call{Func: "m/shop.put", Role: models.Write, System: "shop", Key: paths("arg2"), Value: paths("arg1"), Space: "m/shop"}},
		{"write, the key in the value", "type O struct{ ID string }\ntype S struct{}\n\n//idemlint:write key=0.ID if-match=1\nfunc (s *S) put(o *O, version int) error { return nil }",
			models.Call{Func: "(*m/shop.S).put", Role: models.Write, System: "shop.S", Key: paths("recv", "arg0.ID"), Value: paths("arg0"), IfMatch: paths("arg1"), Space: "m/shop.O"}},
		{"write, a named store", "type S struct{}\n\n//idemlint:write store=orders key=0,1 relative\nfunc (S) put(shop, name string, by int) error { return nil }",
			models.Call{Func: "(m/shop.S).put", Role: models.Write, System: "shop.S", Key: paths("arg0", "arg1"), Value: paths("arg2"), Space: "store orders", Relative: true}},
		{"read", "type O struct{}\n\n//idemlint:read version=ret1\nfunc get(ctx context.Context, id string) (*O, int, error) { return nil, 0, nil }",
			models.Call{Func: "m/shop.get", Role: models.Read, System: "shop", Key: paths("arg1"), Version: paths("ret1"), Space: "m/shop m/shop.O"}},
		{"read into a parameter", "//idemlint:read value=1\nfunc get(id string, into any) error { return nil }",
			models.Call{Func: "m/shop.get", Role: models.Read, System: "shop", Key: paths("arg0"), Content: paths("arg1"), Space: "m/shop"}},
		{"receive some", "type Q[T any] struct{}\n\n//idemlint:receive batch=arg1 lease=2 unit=s\nfunc (q *Q[T]) Take(ctx context.Context, n, secs int) ([][]byte, error) { return nil, nil }",
			models.Call{Func: "(*m/shop.Q[T]).Take", Role: models.Receive, System: "shop.Q", Key: paths("recv"), Message: "ret0[]", Plain: true,
				Batch: models.Quantity{Path: "arg1"}, Lease: models.Quantity{Path: "arg2", Unit: time.Second}}},
		{"receive one of bytes", "//idemlint:receive lease=90s batch=1 pops\nfunc next() ([]byte, bool) { return nil, false }",
			models.Call{Func: "m/shop.next", Role: models.Receive, System: "shop", Message: "ret0", Pops: true,
				Batch: models.Quantity{Default: 1}, Lease: models.Quantity{Default: 90 * time.Second}}},
		{"receive by a channel", "type M struct{}\n\n//idemlint:receive\nfunc subscribe() (<-chan *M, error) { return nil, nil }",
			models.Call{Func: "m/shop.subscribe", Role: models.Subscribe, System: "shop", Message: "ret0[]"}},
		{"receive by a function", "//idemlint:receive handler=1\nfunc listen(topic string, f func(ctx context.Context, m string) error) {}",
			models.Call{Func: "m/shop.listen", Role: models.Subscribe, System: "shop", Handler: "arg1"}},
		{"settle what is given", "//idemlint:settle cumulative\nfunc ack(ctx context.Context, multiple bool, offset int64) error { return nil }",
			models.Call{Func: "m/shop.ack", Role: models.Settle, System: "shop", Message: "arg2", Cumulative: true}},
		{"settle the receiver", "//idemlint:message\ntype M struct{}\n\n//idemlint:settle\nfunc (m *M) Ack(reason string) error { return nil }",
			models.Call{Func: "(*m/shop.M).Ack", Role: models.Settle, System: "shop.M", Message: "recv"}},
		{"renew", "//idemlint:renew lease=2 receipt=1 new-receipt=ret0\nfunc renew(ctx context.Context, receipt string, by time.Duration) (string, error) { return \"\", nil }",
			models.Call{Func: "m/shop.renew", Role: models.Renew, System: "shop", Message: "arg1", Receipt: "arg1", NewReceipt: "ret0", Lease: models.Quantity{Path: "arg2"}}},
		{"send", "//idemlint:send dedup=2\nfunc send(ctx context.Context, mail, id string) error { return nil }",
			models.Call{Func: "m/shop.send", Role: models.Send, System: "shop", Value: paths("arg1"), DedupID: paths("arg2"), Space: "m/shop"}},
		{"call", "//idemlint:call timeout=5s\nfunc call(ctx context.Context, what string) error { return nil }",
			models.Call{Func: "m/shop.call", Role: models.External, System: "shop", Value: paths("arg1"), Space: "m/shop", Timeout: models.Quantity{Default: 5 * time.Second}}},
		{"call that only asks", "type T interface {\n//idemlint:call verb=GET key=0\nask(whom, what string) (string, error)\n}",
			models.Call{Func: "(m/shop.T).ask", Role: models.External, System: "shop.T", Key: paths("recv", "arg0"), Value: paths("arg1"), FixedVerb: "GET"}},
		{"handler", "//idemlint:handler lease=30s\ntype H func(ctx context.Context, body []byte) error",
			models.Call{Func: "m/shop.H", Role: models.Handle, System: "shop", Message: "arg1", Lease: models.Quantity{Default: 30 * time.Second}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := check(t, c.src)
			for _, p := range s.Problems {
				t.Error(p.Message)
			}
			if len(s.Calls) != 1 {
				t.Fatalf("%d entries: %+v", len(s.Calls), s.Calls)
			}
			got := s.Calls[0]
			if !got.Said || !strings.HasPrefix(got.Source, "//idemlint:") || !strings.Contains(got.Source, " (m/shop/shop.go:") {
				t.Errorf("its source is %q, said: %v", got.Source, got.Said)
			}
			got.Said, got.Source = false, ""
			got.Results, got.Fails = 0, false
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("the entry is\n%+v, want\n%+v", got, c.want)
			}
		})
	}
}

// TestMessageEntries: the entry of a message, and the methods that return its parts.
func TestMessageEntries(t *testing.T) {
	s, _ := check(t, `
type meta struct{ Attempt int }

//idemlint:message identity=ID,Key delivery=Attempt receipt=Ticket count=Tries returned
type Struct struct {
	meta
	ID     string
	Ticket string
	Tries  int
}

func (s *Struct) Key() string { return s.ID }
func (s *Struct) Body() string { return "" }

//idemlint:message delivery=Attempt
type Iface interface {
	Attempt() int
	Body() []byte
	Decode() ([]byte, error)
	Err() error
	//idemlint:settle
	Ack() error
	//idemlint:nack
	Nack() bool
}
`)
	for _, p := range s.Problems {
		t.Error(p.Message)
	}
	var calls []string
	for _, c := range s.Calls {
		calls = append(calls, fmt.Sprintf("%s %d %v%s", c.Func, c.Role, c.Value, c.Message))
	}
	want := []string{
		fmt.Sprintf("(*m/shop.Struct).Key %d [recv.Key]", models.Same),
		fmt.Sprintf("(m/shop.Iface).Ack %d []recv", models.Settle),
		fmt.Sprintf("(m/shop.Iface).Attempt %d [recv.Attempt]", models.Same),
		fmt.Sprintf("(m/shop.Iface).Body %d [recv.Body]", models.Same),
		fmt.Sprintf("(m/shop.Iface).Nack %d []recv", models.Nack),
	}
	if !slices.Equal(calls, want) {
		t.Errorf("calls\n%s\nwant\n%s", strings.Join(calls, "\n"), strings.Join(want, "\n"))
	}
	if len(s.Messages) != 2 {
		t.Fatalf("messages %+v", s.Messages)
	}
	m := s.Messages[1]
	m.Source = ""
	if got, want := fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", models.Message{
		Type: "m/shop.Struct", System: "shop.Struct", Identity: []string{"ID", "Key"}, Delivery: []string{"Attempt", "Ticket", "Tries"},
		Receipt: "Ticket", Count: "Tries", Returned: true,
	}); got != want {
		t.Errorf("message\n%s, want\n%s", got, want)
	}
}

// TestReceivedTypes: what a receive returns is a message, unless a directive says more.
func TestReceivedTypes(t *testing.T) {
	s, _ := check(t, `
type A struct{}

//idemlint:message identity=ID
type B struct{ ID string }

//idemlint:receive
func a() ([]*A, error) { return nil, nil }

//idemlint:receive
func b() (B, error) { return B{}, nil }

//idemlint:receive
func c() (string, time.Duration) { return "", 0 }
`)
	var got []string
	for _, m := range s.Messages {
		got = append(got, fmt.Sprintf("%s %v %v", m.Type, m.Identity, m.Assumed))
	}
	if want := []string{"m/shop.A [] true", "m/shop.B [ID] false"}; !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
}

var wordRow = regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| [^|]+ \\| (`[^|]*`) \\|$")

// TestDocumented: docs/DIRECTIVES.md lists for each word just the arguments that it takes,
// and tells of each argument what it is.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/DIRECTIVES.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string][]string{}
	for _, m := range wordRow.FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = strings.Split(strings.Trim(m[2], "`"), "`, `")
	}
	for word, w := range modelWords {
		takes := append(slices.Clone(w.args), w.flags...)
		if !slices.Equal(listed[word], takes) {
			t.Errorf("%s takes %q, and the page says %q", word, takes, listed[word])
		}
		for _, a := range takes {
			if !regexp.MustCompile("(?m)^\\| (`[a-z-]+`, )?`" + a + "`(, `[a-z-]+`)? \\| [^|]+ \\|$").Match(text) {
				t.Errorf("the page does not tell what %s is", a)
			}
		}
	}
}

// TestResults: how many results there are, and whether the last of them is an error.
func TestResults(t *testing.T) {
	s, _ := check(t, `
//idemlint:read
func a(key string) int { return 0 }

//idemlint:read
func b(key string) (int, bool, error) { return 0, false, nil }

//idemlint:write
func c(key string) {}

//idemlint:write
func d(key string) error { return nil }
`)
	var got []string
	for _, c := range s.Calls {
		got = append(got, fmt.Sprint(c.Results, c.Fails))
	}
	if want := []string{"1 false", "3 true", "0 false", "1 true"}; !slices.Equal(got, want) {
		t.Errorf("results %q, want %q", got, want)
	}
}
