package store

import "sync/atomic"

// reads lets calls that wait for a topic to be read share one read: what everybody wants to know is what the topic said at some
// moment after they asked. So of many that come while a read is under way, the first to get the lock reads for all.
type reads struct {
	begun atomic.Int64 // how many reads have begun
	done  int64        // the last one that succeeded; guarded by the lock of who reads
}

// ask returns what answered wants. It is called before waiting for the lock.
func (r *reads) ask() (before int64) { return r.begun.Load() }

// answered reports whether a read that began after ask has succeeded.
func (r *reads) answered(before int64) bool { return r.done > before }

func (r *reads) begin() { r.begun.Add(1) }

func (r *reads) end(err error) {
	if err == nil {
		r.done = r.begun.Load()
	}
}
