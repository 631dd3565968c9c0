package table

import (
	"bytes"
	"time"
)

// Entity is one entity as [Service.Snapshot] found it.
type Entity struct {
	// Properties are those the client gave: not PartitionKey, RowKey and Timestamp.
	// Their values are string, bool, int32, int64, float64, time.Time (in UTC, to
	// 100 ns), []byte, or GUID, after the Edm types of the service's data model:
	// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types.
	Properties map[string]any
	// ETag is the version, as If-Match takes it: other after each change, even if
	// nothing but the version changed.
	ETag string
	// Timestamp is when the entity was last changed, in UTC, to 100 ns. Changes within
	// one instant are a tick of 100 ns apart.
	Timestamp time.Time
}

// Snapshot is a deep copy of all tables by the name they were created with.
func (s *Service) Snapshot() map[string]map[Key]Entity {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]map[Key]Entity, len(s.tables))
	for _, t := range s.tables {
		entities := make(map[Key]Entity, len(t.entities))
		for k, e := range t.entities {
			entities[k] = e.public()
		}
		all[t.name] = entities
	}
	return all
}

func (e *entity) public() Entity {
	properties := make(map[string]any, len(e.properties))
	for _, p := range e.properties {
		if b, ok := p.value.([]byte); ok {
			properties[p.name] = bytes.Clone(b)
			continue
		}
		properties[p.name] = p.value
	}
	return Entity{Properties: properties, ETag: e.etag, Timestamp: e.stamp}
}
