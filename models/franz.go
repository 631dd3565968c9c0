package models

// Kafka by franz-go (kgo).
//
// Facts that matter:
//   - PollFetches and PollRecords bring batches of partitions of topics; the records are
//     reached by Records, EachRecord, RecordIter, RecordsAll, or through the partitions.
//   - By default a group commits, every five seconds and at each poll, what the polls
//     before this one brought: whatever the handler made of it. With AutoCommitMarks it
//     commits what MarkCommitRecords marked, with DisableAutoCommit what CommitRecords
//     says. A commit covers every earlier record of the partition.
//   - CommitUncommittedOffsets commits all that was polled; it names no record, as does
//     CommitMarkedOffsets, which only sends what was marked and has no entry.
//   - There is no lease (heartbeats run beside the handler) and no nack.
//   - Share groups settle by record: Ack accepts, releases, rejects or renews.
//   - Produce hands over and returns; the promise tells what became of it. The errors of
//     ProduceSync stand in what it returns.
var franzModel = Model{
	Name:     "Kafka (franz-go)",
	Packages: []string{franz},
	Calls: said("Kafka", franzSource, concat(
		remote(
			Call{Func: method(franz, "Client", "PollFetches"), Role: Receive, Key: paths("recv"), Message: franzRecords},
			Call{
				Func: method(franz, "Client", "PollRecords"), Role: Receive, Key: paths("recv"), Message: franzRecords,
				Batch: Quantity{Path: "arg1"},
			},
			Call{Func: method(franz, "Client", "CommitRecords"), Role: Settle, Key: paths("recv"), Message: "arg1[]", Cumulative: true},
			Call{Func: method(franz, "Client", "ProduceSync"), Role: Send, Key: paths("recv", "arg1[].Topic"), Value: paths("arg1[]")},
			Call{Func: method(franz, "Client", "Produce"), Role: Send, Key: paths("recv", "arg1.Topic"), Value: paths("arg1")},
			Call{Func: method(franz, "Client", "TryProduce"), Role: Send, Key: paths("recv", "arg1.Topic"), Value: paths("arg1")},
		),
		[]Call{
			{Func: fn(franz, "NewClient"), Role: Client, Key: paths("arg0[]")},
			{Func: method(franz, "Client", "MarkCommitRecords"), Role: Settle, Key: paths("recv"), Message: "arg0[]", Cumulative: true},

			{Func: ifaceMethod(franz, "Fetches", "Records"), Role: Same, Value: paths("recv[].Topics[].Partitions[].Records")},
			{Func: ifaceMethod(franz, "Fetches", "RecordIter"), Role: Same, Value: paths("recv[].Topics[].Partitions[].Records")},
			{Func: method(franz, "FetchesRecordIter", "Next"), Role: Same, Value: paths("recv")},
			{Func: method(franz, "FetchTopic", "Records"), Role: Same, Value: paths("recv.Partitions[].Records")},

			// What is not said by a constant is none of our business: it settles somehow.
			{
				Func: method(franz, "Record", "Ack"), Role: Nack, Key: paths("recv"), Message: "recv",
				Action: "arg0", Actions: map[string]Role{"1": Settle, "2": Nack, "3": DeadLetter, "4": Renew},
			},
		},
	)...),
	Messages: []Message{{
		Type: franz + ".Record",
		// Within its topic and partition.
		Identity: []string{"Offset"},
		// What Produce sends has the same type.
		Assumed: true,
		System:  "Kafka",
		Source:  franzSource,
	}},
}

const (
	franz        = "github.com/twmb/franz-go/pkg/kgo"
	franzSource  = "franz-go v1.22.2 consumer.go, consumer_group.go, config.go (AutoCommitMarks, DisableAutoCommit), record_and_fetch.go, producer.go"
	franzRecords = "ret0[].Topics[].Partitions[].Records[]"
)
