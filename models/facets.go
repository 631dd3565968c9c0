package models

// Facets: the parts of a key's state that calls read or replace by themselves. They
// are compared for equality; FacetProperties is what one answer tells of several, so
// ask FacetsMeet.
const (
	FacetContent    = ""
	FacetMetadata   = "metadata"
	FacetTags       = "tags"
	FacetTier       = "tier"
	FacetHeaders    = "headers"
	FacetProperties = "properties" // metadata, headers, tier, size and sequence number
	FacetSize       = "size"
	FacetSequence   = "sequence number"
	FacetBlocks     = "block list"
	FacetRanges     = "page ranges"
	FacetLease      = "lease"
	FacetSnapshots  = "snapshots"
	FacetCopy       = "pending copy"
	FacetDeletion   = "soft deletion"
	FacetExpiry     = "expiry"
	FacetSeal       = "seal"
	FacetRetention  = "retention" // immutability policies and legal holds
	FacetMessages   = "messages"
	FacetPolicy     = "access policy"
	FacetSession    = "session state"
	FacetSettings   = "settings"
	FacetThroughput = "throughput"
)

// FacetsMeet reports whether a read of one facet tells anything about the other.
func FacetsMeet(a, b string) bool {
	if b == FacetProperties {
		a, b = b, a
	}
	if a != FacetProperties {
		return a == b
	}
	switch b {
	case FacetProperties, FacetMetadata, FacetHeaders, FacetTier, FacetSize, FacetSequence:
		return true
	}
	return false
}
