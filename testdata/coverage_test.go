package testdata_test

import (
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/models"
)

// notModelled lists the remote calls of the modelled SDKs that have no entry, with the
// reason. A call that a new version of an SDK brings is in neither list, and the test
// below fails until somebody has thought about it.
var notModelled = map[string]string{
	"(*S/azqueue.ServiceClient).GetStatistics":               reads,
	"(*S/azqueue/v2.ServiceClient).GetStatistics":            reads,
	"(*S/azblob/service.Client).GetStatistics":               reads,
	"(*A/data/aztables.ServiceClient).GetStatistics":         reads,
	"(*S/azblob/service.Client).GetAccountInfo":              reads,
	"(*S/azblob/container.Client).GetAccountInfo":            reads,
	"(*S/azblob/blob.Client).GetAccountInfo":                 reads,
	"(*S/azblob/blockblob.Client).GetAccountInfo":            reads,
	"(*S/azblob/appendblob.Client).GetAccountInfo":           reads,
	"(*S/azblob/pageblob.Client).GetAccountInfo":             reads,
	"(*S/azblob/service.Client).GetUserDelegationCredential": reads,

	"(*S/azblob/appendblob.Client).SetTier":     fails,
	"(*S/azblob/appendblob.Client).CopyFromURL": fails,

	"(*A/messaging/azservicebus.Client).Close":          closes,
	"(*A/messaging/azservicebus.Receiver).Close":        closes,
	"(*A/messaging/azservicebus.SessionReceiver).Close": closes,
	"(*A/messaging/azservicebus.Sender).Close":          closes,
	"(*A/messaging/azservicebus.Sender).NewMessageBatch": "opens the link to learn the largest size; " +
		"the batch it returns is empty, which an unknown function says well enough",
}

const (
	reads  = "reads facts about the account that no handler decides on"
	fails  = "answers with an error at once: append blobs cannot do it"
	closes = "closes a connection; messages not settled come again when their lock ends"
)

// expand writes the short names of notModelled out.
func expand(name string) string {
	name = strings.Replace(name, "S/", sdk+"storage/", 1)
	return strings.Replace(name, "A/", sdk, 1)
}

// TestNoSilentEffects: every exported function of a modelled Azure package that takes a
// context or makes a pager has an entry or a reason.
func TestNoSilentEffects(t *testing.T) {
	s := load(t)
	ix := models.NewIndex(models.All())
	excused := map[string]bool{}
	for short := range notModelled {
		excused[expand(short)] = true
	}
	var azure []string
	for _, m := range models.All() {
		for _, p := range m.Packages {
			if strings.HasPrefix(p, sdk) {
				azure = append(azure, p)
			}
		}
	}
	if len(azure) < 10 {
		t.Fatalf("only %d Azure packages are modelled", len(azure))
	}
	remote := 0
	for _, name := range slices.Sorted(maps.Keys(s.funcs)) {
		f := s.funcs[name]
		if !isRemote(f) || !slices.ContainsFunc(s.owners[name], func(p string) bool { return slices.Contains(azure, p) }) {
			continue
		}
		remote++
		switch {
		case ix.Call(name) != nil && excused[name]:
			t.Errorf("%s has an entry and an excuse", name)
		case ix.Call(name) == nil && !excused[name]:
			t.Errorf("%s has neither an entry nor an excuse", name)
		}
		delete(excused, name)
	}
	for name := range excused {
		t.Errorf("%s is excused but does not exist", name)
	}
	t.Logf("%d remote functions in %d packages", remote, len(azure))
}

// isRemote: a request takes a context; a pager takes it later, page by page.
func isRemote(f *types.Func) bool {
	sig := f.Signature()
	for v := range sig.Params().Variables() {
		if typeName(v.Type()) == "context.Context" {
			return true
		}
	}
	for v := range sig.Results().Variables() {
		if typeName(v.Type()) == sdk+"azcore/runtime.Pager" {
			return true
		}
	}
	return false
}

// ignored lists conditions that can be written in a call's options but that the SDK
// does not send, or that guard something else: they must not pass for a guard.
var ignored = map[string]string{
	"S/azblob/lease.NewBlobClient arg1":      "names the lease to take",
	"S/azblob/lease.NewContainerClient arg1": "names the lease to take",

	"(*A/data/aztables.Client).UpsertEntity arg2.ETag": "never sent",

	"(*A/data/azcosmos.ContainerClient).CreateItem arg3.IfMatchEtag":                    "a create needs no version",
	"(*A/data/azcosmos.TransactionalBatch).CreateItem arg1.IfMatchETag":                 "dropped by the SDK",
	"(*A/data/azcosmos.TransactionalBatch).ReadItem arg1.IfMatchETag":                   "dropped by the SDK",
	"(*A/data/azcosmos.ContainerClient).ReadItem arg3.IfMatchEtag":                      "a read",
	"(*S/azblob/blob.Client).GetTags arg1.BlobModifiedAccessConditions":                 "never sent",
	"(*S/azblob/blob.Client).SetTags arg2.AccessConditions":                             "only lease and tags are sent",
	"(*S/azblob/blob.Client).SetTier arg2.AccessConditions":                             "only lease and tags are sent",
	"(*S/azblob/blob.Client).Delete arg1.AccessTierConditions":                          "guards the tier, not the content",
	"(*S/azblob.Client).DeleteBlob arg3.AccessTierConditions":                           "guards the tier, not the content",
	"(*S/azblob/blob.Client).SetImmutabilityPolicy arg2":                                "only IfUnmodifiedSince is sent",
	"(*S/azblob/blockblob.Client).GetBlockList arg2.AccessConditions":                   "only lease and tags are sent",
	"(*S/azblob/appendblob.Client).Seal arg1":                                           "IfTags and MaxSize are not sent",
	"(*S/azblob/container.BatchBuilder).SetTier arg2.SetTierOptions":                    "only lease and tags are sent",
	"(*S/azblob/service.BatchBuilder).SetTier arg3.SetTierOptions":                      "only lease and tags are sent",
	"(*S/azblob/container.BatchBuilder).Delete arg1.DeleteOptions.AccessTierConditions": "guards the tier, not the content",
	"(*S/azblob/service.BatchBuilder).Delete arg2.DeleteOptions.AccessTierConditions":   "guards the tier, not the content",
	"(*S/azblob/container.Client).SetMetadata arg1.ModifiedAccessConditions":            "only IfModifiedSince is sent",
	"(*S/azblob/container.Client).GetProperties arg1.LeaseAccessConditions":             "a read",
	"(*S/azblob/container.Client).GetAccessPolicy arg1.LeaseAccessConditions":           "a read",
	"(*S/azblob/container.Client).Delete arg1.AccessConditions":                         "only lease and times are sent",
	"(*S/azblob/service.Client).DeleteContainer arg2.AccessConditions":                  "only lease and times are sent",
	"(*S/azblob.Client).DeleteContainer arg2.AccessConditions":                          "only lease and times are sent",
	"(*S/azblob/container.Client).SetAccessPolicy arg1.AccessConditions":                "only lease and times are sent",
	"(*S/azblob/lease.ContainerClient).AcquireLease arg2":                               "only times are sent",
	"(*S/azblob/lease.ContainerClient).RenewLease arg1":                                 "only times are sent",
	"(*S/azblob/lease.ContainerClient).ChangeLease arg2":                                "only times are sent",
	"(*S/azblob/lease.ContainerClient).ReleaseLease arg1":                               "only times are sent",
	"(*S/azblob/lease.ContainerClient).BreakLease arg1":                                 "only times are sent",
}

// TestNoForgottenConditions: every field of a call's arguments that looks like a
// precondition is one in the entry, or is known to be none.
func TestNoForgottenConditions(t *testing.T) {
	s := load(t)
	ix := models.NewIndex(models.All())
	excuses := map[string]bool{}
	for short := range ignored {
		excuses[expand(short)] = false
	}
	seen := 0
	for _, name := range slices.Sorted(maps.Keys(s.funcs)) {
		f := s.funcs[name]
		c := ix.Call(name)
		if c == nil || !strings.Contains(name, sdk) || c.Role == models.Client {
			continue
		}
		said := slices.Concat(c.IfMatch, c.IfNoneMatch, c.Conditions)
		for _, p := range conditionsIn(f) {
			seen++
			if slices.Contains(said, p) {
				continue
			}
			excuse := excuseFor(excuses, name, p)
			if excuse == "" {
				t.Errorf("%s: %s is not in the entry", name, p)
				continue
			}
			excuses[excuse] = true
		}
	}
	for excuse, used := range excuses {
		if !used {
			t.Errorf("%s: excused for nothing", excuse)
		}
	}
	if seen < 300 {
		t.Errorf("only %d conditions were found: is the search broken?", seen)
	}
}

// excuseFor finds the excuse that covers a path; the kinds of blob share blob.Client's.
func excuseFor(excuses map[string]bool, name string, p models.Path) string {
	for _, kind := range []string{"blockblob", "appendblob", "pageblob", "blob"} {
		shared := strings.Replace(name, "azblob/"+kind+".Client", "azblob/blob.Client", 1)
		for _, n := range []string{name, shared} {
			for at := string(p); at != ""; {
				if _, ok := excuses[n+" "+at]; ok {
					return n + " " + at
				}
				i := strings.LastIndex(at, ".")
				if i < 0 {
					break
				}
				at = at[:i]
			}
		}
	}
	return ""
}

// conditionsIn walks the arguments' structs for fields with a condition's name. What
// guards the source of a copy has other names (SourceIfMatch).
func conditionsIn(f *types.Func) (found []models.Path) {
	var walk func(t types.Type, at string, depth int)
	walk = func(t types.Type, at string, depth int) {
		if slice, ok := deref(t).Underlying().(*types.Slice); ok {
			t, at = slice.Elem(), at+"[]"
		}
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok || depth == 0 {
			return
		}
		for v := range st.Fields() {
			if !v.Exported() {
				continue
			}
			p := at + "." + v.Name()
			switch name := v.Name(); {
			case strings.HasPrefix(name, "If"), name == "LeaseID", name == "AppendPosition", name == "MaxSize",
				// An ETag among the options is a condition; elsewhere it is what was read.
				name == "ETag" && strings.HasSuffix(typeName(t), "Options"):
				found = append(found, models.Path(p))
			default:
				walk(v.Type(), p, depth-1)
			}
		}
	}
	for i := range f.Signature().Params().Len() {
		walk(f.Signature().Params().At(i).Type(), "arg"+string(rune('0'+i)), 4)
	}
	return found
}
