// Package transform answers each message with another one, whose id is new at each
// attempt: right, the ids of messages are for debugging alone and the payload is the same.
package transform

import (
	"encoding/json"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
)

type celsius struct {
	Station string
	Degrees float64
}

type fahrenheit celsius

func Convert(msg *message.Message) ([]*message.Message, error) {
	var c celsius
	if err := json.Unmarshal(msg.Payload, &c); err != nil {
		return nil, err
	}
	out, err := json.Marshal(fahrenheit{Station: c.Station, Degrees: c.Degrees*9/5 + 32})
	if err != nil {
		return nil, err
	}
	return []*message.Message{message.NewMessage(watermill.NewUUID(), out)}, nil
}
