package explore

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// setUp makes what the world says.
func (p *play) setUp() error {
	for _, q := range []string{p.world.Queue, p.world.Poison} {
		if q == "" {
			continue
		}
		if _, err := p.ask(http.MethodPut, q, ""); err != nil {
			return fmt.Errorf("explore: queue %s: %w", q, err)
		}
	}
	if p.world.Before != nil {
		in, err := p.instance(0)
		if err != nil {
			return err
		}
		if err := p.world.Before(context.Background(), in); err != nil {
			return fmt.Errorf("explore: World.Before: %w", err)
		}
	}
	return p.putMessages()
}

// putMessages puts the messages in the world's order, so that each has the same id in
// every schedule, and lets them become visible in the schedule's.
func (p *play) putMessages() error {
	if p.begin > 0 { // See secondStart: what is made of a receipt is known from its being another one.
		p.account.Queues.SkipReceipts(otherReceipts)
	}
	waiting := make([]hidden, len(p.schedule.Messages))
	for i, body := range p.world.Messages {
		position := slices.Index(p.schedule.Messages, i+1)
		put, err := p.ask(http.MethodPost, p.world.Queue+"/messages?visibilitytimeout="+p.hiddenAtFirst(position), body)
		if err != nil {
			return fmt.Errorf("explore: message %d: %w", i+1, err)
		}
		id, rest, _ := element(put, "MessageId")
		p.numbers[id] = i + 1
		receipt, _, _ := element(rest, "PopReceipt")
		switch {
		case p.inTurn && position > 0:
			waiting[position] = hidden{id: id, receipt: receipt}
		case position < 0: // not in this schedule
			if _, err := p.ask(http.MethodDelete, p.world.Queue+"/messages/"+id+"?popreceipt="+url.QueryEscape(receipt), ""); err != nil {
				return fmt.Errorf("explore: message %d: %w", i+1, err)
			}
		}
	}
	if p.inTurn && len(waiting) > 1 {
		p.hidden = waiting[1:]
	}
	time.Sleep(time.Duration(len(p.schedule.Messages)) * time.Second)
	return nil
}

// ask sends a request to the queue service, without the SDK, which would take longer than
// the rest of many a schedule.
func (p *play) ask(method, path, text string) (string, error) {
	var body strings.Builder
	if method == http.MethodPost {
		body.WriteString("<QueueMessage><MessageText>")
		if err := xml.EscapeText(&body, []byte(text)); err != nil {
			return "", err
		}
		body.WriteString("</MessageText></QueueMessage>")
	}
	r, err := http.NewRequest(method, p.account.QueueURL(path), strings.NewReader(body.String()))
	if err != nil {
		return "", err
	}
	rec := recorder{header: http.Header{}}
	p.account.ServeHTTP(&rec, r)
	if rec.status >= 300 {
		return "", fmt.Errorf("%d%s", rec.status, errorCode(rec.body.Bytes()))
	}
	return rec.body.String(), nil
}
