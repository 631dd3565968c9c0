package idem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// Entity is an entity of a table as a cell. The table must exist. The document stands in
// string properties Document0, Document1, …, each within the service's 64 KiB (32 Ki
// UTF-16 units); all of them within the entity's 1 MiB, or the write fails. Other
// properties are lost. The client may retry, as for [Blob].
//
// Limits: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model.
func Entity(table *aztables.Client, partition, row string) Cell {
	return entityCell{table: table, partition: partition, row: row}
}

type entityCell struct {
	table          *aztables.Client
	partition, row string
}

// chunk is the most bytes in a property: bytes of UTF-8 are never fewer than UTF-16 units.
const chunk = 32 << 10

const property = "Document"

func (c entityCell) Read(ctx context.Context) ([]byte, azcore.ETag, error) {
	answer, err := c.table.GetEntity(ctx, c.partition, c.row, nil)
	if hasCode(err, aztables.ResourceNotFound, aztables.EntityNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	var properties map[string]any
	if err := json.Unmarshal(answer.Value, &properties); err != nil {
		return nil, "", err
	}
	var document strings.Builder
	for i := 0; ; i++ {
		part, ok := properties[fmt.Sprint(property, i)].(string)
		if !ok {
			break
		}
		document.WriteString(part)
	}
	if answer.ETag == "" {
		return nil, "", errNoVersion
	}
	return []byte(document.String()), answer.ETag, nil
}

func (c entityCell) Write(ctx context.Context, document []byte, version azcore.ETag) (azcore.ETag, error) {
	properties := map[string]any{"PartitionKey": c.partition, "RowKey": c.row}
	for i, rest := 0, document; len(rest) > 0; i++ {
		n := min(chunk, len(rest))
		for n < len(rest) && !utf8.RuneStart(rest[n]) {
			n-- // not within a character
		}
		properties[fmt.Sprint(property, i)] = string(rest[:n])
		rest = rest[n:]
	}
	entity, err := json.Marshal(properties)
	if err != nil {
		return "", err
	}
	var after azcore.ETag
	if version == "" {
		answer, addErr := c.table.AddEntity(ctx, entity, nil)
		after, err = answer.ETag, addErr
	} else {
		// Replace, not merge: a merge would keep the chunks of a longer document.
		answer, updateErr := c.table.UpdateEntity(ctx, entity, &aztables.UpdateEntityOptions{
			IfMatch: &version, UpdateMode: aztables.UpdateModeReplace,
		})
		after, err = answer.ETag, updateErr
	}
	if conflict(err) {
		return "", ErrConflict
	}
	if err != nil {
		return "", err
	}
	if after == "" {
		return "", errNoVersion
	}
	return after, nil
}

// conflict: the entity is there although it should not be, is another, or is gone.
func conflict(err error) bool {
	var answer *azcore.ResponseError
	return hasCode(err, aztables.EntityAlreadyExists, aztables.UpdateConditionNotSatisfied, aztables.ResourceNotFound, aztables.EntityNotFound) ||
		errors.As(err, &answer) && answer.StatusCode == http.StatusPreconditionFailed
}

// hasCode is what the SDK has for blobs and queues, but not for tables.
func hasCode(err error, codes ...aztables.TableErrorCode) bool {
	var answer *azcore.ResponseError
	if !errors.As(err, &answer) {
		return false
	}
	for _, code := range codes {
		if answer.ErrorCode == string(code) {
			return true
		}
	}
	return false
}
