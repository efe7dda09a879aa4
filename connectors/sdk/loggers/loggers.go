package loggers

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Loggers are the loggers of one process. The methods may be called concurrently.
type Loggers struct {
	now func() time.Time

	mu      sync.Mutex
	known   map[string]*logger // the root logger under Root
	applied int64              // the offset of the last change of the cluster that was applied
}

// logger is one name. level is read without the lock.
type logger struct {
	level    atomic.Int64
	modified time.Time // zero unless it was changed at run time
}

// New returns the loggers of a process, all at one level. The clock is for Level.Modified.
func New(level slog.Level, now func() time.Time) *Loggers {
	l := &Loggers{now: now, known: make(map[string]*logger), applied: -1}
	root := new(logger)
	root.level.Store(int64(level))
	l.known[Root] = root
	l.Know(names[:]...)
	return l
}

// Know adds names to those that are known, at the level of their nearest ancestor.
func (l *Loggers) Know(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.find(name)
	}
}

// maxKnown bounds what clients can make known by naming it.
const maxKnown = 4096

// find returns a logger, and makes it known; when there are too many, it returns the nearest ancestor. The lock is held.
func (l *Loggers) find(name string) *logger {
	name = canonical(name)
	if found := l.known[name]; found != nil {
		return found
	}
	if len(l.known) >= maxKnown {
		return l.inherited(name)
	}
	added := new(logger)
	added.level.Store(l.inherited(name).level.Load())
	l.known[name] = added
	return added
}

// inherited is the nearest ancestor that is known.
func (l *Loggers) inherited(name string) *logger {
	for {
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return l.known[Root]
		}
		name = name[:dot]
		if found := l.known[name]; found != nil {
			return found
		}
	}
}

func canonical(name string) string {
	if strings.EqualFold(name, Root) {
		return Root
	}
	return name
}

// Level is what is known of one logger.
type Level struct {
	Name  string
	Level slog.Level
	// Modified is when the level was changed at run time, zero if it was not.
	Modified time.Time
}

// Level returns the level of a logger; ok is false when no such logger is known.
func (l *Loggers) Level(name string) (level Level, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name = canonical(name)
	found := l.known[name]
	if found == nil {
		return Level{}, false
	}
	return describe(name, found), true
}

func describe(name string, l *logger) Level {
	return Level{Name: name, Level: slog.Level(l.level.Load()), Modified: l.modified}
}

// Levels returns all loggers that are known, sorted by name.
func (l *Loggers) Levels() []Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Level, 0, len(l.known))
	for name, found := range l.known {
		all = append(all, describe(name, found))
	}
	slices.SortFunc(all, func(a, b Level) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Set sets the level of a namespace: of every known logger whose name begins with it, and of one that has it for a name, which is
// known from then on. The root logger stands for all. It returns the names whose level was another before, sorted, and for LevelOff all
// of them, as Kafka Connect does.
func (l *Loggers) Set(namespace string, level slog.Level) (changed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.set(namespace, level, l.now())
}

func (l *Loggers) set(namespace string, level slog.Level, at time.Time) (changed []string) {
	namespace = canonical(namespace)
	l.find(namespace)
	for name, found := range l.known {
		same := found.level.Load() == int64(level) && level != LevelOff
		if namespace != Root && !strings.HasPrefix(name, namespace) || same {
			continue
		}
		found.level.Store(int64(level))
		found.modified = at
		changed = append(changed, name)
	}
	slices.Sort(changed)
	return changed
}

// Change is a level that was set for the whole cluster. It is part of requests to task functions.
type Change struct {
	Namespace string `json:"namespace"`
	// Level is its name, in any case.
	Level string `json:"level"`
	// Offset is where it stands in the config topic, At when it was written there.
	Offset int64     `json:"offset"`
	At     time.Time `json:"at"`
}

// Apply sets levels of the whole cluster, in the order of their offsets. What was applied before has no effect, nor has a level
// that does not exist. A nil receiver applies nothing.
func (l *Loggers) Apply(changes []Change) {
	if l == nil || len(changes) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range changes {
		if c.Offset <= l.applied {
			continue
		}
		l.applied = c.Offset
		if level, ok := ParseLevel(c.Level); ok {
			l.set(c.Namespace, level, c.At)
		}
	}
}
