package explore

import "testing"

// stateOf is a reference or a final state with these lines.
func stateOf(lines ...string) canonical { return canonical{lines: lines} }

// What is wrong is said by the nearest of the states that exactly-once executions reach.
func TestDifferences(t *testing.T) {
	ida := stateOf("row s/booking-1: Ida", "row s/plan: Ida")
	mia := stateOf("row s/booking-2: Mia", "row s/plan: Mia")
	for _, test := range []struct {
		name  string
		state canonical
		text  string
		harm  Harm
	}{
		{"another value", stateOf("row s/booking-1: Ida", "row s/plan: Tom"), "row s/plan Tom; exactly-once executions reach Ida or Mia", Changed},
		{"nobody's", stateOf("row s/booking-1: Ida", "row s/booking-3: Tom", "row s/plan: Ida"), "row s/booking-3 Tom: in no exactly-once execution", Changed},
		{"missing", stateOf("row s/plan: Mia"), "row s/booking-2 missing; exactly-once executions reach Mia", Changed},
		{"too often", stateOf("POST mail: hello", "POST mail: hello", "row s/booking-1: Ida", "row s/plan: Ida"),
			"POST mail hello: in no exactly-once execution", Repeated},
		{"both of what one can have", stateOf("row s/booking-1: Ida", "row s/booking-2: Mia", "row s/plan: Ida"),
			"row s/booking-2 Mia: one too many; exactly-once executions reach it only without row s/booking-1 Ida and row s/plan Ida", Changed},
		{"some of each", stateOf("row s/booking-1: Ida", "row s/plan: Mia"),
			"row s/plan Mia: exactly-once executions reach it only without row s/booking-1 Ida", Changed},
		{"seen twice", stateOf("reader: <id1>", "reader: <id2>", "row s/booking-1: Ida", "row s/plan: Ida"), "reader <id>: in no exactly-once execution", Seen},
	} {
		text, harm := difference(test.state, &reference{states: []reached{{canonical: ida}, {canonical: mia}}})
		if text != test.text || harm != test.harm {
			t.Errorf("%s: %s: %s\nwant %s: %s", test.name, harm, text, test.harm, test.text)
		}
	}
	all := reached{canonical: stateOf("row a: 1", "row b: 1", "row c: 1")}
	text, _ := difference(stateOf("row a: 1"), &reference{states: []reached{{}, all}})
	if want := "row a 1: one too many; exactly-once executions reach it only together with row b 1 and row c 1"; text != want {
		t.Errorf("%s, want %s", text, want)
	}
	once := reached{canonical: stateOf("reader: <id1>", "row s/booking-1: <id1>")}
	text, _ = difference(stateOf("reader: <id1>", "reader: <id2>", "row s/booking-1: <id2>"), &reference{states: []reached{once}})
	if want := "reader <id>: 2 different values; exactly-once executions show him 1"; text != want {
		t.Errorf("%s, want %s", text, want)
	}
}
