// Package tokenput fetches a token and hands a reading to a meter service.
//
// Right: a token more does no harm, and the reading is PUT under its own address.
package tokenput

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

var client = &http.Client{Timeout: 5 * time.Second}

type reading struct{ Meter, Tenant, Value string }

// Hand handles one message.
func Hand(ctx context.Context, queue *azqueue.QueueClient, secret string) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var r reading
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return err
	}
	token, err := tokenOf(r.Tenant, secret)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://meters.example/"+r.Meter, strings.NewReader(r.Value))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	answer, err := client.Do(req)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		return errors.New(answer.Status)
	}
	_, err = queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func tokenOf(tenant, secret string) (string, error) {
	answer, err := client.PostForm("https://login.example/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {tenant}, "client_secret": {secret},
	})
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var t struct {
		Access string `json:"access_token"`
	}
	err = json.NewDecoder(answer.Body).Decode(&t)
	return t.Access, err
}
