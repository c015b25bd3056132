package server

import (
	"bytes"
	"slices"
	"time"

	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/wire"
)

// view is what shows of one writer.
type view struct {
	peer  []byte
	seq   uint64
	flags uint64
	root  *document.Node
}

// record is what is stored under one key.
type record struct {
	store   *Store
	counter uint64
	writers map[string]*writer
	views   map[string]view // those that show something
	watches []*watch
	timer   *time.Timer
}

func (r *record) rev() wire.Rev { return wire.Rev{Epoch: r.store.epoch, Counter: r.counter} }

func (r *record) writer(peer []byte) *writer {
	w := r.writers[string(peer)]
	if w == nil {
		w = &writer{peer: peer}
		r.writers[string(peer)] = w
	}
	return w
}

// add stores an update and gives its result.
func (r *record) add(w *writer, h held, now uint64) any {
	for _, other := range w.held {
		w.forked = w.forked || other.Seq == h.Seq
	}
	w.held = append(w.held, h)
	w.top = max(w.top, h.Seq)
	r.changed(now)
	for _, watch := range r.watches {
		watch.stored(w.peer, h.envelope)
	}
	r.pump()
	const storedAndChanged = 1 + 2
	return r.result(w, storedAndChanged, h.Expires, uint64(len(h.Payload())+overhead))
}

func (r *record) result(w *writer, flags, expires, charge uint64) any {
	if w.forked {
		flags += 4
	}
	return []any{uint64(0), flags, w.top, r.counter, expires, charge}
}

// changed makes the views again, under a new counter.
func (r *record) changed(now uint64) {
	r.store.counter++
	r.counter = r.store.counter
	r.views = map[string]view{}
	next := ^uint64(0)
	for id, w := range r.writers {
		root := document.Show(w.updates(), now)
		if root == nil {
			continue
		}
		next = min(next, root.Next())
		v := view{w.peer, w.top, 0, root}
		if root.AllSigned() {
			v.flags |= 1
		}
		if w.forked {
			v.flags |= 2
		}
		r.views[id] = v
	}
	for _, watch := range r.watches {
		watch.pending++
	}
	r.wake(next, now)
}

// expire takes up what has expired by now, and forgets updates after their retain.
func (r *record) expire(now uint64) {
	for id, w := range r.writers {
		w.held = slices.DeleteFunc(w.held, func(h held) bool { return h.Retain <= now })
		if len(w.held) == 0 {
			delete(r.writers, id)
		}
	}
	for _, v := range r.views {
		if v.root.Next() <= now {
			r.changed(now)
			r.pump()
			return
		}
	}
}

// wake sets the timer for the next expiry.
func (r *record) wake(next, now uint64) {
	if r.timer != nil {
		r.timer.Stop()
	}
	if next == ^uint64(0) {
		return
	}
	r.timer = time.AfterFunc(time.Duration(next-now)*time.Millisecond, func() {
		r.store.mu.Lock()
		defer r.store.mu.Unlock()
		r.expire(nowMs())
	})
}

func (r *record) pump() {
	for _, watch := range slices.Clone(r.watches) {
		watch.pump()
	}
}

// selected gives the views of some writers, in the order of their ids.
func (r *record) selected(writers [][]byte) []view {
	var all []view
	for _, v := range r.views {
		if selects(writers, v.peer) {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b view) int { return bytes.Compare(a.peer, b.peer) })
	return all
}

// signed gives the envelopes of some writers, in the order of their hashes.
func (r *record) signed(writers [][]byte) []held {
	var all []held
	for _, w := range r.writers {
		for _, h := range w.held {
			if h.envelope != nil && selects(writers, w.peer) {
				all = append(all, h)
			}
		}
	}
	slices.SortFunc(all, func(a, b held) int { return bytes.Compare(a.parsed.Hash[:], b.parsed.Hash[:]) })
	return all
}

// selects tells whether a writer is one of those asked for; nil are all.
func selects(writers [][]byte, peer []byte) bool {
	return writers == nil || slices.ContainsFunc(writers, func(w []byte) bool { return bytes.Equal(w, peer) })
}
