// Package errchannel works on ten messages at once. The goroutines tell over a channel what
// went wrong; only what went right is deleted. It looks as if the delete did not wait, but
// each goroutine deletes its own message, at its end.
package errchannel

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"
)

var client = &http.Client{Timeout: 20 * time.Second}

type Pinger struct {
	SQS *sqs.SQS
	URL string
}

func (p *Pinger) Poll() error {
	out, err := p.SQS.ReceiveMessage(&sqs.ReceiveMessageInput{
		QueueUrl: &p.URL, MaxNumberOfMessages: aws.Int64(10), VisibilityTimeout: aws.Int64(60),
	})
	if err != nil {
		return err
	}
	errs := make(chan error)
	for _, m := range out.Messages {
		go func() { errs <- p.ping(m) }()
	}
	for range out.Messages {
		if err := <-errs; err != nil {
			log.Println("ping:", err)
		}
	}
	return nil
}

func (p *Pinger) ping(m *sqs.Message) error {
	req, err := http.NewRequest(http.MethodPut, "https://status.example.com/"+*m.MessageId, strings.NewReader(*m.Body))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("server answered %s", resp.Status)
	}
	_, err = p.SQS.DeleteMessage(&sqs.DeleteMessageInput{QueueUrl: &p.URL, ReceiptHandle: m.ReceiptHandle})
	return err
}
