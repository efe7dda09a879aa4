package lambda

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Bounds and defaults of event source mappings.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kafka-parameters.html
const (
	defaultBatch = 100
	maxBatch     = 10_000
	// DefaultWindow is the window of a mapping for which nobody set one.
	DefaultWindow = 500 * time.Millisecond
	// retriesWithDestination is what no limit of retries means when there is a destination for what fails.
	retriesWithDestination = 10
)

// StartingPosition is where a mapping begins in partitions for which its group has no offset.
type StartingPosition string

// The starting positions.
const (
	TrimHorizon StartingPosition = "TRIM_HORIZON"
	Latest      StartingPosition = "LATEST"
	AtTimestamp StartingPosition = "AT_TIMESTAMP"
)

// EventSourceMapping makes a topic's records invoke a function. It is not changed after Map.
type EventSourceMapping struct {
	// Function is the name of the function. It may be deployed later, or again.
	Function string
	// BootstrapServers are addresses of brokers.
	BootstrapServers []string
	// Kafka are further options of the client: security, or an isolation level.
	Kafka []kgo.Opt
	// EventSourceARN is the ARN of a cluster of Amazon MSK; empty is a self-managed one.
	EventSourceARN string
	// Topic is the one topic.
	Topic string
	// ConsumerGroupID is the group whose offsets are committed; empty is a new one. If the group has offsets,
	// StartingPosition is ignored; if it has other members, the mapping gets a share.
	ConsumerGroupID string
	// StartingPosition is required. StartingPositionTimestamp is the time of AtTimestamp.
	StartingPosition          StartingPosition
	StartingPositionTimestamp time.Time
	// BatchSize is how many records an event has at most, to 10,000; 0 is 100.
	BatchSize int
	// Window is how long records may wait for others; 0 is to take what there is.
	Window time.Duration
	// Provisioned is what only mappings in provisioned mode have; nil is the on-demand mode, in which a batch is retried as
	// a whole until it succeeds.
	Provisioned *Provisioned
	// RetryPause says how long to wait before the n-th retry of a batch, and while the function is throttled; nil is n
	// seconds, 30 at most.
	RetryPause func(n int) time.Duration
}

// Provisioned is how a mapping in provisioned mode deals with failures.
type Provisioned struct {
	// MaximumRetryAttempts is how often a batch is tried again; -1 is without end, or 10 times if there is a destination.
	MaximumRetryAttempts int
	// MaximumRecordAge is the age from which on a record is not sent to the function; 0 is without limit.
	MaximumRecordAge time.Duration
	// BisectBatchOnFunctionError retries the two halves of a batch that failed one after the other, each with all of its
	// retries.
	BisectBatchOnFunctionError bool
	// ReportBatchItemFailures lets the function answer which records failed: see kafkaevent.Response.
	ReportBatchItemFailures bool
	// OnFailureTopic is a topic of the same cluster to which records go that were given up; empty drops them.
	OnFailureTopic string
}

func (e EventSourceMapping) withDefaults() (EventSourceMapping, error) {
	if e.BatchSize == 0 {
		e.BatchSize = defaultBatch
	}
	if e.ConsumerGroupID == "" {
		e.ConsumerGroupID = newUUID()
	}
	if e.RetryPause == nil {
		e.RetryPause = func(n int) time.Duration { return time.Duration(min(n, 30)) * time.Second }
	}
	var p Provisioned
	if e.Provisioned != nil {
		p = *e.Provisioned
	} else {
		p.MaximumRetryAttempts = -1
	}
	var errs []error
	for _, c := range []struct {
		wrong bool
		text  string
	}{
		{e.Function == "", "it names no function"},
		{e.Topic == "", "it names no topic"},
		{len(e.BootstrapServers) == 0, "it has no bootstrap servers"},
		{e.BatchSize < 1 || e.BatchSize > maxBatch, fmt.Sprintf("the batch size %d is not between 1 and %d", e.BatchSize, maxBatch)},
		{e.Window < 0 || e.Window > 300*time.Second, fmt.Sprintf("the window %v is not between 0 and 300 s", e.Window)},
		{e.StartingPosition == AtTimestamp && e.StartingPositionTimestamp.IsZero(), "AT_TIMESTAMP needs a timestamp"},
		{p.MaximumRetryAttempts < -1 || p.MaximumRetryAttempts > 10_000, fmt.Sprintf("%d retries are not between -1 and 10000", p.MaximumRetryAttempts)},
		{p.MaximumRecordAge < 0, fmt.Sprintf("the maximum record age %v is negative", p.MaximumRecordAge)},
		{p.OnFailureTopic != "" && p.OnFailureTopic == e.Topic, "its failures would go to the topic that they come from"},
	} {
		if c.wrong {
			errs = append(errs, errors.New(c.text))
		}
	}
	if _, err := e.reset(); err != nil {
		errs = append(errs, err)
	}
	if p.MaximumRetryAttempts == -1 && p.OnFailureTopic != "" {
		p.MaximumRetryAttempts = retriesWithDestination
	}
	e.Provisioned = &p
	return e, errors.Join(errs...)
}

func (e *EventSourceMapping) reset() (kgo.Offset, error) {
	switch e.StartingPosition {
	case TrimHorizon:
		return kgo.NewOffset().AtStart(), nil
	case Latest:
		return kgo.NewOffset().AtEnd(), nil
	case AtTimestamp:
		return kgo.NewOffset().AfterMilli(e.StartingPositionTimestamp.UnixMilli()), nil
	}
	return kgo.Offset{}, fmt.Errorf("the starting position %q is none of TRIM_HORIZON, LATEST and AT_TIMESTAMP", e.StartingPosition)
}

// Mapping is an event source mapping at work. Its methods may be called concurrently.
type Mapping struct {
	EventSourceMapping
	lambda *Lambda
	kafka  *kgo.Client
	http   *http.Client

	ctx    context.Context //nolint:containedctx // the life of the mapping, which outlives the call of Map
	cancel context.CancelFunc
	wg     sync.WaitGroup // the poller, the dispatcher and the batches
	close  sync.Once
	wake   chan struct{} // has an entry when the dispatcher has something to look at

	mu     sync.Mutex
	parts  map[int32]*partition // the assigned ones
	paused bool
	err    error // the last thing that went wrong with Kafka
}

// partition is what a mapping holds of an assigned partition.
type partition struct {
	pending []*item // fetched, in order, and in no batch
	batch   *batch  // the one whose records must be done with first; nil is none
	held    bool    // its fetches are paused, because enough is pending
}

// Map starts an event source mapping. It ends with Close, its own or the service's.
func (l *Lambda) Map(e EventSourceMapping) (*Mapping, error) {
	e, err := e.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("map topic %q to function %q: %w", e.Topic, e.Function, err)
	}
	reset, err := e.reset()
	if err != nil {
		return nil, err
	}
	m := &Mapping{
		EventSourceMapping: e, lambda: l, http: &http.Client{Transport: &http.Transport{}},
		parts: make(map[int32]*partition), wake: make(chan struct{}, 1),
	}
	m.ctx, m.cancel = context.WithCancel(l.ctx)
	opts := append([]kgo.Opt{
		kgo.SeedBrokers(e.BootstrapServers...), kgo.ConsumerGroup(e.ConsumerGroupID), kgo.ConsumeTopics(e.Topic),
		kgo.ConsumeResetOffset(reset), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.DisableClientMetrics(),
		kgo.OnPartitionsAssigned(m.assigned), kgo.OnPartitionsRevoked(m.revoked), kgo.OnPartitionsLost(m.lost),
		kgo.FetchMaxWait(100 * time.Millisecond), kgo.ProducerBatchMaxBytes(2 * maxRequest),
	}, e.Kafka...)
	if m.kafka, err = kgo.NewClient(opts...); err != nil {
		m.cancel()
		return nil, fmt.Errorf("map topic %q to function %q: %w", e.Topic, e.Function, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		m.cancel()
		m.kafka.Close()
		return nil, fmt.Errorf("map topic %q to function %q: the service is closed", e.Topic, e.Function)
	}
	l.mappings = append(l.mappings, m)
	m.wg.Go(m.poll)
	m.wg.Go(m.dispatch)
	return m, nil
}

// Pause lets no further batch begin, and returns when none runs: what is being retried is kept for Resume. The mapping stays
// a member of its group.
func (m *Mapping) Pause() {
	m.mu.Lock()
	m.paused = true
	m.mu.Unlock()
	m.settle(nil)
}

// Resume ends a Pause.
func (m *Mapping) Resume() {
	m.mu.Lock()
	m.paused = false
	m.mu.Unlock()
	m.look()
}

// Err is the last thing that went wrong between the mapping and Kafka; nil is nothing. What can be tried again was.
func (m *Mapping) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

// Close ends the mapping: it waits for the invocations that run, commits what they were successful with, and leaves the group.
// It may be called again.
func (m *Mapping) Close() {
	m.close.Do(func() {
		m.cancel()
		m.wg.Wait()
		m.kafka.CloseAllowingRebalance()
		m.http.CloseIdleConnections()
	})
}

func (m *Mapping) failed(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// look makes the dispatcher look again.
func (m *Mapping) look() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}
