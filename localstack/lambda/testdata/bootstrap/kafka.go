package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/ferry-connect/ferry/functions/kafkaevent"
)

// kafka serves the events of an event source mapping. A record is bad if its value begins with "bad", while the file bad is
// there.
type kafka struct {
	log    string // each event is a line of this file
	bad    string
	report string // "items" answers which records are bad, "stranger" one that was not sent; otherwise the event fails
}

// Invoke implements lambda.Handler.
func (k kafka) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	f, err := os.OpenFile(k.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Write(append(payload, '\n')); err != nil {
		return nil, err
	}
	e, err := kafkaevent.Decode(payload)
	if err != nil {
		return nil, err
	}
	var answer kafkaevent.Response
	_, absent := os.Stat(k.bad)
	for name, records := range e.Records {
		for _, r := range records {
			if absent == nil && strings.HasPrefix(string(r.Value), "bad") {
				answer.BatchItemFailures = append(answer.BatchItemFailures, kafkaevent.Failure{ItemIdentifier: kafkaevent.Identifier{Partition: name, Offset: r.Offset}})
			}
		}
	}
	switch {
	case len(answer.BatchItemFailures) == 0:
		return nil, nil // which is success
	case k.report == "stranger":
		answer.BatchItemFailures[0].ItemIdentifier.Offset = 1 << 40
	case k.report == "":
		return nil, fmt.Errorf("%d records are bad", len(answer.BatchItemFailures))
	}
	return json.Marshal(answer)
}
