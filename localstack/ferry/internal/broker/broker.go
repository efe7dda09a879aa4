// Package broker is the Kafka broker that runs inside the local command: kfake, franz-go's own broker for tests, over a
// folder. It speaks the real protocol on a loopback port, so that any Kafka client can look at the topics. It has one
// node, no security and no replicas, and is not meant to hold data that cannot be made again.
//
// Writes reach the operating system before they are acknowledged, so they survive the death of this process by any signal.
// They are not synchronised to the disk one by one, as with Kafka's own defaults; a crash of the machine may lose the last.
// Transactions that were open at its death are ended by the next start.
package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// DefaultPort is tried by the first start on a folder.
const DefaultPort = 9092

// Names within the folder.
const (
	lockFile    = "ferry.lock"
	stateFile   = "broker.json"
	kafkaFolder = "kafka"
)

// InUseError says that another process holds the folder.
type InUseError struct {
	// Folder is the folder.
	Folder string
	// Holder is the process id of who started a broker over it last; 0 if that is not known.
	Holder int
}

// Error names the folder and the process.
func (e *InUseError) Error() string {
	by := "another ferry dev"
	if e.Holder != 0 {
		by += fmt.Sprintf(" (process %d)", e.Holder)
	}
	return fmt.Sprintf("the data folder %s is in use by %s: stop that one, or choose another folder with --data", e.Folder, by)
}

// Options is what Start needs; all fields are required.
type Options struct {
	// Folder keeps all data; it is created if need be.
	Folder string
	// Log hears of what goes wrong in the broker.
	Log *slog.Logger
}

// Broker is a running broker that owns its folder.
type Broker struct {
	cluster *kfake.Cluster
	lock    *flock.Flock
	folder  string
	addr    string
	moved   string
}

// Start takes the folder and starts a broker over it. It listens where it did the last time, so that clients find it
// again, or on another port if that one is taken: see Moved. A folder that another process has is an *InUseError.
func Start(o Options) (*Broker, error) {
	if err := os.MkdirAll(o.Folder, 0o755); err != nil {
		return nil, fmt.Errorf("create the data folder: %w", err)
	}
	lock, err := acquire(o.Folder)
	if err != nil {
		return nil, err
	}
	b := &Broker{lock: lock, folder: o.Folder}
	last := recall(o.Folder)
	wanted := last.Port
	if last.Running {
		if err := mend(filepath.Join(o.Folder, kafkaFolder)); err != nil {
			return nil, errors.Join(fmt.Errorf("mend %s, whose last process died: %w", o.Folder, err), release(lock))
		}
	}
	b.cluster, err = kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ListenFn(func(network, _ string) (net.Listener, error) { return listen(network, wanted) }),
		kfake.DataDir(filepath.Join(o.Folder, kafkaFolder)),
		kfake.ClusterID("ferry-dev"),
		kfake.DefaultNumPartitions(1),
		kfake.WithLogger(logger{o.Log}),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the embedded broker over %s: %w", o.Folder, err), release(lock))
	}
	b.observe(kmsg.Metadata, b.createOnDemand)
	b.observe(kmsg.Fetch, wholeFetch)
	b.addr = b.cluster.ListenAddrs()[0]
	if before := net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)); wanted != 0 && before != b.addr {
		b.moved = before
	}
	if err := b.remember(true); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// observe shows every request of a kind to see, which may change it, before the broker handles it.
//
// A control function of kfake keeps something of every connection that it has seen. Tasks come and go with their
// connections, so each control function is used once, and puts the next in its place.
func (b *Broker) observe(key kmsg.Key, see func(kmsg.Request)) {
	b.cluster.ControlKey(int16(key), func(r kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.DropControl()
		b.observe(key, see)
		see(r)
		return nil, nil, false
	})
}

// createOnDemand creates topics that a client asks for with permission to create them, as a broker with Kafka's defaults
// does. kfake can do that itself, but writes such topics down only when it is closed: after a SIGKILL the topic would be
// gone while the offsets of what was read into it are there, and its records would be lost.
func (b *Broker) createOnDemand(req kmsg.Request) {
	m, ok := req.(*kmsg.MetadataRequest)
	if !ok || !m.AllowAutoTopicCreation {
		return
	}
	for _, t := range m.Topics {
		if t.Topic != nil && b.cluster.TopicInfo(*t.Topic) == nil {
			_ = b.cluster.CreateTopic(*t.Topic, -1, nil) // the answer to the request says if it cannot be
		}
	}
}

// wholeFetch lifts the limit of a fetch as a whole; those of its partitions stay. kfake forgets to list the aborted
// transactions of the partition at which it cuts an answer short, so read_committed consumers would take their records for
// committed ones.
func wholeFetch(req kmsg.Request) {
	if fetch, ok := req.(*kmsg.FetchRequest); ok {
		fetch.MaxBytes = math.MaxInt32
	}
}

// Addr is where the broker listens, host:port.
func (b *Broker) Addr() string { return b.addr }

// Moved is the address that the broker would have kept but for another program that listens there; usually empty.
func (b *Broker) Moved() string { return b.moved }

// Close writes what there is and releases the folder.
func (b *Broker) Close() error {
	b.cluster.Close()
	return errors.Join(b.remember(false), release(b.lock))
}

func acquire(folder string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(folder, lockFile))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder %s: %w", folder, err)
	}
	if !ok {
		return nil, &InUseError{Folder: folder, Holder: recall(folder).Process}
	}
	return lock, nil
}

func release(lock *flock.Flock) error {
	if err := lock.Unlock(); err != nil {
		return fmt.Errorf("unlock the data folder: %w", err)
	}
	return nil
}

// state is the content of stateFile. Port 0 is any.
type state struct {
	Port    int `json:"port"`
	Process int `json:"process"`
	// Running is true from the start to the end in good order.
	Running bool `json:"running"`
}

// recall returns what the last start over the folder wrote down. What cannot be read is as good as a first start.
func recall(folder string) state {
	var s state
	text, err := os.ReadFile(filepath.Join(folder, stateFile))
	if err != nil || json.Unmarshal(text, &s) != nil || s.Port < 0 || s.Port > 65535 {
		return state{Port: DefaultPort}
	}
	return s
}

func (b *Broker) remember(running bool) error {
	_, port, err := net.SplitHostPort(b.addr)
	if err != nil {
		return fmt.Errorf("the broker's own address: %w", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("the broker's own port: %w", err)
	}
	text, err := json.Marshal(state{Port: n, Process: os.Getpid(), Running: running})
	if err != nil {
		return fmt.Errorf("describe the broker: %w", err)
	}
	if err := os.WriteFile(filepath.Join(b.folder, stateFile), text, 0o644); err != nil {
		return fmt.Errorf("remember the broker's port: %w", err)
	}
	return nil
}

// listen listens on the wanted port of the loopback interface, or on a free one if it is taken.
func listen(network string, wanted int) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), network, net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)))
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
		ln, err = lc.Listen(context.Background(), network, "127.0.0.1:0")
	}
	return ln, err
}

// logger passes on what the broker has to say about itself.
type logger struct{ log *slog.Logger }

// Logf implements kfake.Logger.
func (l logger) Logf(level kfake.LogLevel, format string, args ...any) {
	to := slog.LevelDebug
	switch level {
	case kfake.LogLevelError:
		to = slog.LevelError
	case kfake.LogLevelWarn:
		to = slog.LevelWarn
	}
	if strings.Contains(format, "slow") { // how long it took is not for users to mend
		to = slog.LevelDebug
	}
	if !l.log.Enabled(context.Background(), to) {
		return
	}
	l.log.Log(context.Background(), to, fmt.Sprintf(format, args...), "component", "broker")
}
