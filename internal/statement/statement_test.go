package statement

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// short writes down what a statement says, so that a table can hold it in one line.
func (s Statement) short() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", s.Verb, s.Table)
	for _, f := range []struct {
		set  bool
		name string
	}{{s.Guarded, "guarded"}, {s.Open, "open"}, {s.Relative, "relative"}, {s.Locks, "locks"}, {s.Returns, "returns"}} {
		if f.set {
			b.WriteString(" " + f.name)
		}
	}
	pairs := func(what string, list []Pair) {
		if len(list) == 0 {
			return
		}
		b.WriteString(" " + what)
		for _, p := range list {
			fmt.Fprintf(&b, " %s%s%s", p.Column, max(p.By, ":"), p.Value.short())
		}
	}
	pairs("sets", s.Sets)
	pairs("where", s.Where)
	if len(s.Target) > 0 {
		b.WriteString(" target " + strings.Join(s.Target, ","))
	}
	return b.String()
}

func (o Operand) short() string {
	switch {
	case o.Const:
		return "'" + o.Text + "'"
	case o.Name != "":
		return ":" + o.Name
	case o.Arg >= 0:
		return fmt.Sprint(o.Arg)
	}
	return "?"
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ sql, want string }{
		{`INSERT INTO orders (id, sku, qty) VALUES ($1, $2, $3)`, `insert orders sets id:0 sku:1 qty:2`},
		{`insert into "public"."Orders"(id) values (?)`, `insert public.orders sets id:0`},
		{"INSERT INTO `orders` VALUES (?, ?)", `insert orders`},
		{`INSERT INTO orders (id, at) VALUES (?, NOW()) RETURNING id`, `insert orders returns sets id:0 at:?`},
		{`INSERT INTO orders (at, id) VALUES (COALESCE(?, now()), ?)`, `insert orders sets at:0 id:1`},
		{`INSERT INTO orders (sum, id) VALUES (? + ?, ?)`, `insert orders sets sum:? id:2`},
		{`INSERT INTO orders (kind, id) VALUES ('new', $1::uuid)`, `insert orders sets kind:'new' id:0`},
		{`INSERT INTO orders (id) VALUES (:id)`, `insert orders sets id::id`},
		{`INSERT INTO orders (id) VALUES (@p1)`, `insert orders sets id:0`},
		{`INSERT INTO seen (id) VALUES ($1) ON CONFLICT DO NOTHING`, `insert seen guarded sets id:0`},
		{`INSERT INTO seen (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, `insert seen guarded sets id:0 target id`},
		{`INSERT INTO t (a, n) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET n = EXCLUDED.n`, `upsert t guarded sets a:0 n:1 target a`},
		{`INSERT INTO t (a, n) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET n = t.n + EXCLUDED.n`, `upsert t guarded relative sets a:0 n:1 target a`},
		{`INSERT INTO t (a, n) VALUES (?, ?) ON DUPLICATE KEY UPDATE n = VALUES(n)`, `upsert t guarded sets a:0 n:1`},
		{`INSERT INTO t (a, n) VALUES (?, ?) ON DUPLICATE KEY UPDATE n = n + VALUES(n)`, `upsert t guarded relative sets a:0 n:1`},
		{`INSERT IGNORE INTO seen SET id = ?`, `insert seen guarded sets id:0`},
		{`INSERT OR IGNORE INTO seen (id) VALUES (?)`, `insert seen guarded sets id:0`},
		{`INSERT OR REPLACE INTO t (id, v) VALUES (?, ?)`, `upsert t guarded sets id:0 v:1`},
		{`REPLACE INTO t (id, v) VALUES (?, ?)`, `upsert t guarded sets id:0 v:1`},
		{`MERGE INTO t AS x USING (VALUES (@id)) AS s ON x.id = s.id WHEN MATCHED THEN UPDATE SET n = 1`, `upsert t guarded`},
		{`INSERT INTO t (id, v) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM t WHERE id = $1)`, `insert t guarded sets id:0 v:1`},
		{`INSERT INTO t (id, v) SELECT id, v FROM staging`, `insert t sets id:? v:?`},
		{`INSERT INTO t (a, b) SELECT unnest($1::text[]), $2 ON CONFLICT (a) DO NOTHING`, `insert t guarded sets a:? b:1 target a`},
		{`UPDATE t SET failures = failures + 1 WHERE id = ?`, `update t sets failures:? where id=0`},
		{`INSERT INTO t (id) VALUES ($1), ($2)`, `insert t sets id:0`},
		{"-- name: Add :exec\nINSERT INTO t (id) /* the key */ VALUES ($1)", `insert t sets id:0`},
		{`WITH u AS (SELECT 1) INSERT INTO t (id) VALUES ($1)`, `insert t sets id:0`},
		{`WITH u AS (INSERT INTO t (id) VALUES ($1) RETURNING id) SELECT id FROM u`, `unknown `},

		{`UPDATE t SET a = $1 WHERE id = $2`, `update t sets a:0 where id=1`},
		{`UPDATE t SET n = n + $1 WHERE id = $2`, `update t relative sets n:0 where id=1`},
		{`UPDATE t SET n = n - ?, at = now() WHERE id = ? AND n >= ?`, `update t relative sets n:0 at:? where id=1 n>=2`},
		{`UPDATE t x SET n = x.n * 2 WHERE x.id = ?`, `update t relative sets n:? where id=0`},
		{`UPDATE t SET n = COALESCE(n, 0) + 1 WHERE id = ?`, `update t relative sets n:? where id=0`},
		{`UPDATE t SET n += 1 WHERE id = @id`, `update t relative sets n:'1' where id=:id`},
		{`UPDATE t SET a = ?, version = version + 1 WHERE id = ? AND version = ?`, `update t guarded sets a:0 version:? where id=1 version=2`},
		{`UPDATE t SET status = 'sent' WHERE id = ? AND status = 'new'`, `update t guarded sets status:'sent' where id=0 status='new'`},
		{`UPDATE t SET sent_at = now() WHERE id = ? AND sent_at IS NULL`, `update t guarded sets sent_at:? where id=0 sent_atis?`},
		{`UPDATE t SET paid = true WHERE id = ? OR n = ?`, `update t sets paid:?`},
		{`UPDATE t SET a = 1 WHERE id IN (?, ?)`, `update t sets a:'1' where idin?`},
		{`UPDATE t SET a = 1 WHERE id = lower(?)`, `update t sets a:'1' where id=0`},
		{`UPDATE t SET a = s.a FROM s WHERE s.id = t.id`, `update t sets a:? where id=?`},

		{`SELECT 1 FROM t WHERE id = $1`, `select t where id=0`},
		{`SELECT EXISTS(SELECT 1 FROM t WHERE id = $1)`, `select t where id=0`},
		{`SELECT a, b FROM t WHERE id = ? AND kind = ? FOR UPDATE SKIP LOCKED`, `select t locks where id=0 kind=1`},
		{`SELECT a FROM t JOIN u ON u.id = t.id WHERE t.id = ?`, `select `},
		{`SELECT count(*) FROM (SELECT 1) x`, `select `},
		{`DELETE FROM t WHERE id = ?`, `delete t where id=0`},
		{`TRUNCATE TABLE t`, `delete t`},
		{`CREATE TABLE t (id int)`, `other `},
		{`BEGIN; INSERT INTO t (id) VALUES (1)`, `unknown `},
		{`INSERT INTO t (id) VALUES (1);`, `insert t sets id:'1'`},
		{``, `unknown `},
		{`CALL book($1)`, `unknown `},

		// Holes.
		{"\x00", `unknown `},
		{"INSERT INTO \x00 (id, a) VALUES ($1, $2)", `insert  sets id:0 a:1`},
		{"INSERT INTO \x00.orders (id) VALUES ($1)", `insert  sets id:0`},
		{"INSERT INTO orders_\x00 (id) VALUES ($1)", `insert  sets id:0`},
		{"INSERT INTO t (\x00) VALUES (\x00)", `insert t`},
		{"INSERT INTO t (id) VALUES ($1) \x00", `insert t open sets id:0`},
		{"INSERT INTO t (id) VALUES \x00 ON CONFLICT DO NOTHING", `insert t guarded open`},
		{"UPDATE t SET \x00 WHERE id = $1", `update t open where id=0`},
		{"UPDATE t SET a = 1 WHERE \x00", `update t open sets a:'1'`},
		{"SELECT a FROM t WHERE id = $1 \x00", `select t open where id=0`},
	} {
		if got := Parse(tt.sql).short(); got != tt.want {
			t.Errorf("%q:\n got  %q\n want %q", tt.sql, got, tt.want)
		}
	}
}

// TestCase: the case of words changes nothing.
func TestCase(t *testing.T) {
	const sql = `insert into t (a, n) values ($1, $2) on conflict (a) do update set n = t.n + excluded.n returning n`
	if a, b := Parse(sql), Parse(strings.ToUpper(sql)); !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`INSERT INTO t (a, n) VALUES ($1, 'it''s') ON CONFLICT (a) DO UPDATE SET n = t.n + EXCLUDED.n`,
		`WITH x AS (SELECT 1) UPDATE "t" SET (a, b) = (1, 2), n += ? WHERE ((id = :id)) AND NOT (x) OR y IS NOT NULL`,
		"SELECT $tag$ ' $tag$, [a b], @@x, a::int, b := 1 FROM t\x00 WHERE id IN (SELECT 1) FOR UPDATE -- end",
		"INSERT INTO", "UPDATE t SET", "(((", "VALUES (", "$", "$$", ":", "'", `"`, "/*",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Parse(s)
		if again := Parse(s); !reflect.DeepEqual(got, again) {
			t.Errorf("%q: twice not the same: %+v %+v", s, got, again)
		}
		for _, p := range append(got.Sets, got.Where...) {
			if p.Value.Arg < -1 {
				t.Errorf("%q: argument %d", s, p.Value.Arg)
			}
		}
	})
}
