// Package stampedkey renders reports and uploads them under a name that holds the time of
// day. A report that is rendered twice lies there twice.
package stampedkey

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var page = template.Must(template.New("").Parse(`<h1>{{.Title}}</h1>{{range .Rows}}<p>{{.}}</p>{{end}}`))

type report struct {
	ID    string
	Title string
	Rows  []string
}

type Renderer struct {
	queue  *sqs.Client
	url    string
	upload *manager.Uploader
	bucket string
}

func New(queue *sqs.Client, store *s3.Client, url, bucket string) *Renderer {
	return &Renderer{queue: queue, url: url, upload: manager.NewUploader(store), bucket: bucket}
}

func (r *Renderer) Handle(ctx context.Context, m types.Message) error {
	var rep report
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &rep); err != nil {
		return err
	}
	var html bytes.Buffer
	if err := page.Execute(&html, rep); err != nil {
		return err
	}
	_, err := r.upload.Upload(ctx, &s3.PutObjectInput{ // want `changes with each attempt.*\(freshkey\)`
		Bucket: aws.String(r.bucket), Key: aws.String(reportName(rep)), Body: &html,
	})
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	_, err = r.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &r.url, ReceiptHandle: m.ReceiptHandle})
	return err
}

func reportName(rep report) string {
	return fmt.Sprintf("%s/%s.html", rep.ID, time.Now().UTC().Format("20060102-150405"))
}
