package kafkaclient

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Bounds are what the memory of a function allows a consumer, whatever its settings say.
type Bounds struct {
	FetchBytes, PartitionBytes int32
	FetchWait                  time.Duration // without a setting
	PutRecords                 int
}

// maxFetchWait bounds fetch.max.wait.ms.
const maxFetchWait = 2 * time.Second

// Consumption is what a sink's consumer does.
type Consumption struct {
	Options []kgo.Opt
	// Uncommitted is whether records of open transactions are read.
	Uncommitted bool
	// Reset is where to begin without an offset: earliest, latest, none or by_duration, then back from now by Since.
	Reset string
	Since time.Duration
	// PutRecords is the most that one Put has.
	PutRecords int
	// Group holds the offsets; empty for the connector's own.
	Group string
}

// Consuming returns what a consumer does.
func (s Settings) Consuming(b Bounds) (Consumption, error) {
	c := Consumption{Group: s.Get("group.id")}
	isolation, err := s.oneOf("isolation.level", "read_committed", "read_uncommitted")
	if err != nil {
		return c, err
	}
	level := kgo.ReadCommitted()
	if c.Uncommitted = isolation == "read_uncommitted"; c.Uncommitted {
		level = kgo.ReadUncommitted()
	}
	put, err := s.Number("max.poll.records", int64(b.PutRecords), 1, math.MaxInt32)
	if err != nil {
		return c, err
	}
	c.PutRecords = int(min(put, int64(b.PutRecords)))
	if c.Reset, c.Since, err = s.reset(); err != nil {
		return c, err
	}
	fetch, err := s.fetching(b)
	if err != nil {
		return c, err
	}
	c.Options = append(fetch, kgo.FetchIsolationLevel(level), kgo.ConsumeResetOffset(c.resetOffset()))
	if rack := s.Get("client.rack"); rack != "" { // before the rack of the worker, which is the function's zone
		c.Options = append(c.Options, kgo.Rack(rack))
	}
	checked, err := s.boolean("check.crcs", true)
	if !checked {
		c.Options = append(c.Options, kgo.DisableFetchCRCValidation())
	}
	return c, err
}

func (s Settings) fetching(b Bounds) ([]kgo.Opt, error) {
	total, err := s.Number("fetch.max.bytes", int64(b.FetchBytes), 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	total = max(min(total, int64(b.FetchBytes)), 1)
	partition, err := s.Number("max.partition.fetch.bytes", int64(b.PartitionBytes), 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	partition = max(min(partition, int64(b.PartitionBytes), total), 1)
	least, err := s.Number("fetch.min.bytes", 1, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	wait, err := s.duration("fetch.max.wait.ms", b.FetchWait, 10*time.Millisecond, maxFetchWait)
	return []kgo.Opt{
		kgo.FetchMaxBytes(int32(total)), kgo.FetchMaxPartitionBytes(int32(partition)), kgo.FetchMinBytes(int32(min(least, total))), kgo.FetchMaxWait(wait),
	}, err
}

const byDuration = "by_duration"

// reset is auto.offset.reset.
func (s Settings) reset() (string, time.Duration, error) {
	const key = "auto.offset.reset"
	if text, ok := strings.CutPrefix(strings.ToLower(s.Get(key)), byDuration+":"); ok {
		d, ok := isoDuration(text)
		if !ok {
			return "", 0, s.invalid(key, "by_duration: needs a duration above zero such as PT1H or P2DT30M")
		}
		return byDuration, d, nil
	}
	v, err := s.oneOf(key, "earliest", "latest", "none")
	if err != nil {
		return "", 0, s.invalid(key, "String must be one of: earliest, latest, none, by_duration:PnDTnHnMn.nS")
	}
	return v, 0, nil
}

func (c Consumption) resetOffset() kgo.Offset {
	switch c.Reset {
	case "latest":
		return kgo.NewOffset().AtEnd()
	case "none":
		return kgo.NoResetOffset()
	case byDuration:
		return kgo.NewOffset().AfterMilli(time.Now().Add(-c.Since).UnixMilli())
	}
	return kgo.NewOffset().AtStart()
}

// isoDuration reads what java.time.Duration reads, above zero and below a hundred years.
func isoDuration(text string) (time.Duration, bool) {
	parts := regexp.MustCompile(`^p(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{0,9})?)s)?)?$`).FindStringSubmatch(text)
	if parts == nil || strings.HasSuffix(text, "t") {
		return 0, false
	}
	total := 0.0
	for i, unit := range []float64{24 * 3600, 3600, 60, 1} {
		if n, err := strconv.ParseFloat(parts[i+1], 64); err == nil {
			total += n * unit
		}
	}
	if total <= 0 || total > 100*365*24*3600 {
		return 0, false
	}
	return time.Duration(total * float64(time.Second)), true
}
