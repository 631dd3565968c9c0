package models

// What the Azure SDKs have in common. The functions below only spare repetition:
// each returns entries that could have been written out.

const azureSDK = "github.com/Azure/azure-sdk-for-go/sdk/"

// fn and method spell the full names of a package's function and of a pointer
// receiver's method.
func fn(pkg, name string) string { return pkg + "." + name }

func method(pkg, typ, name string) string { return "(*" + pkg + "." + typ + ")." + name }

func paths(p ...Path) []Path { return p }

// said fills in what holds for all calls of one SDK: its name and its source.
func said(system, source string, calls ...Call) []Call {
	for i := range calls {
		if calls[i].System == "" {
			calls[i].System = system
		}
		if calls[i].Source == "" {
			calls[i].Source = source
		}
	}
	return calls
}

// remote adds what every request has: the context, as the first argument, bounds it.
func remote(calls ...Call) []Call {
	for i := range calls {
		calls[i].Under = "arg0"
	}
	return calls
}

func concat(lists ...[]Call) []Call {
	var all []Call
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// constructors are the four forms in which each storage client is made: with a
// token, with nothing (or a SAS in the URL), with a shared key, from a connection
// string. The retry options are azcore's, embedded in the client's own.
//
// names is how many names the last form takes after the connection string.
func constructors(pkg, name, sharedKey string, names int) []Call {
	retry := func(opts Path) Path { return opts + ".ClientOptions.Retry" }
	calls := []Call{
		{Func: fn(pkg, name), Role: Client, Key: paths("arg0"), Retry: retry("arg2")},
		{Func: fn(pkg, name+"WithNoCredential"), Role: Client, Key: paths("arg0"), Retry: retry("arg1")},
		{Func: fn(pkg, name+sharedKey), Role: Client, Key: paths("arg0"), Retry: retry("arg2")},
	}
	from := Call{Func: fn(pkg, name+"FromConnectionString"), Role: Client}
	args := []Path{"arg0", "arg1", "arg2", "arg3"}
	from.Key = args[:names+1]
	from.Retry = retry(args[names+1])
	return append(calls, from)
}

const (
	withSharedKeyCredential = "WithSharedKeyCredential"
	withSharedKey           = "WithSharedKey"
)
