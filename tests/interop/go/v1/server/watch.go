package server

import (
	"maps"
	"slices"
	"time"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// The kinds of parts.
const (
	snapshot = 0
	marker   = 1
	changes  = 2
	gap      = 3
	reset    = 4
	updates  = 5
)

const (
	maxPart    = 524_288
	maxPending = 1000 // stored updates that a watch with `as` 1 falls behind
	stallTime  = 300 * time.Second
)

// watch is one request of that kind. The lock of the store guards it.
type watch struct {
	session *session
	record  *record
	req     wire.Request
	path    []value.Value
	credit  int64
	sent    map[string]view // the views that the client has
	queue   []any           // parts that are made, without the id
	pending int             // changes since the views in sent
	stores  []stored        // with `as` 1
	marks   bool            // a marker is due
	stalled *time.Timer     // set while there is no credit and something to send
}

type stored struct {
	counter  uint64
	envelope []byte
}

// begin makes the first parts.
func (w *watch) begin() {
	from := w.req.From
	switch {
	case from == nil:
		w.start()
	case from.Epoch != w.record.store.epoch:
		w.restart(0)
	case from.Counter < w.record.counter:
		w.restart(1)
	default:
		w.sent = maps.Clone(w.record.views)
		w.marks = true
	}
	w.pump()
}

// restart makes everything that was sent void.
func (w *watch) restart(why uint64) {
	w.queue = []any{[]any{uint64(reset), w.record.store.epoch[:], why}}
	w.start()
}

// start makes what a watch begins with, and a marker behind it.
func (w *watch) start() {
	w.pending, w.stores, w.marks = 0, nil, true
	w.sent = maps.Clone(w.record.views)
	first := w.req
	first.Max = wire.DefaultMax
	at := cursor{}
	for {
		var list, after any
		if w.req.As == 1 {
			list, after = pageOfUpdates(w.record.signed(w.req.Writers), first, at)
			if len(list.([]any)) > 0 {
				w.queue = append(w.queue, []any{uint64(updates), w.record.counter, list})
			}
		} else {
			list, after = pageOfDocs(w.record.selected(w.req.Writers), w.path, first, at)
			w.queue = append(w.queue, []any{uint64(snapshot), list})
		}
		if after == nil {
			break
		}
		first.After = after.([]byte)
		at, _ = readCursor(first)
	}
	w.queue = append(w.queue, w.markerPart())
	w.marks = false
}

func (w *watch) markerPart() any { return []any{uint64(marker), w.record.rev().Message()} }

// stored takes up an update for a watch with `as` 1.
func (w *watch) stored(writer, envelope []byte) {
	if w.req.As == 1 && envelope != nil && selects(w.req.Writers, writer) {
		w.stores = append(w.stores, stored{w.record.counter, envelope})
	}
}

// pump sends what credit and stream allow.
func (w *watch) pump() {
	for w.credit > 0 && w.session.takes() {
		part := w.next()
		if part == nil {
			break
		}
		message := canon.Encode(append([]any{w.req.ID, uint64(1)}, part.([]any)...))
		w.credit -= int64(len(message))
		w.session.send(message)
	}
	w.stall()
}

// stall ends a watch that has no credit for too long.
func (w *watch) stall() {
	waits := w.credit <= 0 && len(w.queue)+len(w.stores)+w.pending > 0
	switch {
	case waits && w.stalled == nil:
		w.stalled = time.AfterFunc(stallTime, func() {
			w.session.store.mu.Lock()
			defer w.session.store.mu.Unlock()
			if w.stalled != nil {
				w.session.stop(w, wire.Refuse(wire.SlowConsume))
			}
		})
	case !waits && w.stalled != nil:
		w.stalled.Stop()
		w.stalled = nil
	}
}

// next gives the part that is due; nil if none is.
func (w *watch) next() any {
	if len(w.queue) == 0 {
		w.refill()
	}
	if len(w.queue) == 0 {
		return nil
	}
	part := w.queue[0]
	w.queue = w.queue[1:]
	return part
}

func (w *watch) refill() {
	if w.req.As == 1 {
		w.refillStores()
	} else if w.pending > 0 {
		w.refillChanges()
	}
	if len(w.queue) == 0 && w.marks {
		w.queue = []any{w.markerPart()}
		w.marks = false
	}
}

func (w *watch) refillStores() {
	w.pending = 0
	if len(w.stores) > maxPending {
		w.restart(1)
		return
	}
	for _, s := range w.stores {
		w.queue = append(w.queue, []any{uint64(updates), s.counter, []any{s.envelope}})
	}
	w.stores = nil
}

// refillChanges makes one change as it is, several as a gap and the difference.
func (w *watch) refillChanges() {
	merged := w.pending > 1
	list := w.difference()
	w.pending = 0
	w.sent = maps.Clone(w.record.views)
	if merged {
		w.queue = append(w.queue, []any{uint64(gap), w.record.counter})
		w.marks = true
	}
	if len(list) == 0 {
		return
	}
	part := []any{uint64(changes), w.record.counter, list}
	if len(canon.Encode(part)) > maxPart {
		w.restart(2)
		return
	}
	w.queue = append(w.queue, part)
}

// difference gives the changes of all writers between what was sent and now.
func (w *watch) difference() []any {
	now := w.record.views
	ids := slices.Sorted(maps.Keys(w.sent))
	for id := range now {
		if _, both := w.sent[id]; !both {
			ids = append(ids, id)
		}
	}
	list := []any{}
	for _, id := range ids {
		before, after := w.sent[id], now[id]
		is := after
		if after.root == nil {
			is = before
		}
		if !selects(w.req.Writers, is.peer) {
			continue
		}
		events := document.Diff(before.root.At(w.path), after.root.At(w.path), nowMs(), w.req.Renewed)
		if len(events) == 0 {
			continue
		}
		next, ends := uint64(0), uint64(0)
		if shown := after.root.At(w.path); shown != nil {
			next, ends = shown.Next(), shown.Ends()
		}
		seq := is.seq
		if writer := w.record.writers[id]; writer != nil {
			seq = writer.top
		}
		list = append(list, []any{is.peer, is.flags, seq, next, ends, eventsMessage(events)})
	}
	return list
}

func eventsMessage(events []document.Event) []any {
	list := make([]any, len(events))
	for i, e := range events {
		path := make([]any, len(e.Path))
		for j, key := range e.Path {
			path[j] = value.Encode(key)
		}
		var node, expires any
		if e.Value != nil {
			node = value.Encode(e.Value)
		}
		if kind := e.Cause &^ document.OfMember; kind == document.Set || kind == document.Renewed {
			expires = e.Expires
		}
		list[i] = []any{e.Cause, path, node, expires}
	}
	return list
}

// end takes it out of its record.
func (w *watch) end() {
	if w.stalled != nil {
		w.stalled.Stop()
		w.stalled = nil
	}
	w.record.watches = slices.DeleteFunc(w.record.watches, func(other *watch) bool { return other == w })
}
