// Package idem makes handlers of at-least-once messages idempotent, out of the one thing
// that storage services do atomically: a conditional write of one blob or one entity.
//
// The steps are those of the message loop (package worker): R receive, 6 work, S settle
// (7 to 11). R W means read and conditional write of a cell, E an effect elsewhere,
// X a crash, L(…) a lost request or answer, T the lease runs out and the message is
// delivered again.
//
// # Update: the effect is a change of a value
//
//	total, err := idem.Update(ctx, idem.Blob(blob), m.ID, func(t *Total) error {
//		t.Paid += amount
//		return nil
//	})
//
// reads the value and its version, changes it, and writes it on condition that the
// version is still the same; if it is not, it begins again from the read. The ids of the
// messages applied are kept beside the value, in the same blob or entity, and so in the
// same write. It takes both: the condition alone stops two workers at once, but not one
// after the other.
//
// Exactly once: in every schedule the change is in the value once, or not at all as long
// as Update has returned an error each time.
//
//	R₁ read 5 write 6 L(answer) T R₂ read 6 with its own id: done, 6
//	R₁ read 5 write 6 X T R₂ the same
//	R₁ read 5 [frozen] T R₂ read 5 write 6 S₂ [thawed] write 6 → 412, read 6 with its own id: done
//	R₁(a) read 5, R₁(b) read 5, a writes 6, b writes 6 → 412, reads 6, writes 7
//
// Not promised: anything about other effects of the change function, which runs once for
// each read; the order of changes; and anything when ids are forgotten too early
// ([UpdateOptions].Keep):
//
//	R₁ write 6 L(S₁) … the id is forgotten … T R₂ read 6 without its id: write 7
//
// An id must be kept for as long as its message can be delivered, and then for as long as
// a slow delivery can take to come to its read. The first is bounded by the message's
// time to live (7 days unless the sender said otherwise; -1 is for ever), and by nothing
// when people move messages back out of a poison queue; the second by nothing at all, if
// processes can be suspended. So Keep bounds time, never the number of ids: when there are
// more than Max, Update fails with [ErrFull] rather than forget one that it needs.
//
// # Once: the effect is somewhere else
//
//	err := idem.Once(ctx, idem.Entity(marks, "mail", m.ID), "mail-"+m.ID, send, idem.OnceOptions{})
//
// keeps a record in a cell of its own for each message: claimed until a time, then done.
//
//	1 read the record: done → nil; claimed and not run out → [ErrClaimed]
//	2 claim it (conditional write)
//	3 the effect, with an idempotency key
//	4 mark it done (conditional write)
//
// At least once, as long as deliveries come and OnceOptions.Attempts is not set. At most
// n times, if Attempts is n: each claim is counted before its effect begins, so that a
// crash between the two uses one up. Never twice after step 4. But:
//
//	R₁ claim E X T R₂ claim run out, claim again, E: twice
//	R₁ claim E L(mark) T R₂ the same
//	R₁ claim [frozen] T R₂ claim run out, claim, E, done S₂ [thawed] E: twice
//
// (The last one only if the freeze hits between the look at the clock and the effect, or in
// the effect's own request.)
//
// No protocol on this side can mend that: between the effect and its mark lies a crash.
// Exactly once holds only if the effect itself is idempotent under the key, which is the
// same in each attempt: hand it to the other side (Idempotency-Key, a dedup id, a primary
// key). With Attempts: 1 the effect happens at most once, and perhaps never.
//
// # Clocks
//
// Expiry of ids and of claims is judged by the reader's clock against the writer's. A
// clock that is fast by more than the slack in Keep forgets too early; one that is fast
// by a claim's length takes it over while its holder still works: the effect may then run
// twice at once, but neither guarantee above changes.
package idem
