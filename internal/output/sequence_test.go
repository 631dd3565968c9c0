package output

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/internal/finding"
)

// drawn writes a scene down: "1>q GET 1 (A)" is a message from worker 1 to the queue,
// "1>q! …" one that is lost, "q: …" something at the queue, "1x …" a crash.
func drawn(s scene) string {
	names := "q12s"
	var list []string
	for _, e := range s.Events {
		switch from, to := names[e.From], names[e.To]; {
		case e.Crash:
			list = append(list, fmt.Sprintf("%cx %s", from, e.Label))
		case from == to:
			list = append(list, fmt.Sprintf("%c: %s", from, e.Label))
		case e.Lost:
			list = append(list, fmt.Sprintf("%c>%c! %s", from, to, e.Label))
		default:
			list = append(list, fmt.Sprintf("%c>%c %s", from, to, e.Label))
		}
	}
	return strings.Join(list, " | ")
}

// TestScenes has the wording of every step of the checks.
func TestScenes(t *testing.T) {
	for _, c := range [][2]string{
		// passes/window/witness.go
		{"GET 1 answered (B): worker 1 has the message, hidden for 30s", "1>q GET 1 (A) | q>1 OK (B)"},
		{"worker 1 sends DELETE 1 (C), the queue deletes the message", "1>q DELETE 1 (C) | q: deletes it"},
		{"worker 1 sends DELETE 1 all the same (C), the queue deletes the message", "1>q DELETE 1 (C) | q: deletes it"},
		{"worker 1 returns no error all the same: DELETE 1 is sent for it (C), the queue deletes the message", "1>q DELETE 1 (C) | q: deletes it"},
		{"DELETE 1 lost (C), or worker 1 crashes before it", "1>q! DELETE 1 (C) lost | 1x or crashes"},
		{"30s pass: the lease ends, the queue shows the message again", "q: 30s: lease ends"},
		{"the lease ends, the queue shows the message again", "q: lease ends"},
		{"the lease ends while worker 1 still works; GET 2 answered (B): worker 2 has the same message", "q: lease ends | 2>q GET 2 (A) | q>2 OK (B)"},
		// blobwrite
		{"worker 1 writes message 1's state (UploadBuffer)", "1>s UploadBuffer"},
		{"message 2, of another kind, is received, writes the same key (Delete) and is deleted", "2>q GET (A) | q>2 OK (B): message 2 | 2>s Delete | 2>q DELETE (C)"},
		{"message 2 is received, overwrites the same key with newer state and is deleted", "2>q GET (A) | q>2 OK (B): message 2 | 2>s overwrites | 2>q DELETE (C)"},
		{"message 1 is received again and overwrites the newer state with its own", "2>q GET (A) | q>2 OK (B): message 1 | 2>s overwrites"},
		{"worker 1 writes what it found or drew (UploadBuffer); others act on it", "1>s UploadBuffer"},
		{"worker 2 gets the message and overwrites it with something else", "2>q GET (A) | q>2 OK (B) | 2>s overwrites"},
		// deleteonerror
		{"worker 1 tries to work (UploadBuffer): it fails", "1>s! UploadBuffer fails"},
		{"nobody gets the message again: the work is lost", ""},
		// earlydelete
		{"GET 1 answered (B), and the message is deleted with it: worker 1 has the only copy", "1>q GET 1 (A) | q>1 OK (B) | q: deletes it"},
		{"worker 1 crashes before its work (UploadBuffer)", "1x crashes"},
		{"worker 1 hands the work over and goes on", "1: hands the work over"},
		{"worker 1 crashes, or the work fails, before the work is done: nobody gets the message again", "1x crashes"},
		{"worker 1 crashes before its work (UploadBuffer), or the work fails", "1x crashes"},
		// etag
		{"worker 1 reads version 1 (DownloadStream)", "s>1 DownloadStream"},
		{"worker 2 reads version 1 too, writes version 2 and deletes the message", "s>2 version 1 | 2>s writes version 2 | 2>q DELETE (C)"},
		{"worker 1 writes what it made of version 1 (UploadBuffer): worker 2's change is lost", "1>s UploadBuffer"},
		{"or one after the other: DELETE 1 lost (C), or worker 1 crashes before it, and the change is made twice", "1>q! DELETE 1 (C) lost | 1x or crashes"},
		// freshkey
		{"worker 1 makes one of it (Enqueue), under identity 1", "1>s Enqueue"},
		{"worker 2 gets the message and makes another (Enqueue), under identity 2: there are two of it", "2>q GET (A) | q>2 OK (B) | 2>s Enqueue"},
		// increment
		{"worker 1 changes 5 to 6 (UpdateEntity)", "1>s UpdateEntity"},
		{"worker 2 gets the message, finds 6 and its version, and changes it to 7 (UpdateEntity)", "2>q GET (A) | q>2 OK (B) | s>2 6 | 2>s UpdateEntity"},
		// missingdelete
		{"worker 1 does the work and leaves on this way: no DELETE is sent (C)", "1: does the work | 1>q! no DELETE (C)"},
		{"the message is received and worked on again, and again", "2>q GET (A) | q>2 OK (B) | 2: works"},
		{"worker 1 works (EnqueueMessage)", "1>s EnqueueMessage"},
		{"DELETE 1 fails (C or D); its error is thrown away", "1>q! DELETE 1 fails"},
		{"the message is received again and EnqueueMessage is repeated", "2>q GET (A) | q>2 OK (B) | 2>s EnqueueMessage"},
		// visibility
		{"worker 1 works for 2m30s", "1: works for 2m30s"},
		{"worker 1 works for as long as the other side keeps it waiting", "1: works for as long as the other side keeps it waiting"},
		{"GET 2 answered (B): worker 2 gets the same message while worker 1 still works", "2>q GET 2 (A) | q>2 OK (B)"},
		{"both do the work; worker 1's DELETE fails, its receipt is stale", "1: works | 2: works | 1>q! DELETE fails"},
		{"worker 1 works; the lease ends before a renewal holds it", "1: works | q: lease ends"},
		{"the message waits behind up to 9 others in the channel", "1: waits"},
		{"GET 2 answered (B): another instance works on it; then a worker here takes the stale copy and works on it too", "2>q GET 2 (A) | q>2 OK (B) | 2: works | 2: works"},
		{"worker 1 takes message 1 and leaves", "1: leaves"},
		{"message 2 is done first and settled (CommitMessages): message 1 with it", "1>q CommitMessages"},
		{"worker 1 returns no error: DELETE 1 is sent for both (C), the queue deletes both", "1>q DELETE 1 (C) | q: deletes it"},
		{"worker 1 crashes before message 1 is done: nobody gets it again", "1x crashes"},
		// stalereceipt
		{"worker 1 renews its lease (UpdateMessage): the answer brings receipt 2, receipt 1 is void", "1>q UpdateMessage"},
		{"worker 1 renews again with receipt 1 (UpdateMessage): it is refused", "1>q! UpdateMessage refused"},
		{"worker 1 renews its lease and sends an empty text (UpdateMessage): the queue keeps that", "1>q UpdateMessage"},
		{"worker 1 does the work and sends DELETE 1 with receipt 1 (C): it is refused", "1: does the work | 1>q! DELETE 1 (C) refused"},
		{"the renewed lease ends, the queue shows the message again", "q: lease ends"},
		{"worker 2 receives a message without a text: the work cannot be done", "2>q GET (A) | q>2 OK (B)"},
		{"worker 2 gets the message and inserts it again: there are two of it (InsertOne)", "2>q GET (A) | q>2 OK (B) | 2>s InsertOne"},
		// sideeffect, and whatever else is done by a call
		{"worker 1 sends the mail (SendMail)", "1>s SendMail"},
		{"worker 2 gets the message and sends the mail (smtp.SendMail)", "2>q GET (A) | q>2 OK (B) | 2>s smtp.SendMail"},
		// What no rule knows is drawn as a sentence.
		{"the moon rises", ""},
		{"", ""},
	} {
		if got := drawn(read(c[0])); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func TestHarm(t *testing.T) {
	var got []bool
	for _, s := range scenes([]string{"DELETE 1 lost (C), or worker 1 crashes before it", "worker 2's change is lost", "and so on", "the end"}) {
		got = append(got, s.Harm)
	}
	if want := []bool{false, true, false, true}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestPlaces: a step happens where its call stands, or the receive, or the settle; else
// where the step before it did.
func TestPlaces(t *testing.T) {
	f := finding.Finding{
		Pos: 30, Message: "m",
		Related: []finding.Related{
			{Pos: 10, Message: "the message is received here (Azure Queue Storage)"},
			{Pos: 20, Message: "called here: store.Put"}, {Pos: 30, Message: "written here: Azure Blob Storage UploadBuffer"},
			{Pos: 40, Message: "the message is settled here"},
		},
		Schedule: []string{
			"the moon rises", "GET 1 answered (B): worker 1 has the message", "worker 1 writes it (UploadBuffer)", "the moon sets",
			"DELETE 1 lost (C), or worker 1 crashes before it", "30s pass: the lease ends, the queue shows the message again",
			"worker 2 gets the message and makes another (UploadBuffer), under identity 2: there are two of it",
		},
	}
	var got []token.Pos
	for i, p := range places(f) {
		got = append(got, p.Pos)
		if p.Message != f.Schedule[i] {
			t.Errorf("step %d says %q", i, p.Message)
		}
	}
	if want := []token.Pos{10, 10, 30, 30, 40, 40, 30}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := places(finding.Finding{Pos: 7, Schedule: []string{"the moon rises"}}); len(got) != 1 || got[0].Pos != 7 {
		t.Errorf("without related places: %v", got)
	}
}

// FuzzScenes: any sentence is a scene.
func FuzzScenes(f *testing.F) {
	f.Add("GET 1 answered (B): worker 1 has the message while worker 1 still works")
	f.Add("DELETE 9 sent (C) (X) worker 7 writes 3 (ü.ü) (Upload.Buffer), the lease ends")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range steps([]string{text, text}) {
			for _, e := range s.Events {
				if e.Y < 0 || e.Y >= s.Height || len([]rune(e.Label)) > longLabel {
					t.Errorf("%q: event %+v of a step %d high", text, e, s.Height)
				}
			}
		}
	})
}
