package random

import (
	"fmt"
	"strings"
)

// place is where in the stores a value lies, as expressions.
type place struct {
	row bool
	// first is the container or the partition, second the name or the row.
	first, second string
}

// args are the arguments that name the place.
func (l place) args() []string {
	if l.row {
		return []string{l.first, l.second}
	}
	return []string{l.second}
}

// container is where a step's blobs are.
func (s *source) container(step Step) string {
	if s.plan.Container {
		return s.theme.many
	}
	return s.pick("containers", s.theme.many, "data", s.theme.many+"-"+strings.ToLower(s.value(step)), "archive")
}

// folder is what the names of a step's blobs begin with, and the partition of its rows.
func (s *source) folder(step Step) string { return strings.ToLower(s.value(step)) }

// at is where the step writes for the message of c.
func (s *source) at(c *scope, step Step) place {
	key := ""
	switch step.Key {
	case "":
		key = c.message + ".ID"
	case "group":
		key = c.message + "." + s.group()
	case "fresh":
		key = s.pick(fmt.Sprint("fresh ", step.ID), "uuid.NewString()", "uuid.New().String()", `time.Now().UTC().Format("20060102T150405.000000000")`)
	}
	folder, tag := s.folder(step), fmt.Sprint("key ", step.ID)
	if step.Row {
		l := place{row: true, first: fmt.Sprintf("%q", folder), second: key}
		switch {
		case key == "":
			l.second = s.pick(tag, `"all"`, `"current"`)
		case step.Key == "" && s.odds(tag+" by group", 3):
			l.first = c.message + "." + s.group()
			l.second = fmt.Sprintf("%q + %s", folder+"-", key)
		}
		return l
	}
	l := place{first: fmt.Sprintf("%q", s.container(step))}
	switch {
	case key == "":
		l.second = s.pick(tag, fmt.Sprintf("%q", folder+".json"), fmt.Sprintf("%q", folder+"/latest.json"))
	default:
		l.second = s.pick(tag,
			fmt.Sprintf("%q + %s + \".json\"", folder+"/", key),
			fmt.Sprintf("fmt.Sprintf(%q, %s)", folder+"/%s.json", key),
			fmt.Sprintf("path.Join(%q, %s)", folder, key),
			fmt.Sprintf("%q + %s", folder+"/", key))
	}
	return l
}

// path is the place where the step writes for a message, as the world knows it: the
// beginning of "blob container/name" or "row table/partition/row".
func (p Plan) path(step Step, m message) string {
	s := p.source()
	folder, tag := s.folder(step), fmt.Sprint("key ", step.ID)
	key := ""
	switch step.Key {
	case "":
		key = m.id
		if p.QueueID { // which nobody knows before
			if step.Row && s.odds(tag+" by group", 3) {
				return "row data/" + m.group + "/" + folder + "-"
			}
			if step.Row {
				return "row data/" + folder + "/"
			}
			return "blob " + s.container(step) + "/" + folder + "/"
		}
	case "group":
		key = m.group
	}
	if step.Row {
		switch {
		case key == "":
			return "row data/" + folder + "/" + strings.Trim(s.pick(tag, `"all"`, `"current"`), `"`)
		case step.Key == "" && s.odds(tag+" by group", 3):
			return "row data/" + m.group + "/" + folder + "-" + key
		}
		return "row data/" + folder + "/" + key
	}
	path := "blob " + s.container(step) + "/"
	switch {
	case key == "":
		return path + s.pick(tag, folder+".json", folder+"/latest.json")
	default:
		return path + s.pick(tag, folder+"/"+key+".json", folder+"/"+key+".json", folder+"/"+key, folder+"/"+key)
	}
}

// named puts the step's place into variables, where people do that.
func (s *source) named(c *scope, step Step) place {
	l := s.at(c, step)
	if l.row || !s.odds(fmt.Sprint("name ", step.ID), 2) {
		return l
	}
	name := c.fresh("name")
	c.p("%s := %s", name, l.second)
	l.second = name
	return l
}

// condition is the precondition of a write: a variable of type *azcore.ETag, which is nil
// for what must not be there yet, or one of the words.
type condition string

const (
	anyway   condition = "(anyway)"   // none at all
	creates  condition = "(creates)"  // must not be there
	wildcard condition = "(wildcard)" // must be there, whatever it is
)

// write is the call that writes body, with a blank for the results before its error.
func (s *source) write(c *scope, l place, body string, when condition, absent bool, tag string) (call, blank string) {
	if l.row {
		return s.writeRow(c, body, when, absent)
	}
	options := "nil"
	switch when {
	case anyway:
		if s.odds(tag+" empty options", 5) {
			options = "&azblob.UploadBufferOptions{}"
		}
	case creates:
		options = uploadOptions("&blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}")
	case wildcard:
		options = uploadOptions("&blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}")
	default:
		if !absent {
			options = uploadOptions("&blob.ModifiedAccessConditions{IfMatch: " + string(when) + "}")
			break
		}
		only := c.fresh("only")
		c.p("%s := &blob.ModifiedAccessConditions{IfMatch: %s}\nif %s == nil {\n%s.IfNoneMatch = to.Ptr(azcore.ETagAny)\n}", only, when, when, only)
		options = uploadOptions(only)
	}
	if s.odds(tag+" stream", 4) {
		options = strings.Replace(options, "UploadBufferOptions", "UploadStreamOptions", 1)
		return s.blobCall(c, l, "UploadStream", "bytes.NewReader("+body+")", options), "_, "
	}
	return s.blobCall(c, l, "UploadBuffer", body, options), "_, "
}

// blobCall calls a method of the client for one blob, or of that for all.
func (s *source) blobCall(c *scope, l place, method string, args ...string) string {
	if s.plan.Container {
		args[len(args)-1] = strings.Replace(args[len(args)-1], "&azblob.", "&blockblob.", 1)
		return fmt.Sprintf("%s.NewBlockBlobClient(%s).%s(ctx, %s)", c.client("blobs"), l.second, method, strings.Join(args, ", "))
	}
	return fmt.Sprintf("%s.%s(ctx, %s, %s, %s)", c.client("blobs"), method, l.first, l.second, strings.Join(args, ", "))
}

// download reads a blob.
func (s *source) download(c *scope, l place) string { return s.blobCall(c, l, "DownloadStream", "nil") }

// settings are in a blob that others write.
func (s *source) settings() place {
	if s.plan.Container {
		return place{first: fmt.Sprintf("%q", s.theme.many), second: `"settings/rates.json"`}
	}
	return place{first: `"settings"`, second: `"rates.json"`}
}

// settingsPath is where the world has them.
func (p Plan) settingsPath() string {
	if p.Container {
		return themes[p.Theme%len(themes)].many + "/settings/rates.json"
	}
	return "settings/rates.json"
}

func uploadOptions(only string) string {
	return "&azblob.UploadBufferOptions{\nAccessConditions: &blob.AccessConditions{ModifiedAccessConditions: " + only + "},\n}"
}

func (s *source) writeRow(c *scope, body string, when condition, absent bool) (call, blank string) {
	switch when {
	case anyway:
		return fmt.Sprintf("%s.UpsertEntity(ctx, %s, %s)", c.client("table"), body,
			s.pick("upsert", "nil", "&aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace}")), "_, "
	case creates:
		return fmt.Sprintf("%s.AddEntity(ctx, %s, nil)", c.client("table"), body), "_, "
	case wildcard:
		return fmt.Sprintf("%s.UpdateEntity(ctx, %s, %s)", c.client("table"), body,
			s.pick("wildcard", "&aztables.UpdateEntityOptions{UpdateMode: aztables.UpdateModeReplace}", "nil",
				"&aztables.UpdateEntityOptions{IfMatch: to.Ptr(azcore.ETagAny), UpdateMode: aztables.UpdateModeReplace}")), "_, "
	}
	const update = "%s.UpdateEntity(ctx, %s, &aztables.UpdateEntityOptions{IfMatch: %s, UpdateMode: aztables.UpdateModeReplace})"
	if !absent {
		return fmt.Sprintf(update, c.client("table"), body, when), "_, "
	}
	put, ok := s.helpers["put"]
	if !ok {
		put = s.fn("adds a row where there was none, and otherwise replaces what was read", s.name("put@Row"),
			"row []byte, etag *azcore.ETag", "error", func(c *scope) {
				c.free = true
				table := c.client("table")
				c.p("if etag == nil {\n_, err := %s.AddEntity(ctx, row, nil)\nreturn err\n}", table)
				c.p("_, err := "+update+"\nreturn err", table, "row", "etag")
				*c.ended = true
			})
		s.helpers["put"] = put
	}
	return put.call(c, body, string(when)), ""
}
