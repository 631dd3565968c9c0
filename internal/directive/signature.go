package directive

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/internal/stdlib"
	"github.com/idemlint/idemlint/models"
)

// signature is what a directive stands on: a function, a method, an interface's method
// or a function type.
type signature struct {
	*types.Signature
	// name is the key of its entry: types.Func.FullName, or the function type's.
	name string
	// owner is the receiver's type, nil where there is none.
	owner types.Type
	// system is what messages call it: "ledger.Book".
	system string
}

func isNamed(t types.Type, pkg, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Name() != name {
		return false
	}
	if n.Obj().Pkg() == nil {
		return pkg == ""
	}
	return n.Obj().Pkg().Path() == pkg
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }
func isError(t types.Type) bool   { return isNamed(t, "", "error") }

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

func basic(t types.Type, info types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

func isDuration(t types.Type) bool { return isNamed(t, "time", "Duration") }

func deref(t types.Type) types.Type {
	for {
		p, ok := types.Unalias(t).Underlying().(*types.Pointer)
		if !ok {
			return t
		}
		t = p.Elem()
	}
}

// element is what a list, a map or a channel holds, nil for all else.
func element(t types.Type) types.Type {
	switch u := deref(t).Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Map:
		return u.Elem()
	case *types.Chan:
		return u.Elem()
	}
	return nil
}

// path is a value of an argument as a models.Path: a number is the argument.
func path(value string) models.Path {
	if head, _, _ := strings.Cut(strings.ReplaceAll(value, "[]", "."), "."); head != "" && strings.Trim(head, "0123456789") == "" {
		return models.Path("arg" + value)
	}
	return models.Path(value)
}

// root is the path's first part: "recv", "arg1", "ret0".
func root(p models.Path) string {
	head, _, _ := strings.Cut(strings.ReplaceAll(string(p), "[]", ".[]"), ".")
	return head
}

// resolve is the type of what the path leads to, or why it leads nowhere.
func (s *signature) resolve(p models.Path) (types.Type, string) {
	parts := strings.Split(strings.ReplaceAll(string(p), "[]", ".[]"), ".")
	t, why := s.head(parts[0])
	if why != "" {
		return nil, why
	}
	at := parts[0]
	for _, part := range parts[1:] {
		if part == "[]" {
			e := element(t)
			if e == nil {
				return nil, fmt.Sprintf("%s is a %s, which has no elements", at, text(t))
			}
			t, at = e, at+"[]"
			continue
		}
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok {
			return nil, fmt.Sprintf("%s is a %s, which has no fields", at, text(t))
		}
		var field types.Type
		for i := range st.NumFields() {
			if st.Field(i).Name() == part {
				field = st.Field(i).Type()
			}
		}
		if field == nil {
			return nil, fmt.Sprintf("%s is a %s, which has no field %s", at, text(t), part)
		}
		t, at = field, at+"."+part
	}
	return t, ""
}

func (s *signature) head(head string) (types.Type, string) {
	if head == "recv" {
		if s.owner == nil {
			return nil, "recv: it has no receiver"
		}
		return s.owner, ""
	}
	for _, side := range [...]struct {
		prefix, what string
		tuple        *types.Tuple
	}{{"arg", "parameter", s.Params()}, {"ret", "result", s.Results()}} {
		digits, ok := strings.CutPrefix(head, side.prefix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || digits != strconv.Itoa(n) || n < 0 {
			continue
		}
		if n >= side.tuple.Len() {
			return nil, fmt.Sprintf("there is no %s %d: it has %s, counted from 0", side.what, n, count(side.tuple.Len(), side.what))
		}
		return side.tuple.At(n).Type(), ""
	}
	return nil, quote(head) + " leads nowhere: write a number for a parameter, or a path that begins with argN, retN or recv"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func text(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// payload is the first parameter or result that can carry data and that is not taken:
// neither context nor error nor function. ok also asks a further question.
func payload(tuple *types.Tuple, side string, ok func(at models.Path, t types.Type) bool) models.Path {
	for i := range tuple.Len() {
		t := tuple.At(i).Type()
		if e := element(t); isContext(t) || isError(t) || isFunc(t) || e != nil && isFunc(e) {
			continue
		}
		if at := models.Path(side + strconv.Itoa(i)); ok(at, t) {
			return at
		}
	}
	return ""
}

// typeName is the full name of the named type behind pointers and lists, "" where there
// is none or it is the standard library's.
func typeName(t types.Type) string {
	for e := element(t); e != nil; e = element(t) {
		if _, ok := types.Unalias(deref(t)).(*types.Named); ok {
			break
		}
		t = e
	}
	n, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || stdlib.Has(n.Obj().Pkg().Path()) {
		return ""
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}
