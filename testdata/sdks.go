//go:build sdks

package testdata

// These imports keep every modelled SDK in go.mod when `go mod tidy` runs (it looks
// at all build tags), also those that no handler happens to use. The tag keeps them
// out of `go build ./...`, which would compile them for nothing.
import (
	_ "github.com/Azure/azure-sdk-for-go/sdk/azcore"
	_ "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	_ "github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	_ "github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	_ "github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	_ "github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	_ "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	_ "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	_ "github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	_ "github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	_ "github.com/gofrs/uuid"
	_ "github.com/gofrs/uuid/v5"
	_ "github.com/google/uuid"
	_ "github.com/lithammer/shortuuid/v4"
	_ "github.com/matoous/go-nanoid/v2"
	_ "github.com/oklog/ulid/v2"
	_ "github.com/rs/xid"
	_ "github.com/segmentio/ksuid"
	_ "golang.org/x/sync/errgroup"
)
