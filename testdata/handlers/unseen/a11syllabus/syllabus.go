// Package syllabus applies the edits of teachers to courses.
package syllabus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type edit struct {
	Course string `json:"course"`
	Op     string `json:"op"`
	Lesson Lesson `json:"lesson"`
}

// Editor applies edits.
type Editor struct {
	edits *azqueue.QueueClient
	store *Store
	log   *slog.Logger
}

// NewEditor returns an Editor.
func NewEditor(edits *azqueue.QueueClient, courses *container.Client, log *slog.Logger) *Editor {
	return &Editor{edits: edits, store: &Store{courses: courses}, log: log}
}

// Step handles a message, if there is one.
func (e *Editor) Step(ctx context.Context) (bool, error) {
	resp, err := e.edits.DequeueMessage(ctx, nil)
	if err != nil {
		return false, err
	}
	if len(resp.Messages) == 0 {
		return false, nil
	}
	m := resp.Messages[0]
	var ed edit
	if err := json.Unmarshal([]byte(*m.MessageText), &ed); err != nil {
		return true, fmt.Errorf("edit %s: %w", *m.MessageID, err)
	}
	if err := e.apply(ctx, ed); err != nil {
		if bloberror.HasCode(err, bloberror.ConditionNotMet) {
			e.log.InfoContext(ctx, "somebody else was faster", "course", ed.Course)
		}
		return true, err
	}
	if _, err := e.edits.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return true, fmt.Errorf("delete %s: %w", *m.MessageID, err)
	}
	return true, nil
}

func (e *Editor) apply(ctx context.Context, ed edit) error {
	course, err := e.store.Load(ctx, ed.Course)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(course.Lessons, func(l Lesson) bool { return l.ID == ed.Lesson.ID })
	switch {
	case ed.Op == "remove" && at >= 0:
		course.Lessons = slices.Delete(course.Lessons, at, at+1)
	case ed.Op == "set" && at >= 0:
		course.Lessons[at] = ed.Lesson
	case ed.Op == "set":
		course.Lessons = append(course.Lessons, ed.Lesson)
	default:
		return nil
	}
	return e.store.Save(ctx, course)
}
