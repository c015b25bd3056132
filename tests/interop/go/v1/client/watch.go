package client

import (
	"context"
	"fmt"
	"maps"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// The kinds of parts.
const (
	Snapshot = 0
	Marker   = 1
	Changes  = 2
	Gap      = 3
	Reset    = 4
	Updates  = 5
)

// Watch follows one record. Its methods are for one goroutine.
type Watch struct {
	client *Client
	id     uint64
	call   *call
	first  uint64 // credit of the request
	taken  uint64 // bytes of parts that were taken and not returned
	epoch  [8]byte
	more   bool // the last doc goes on in the next part
	// Docs are the trees as they are after the parts so far.
	Docs map[string]value.Value
	// Resume is where another watch can go on; nil if none can.
	Resume *wire.Rev
	// Counters are those of parts so far: they must not fall.
	counter uint64
}

// Part is one part of a watch.
type Part struct {
	Kind    uint64
	Counter uint64
	Why     uint64
	Rev     *wire.Rev
	Docs    []Doc
	Changes []Change
	Updates [][]byte
	Bytes   uint64
}

// Change is what happened to one document.
type Change struct {
	Doc
	Events []document.Event
}

// Watch begins one.
func (c *Client) Watch(key []byte, credit uint64, options Options) (*Watch, error) {
	id, one, err := c.start(true, uint64(wire.OpWatch), key, credit, options)
	if err != nil {
		return nil, err
	}
	return &Watch{client: c, id: id, call: one, first: credit, Docs: map[string]value.Value{}}, nil
}

// Credit adds to the credit; 0 asks for a marker.
func (w *Watch) Credit(n uint64) error { return w.control(uint64(wire.OpCredit), n) }

// Cancel asks for the end, which Next gives.
func (w *Watch) Cancel() error { return w.control(uint64(wire.OpCancel)) }

func (w *Watch) control(elements ...any) error {
	w.client.mu.Lock()
	defer w.client.mu.Unlock()
	return w.client.send(append([]any{w.id}, elements...))
}

// Next takes the next part, applies it and returns credit if auto is set. The
// error at the end is the refusal. Parts of unknown kinds are skipped.
func (w *Watch) Next(ctx context.Context, auto bool) (Part, error) {
	for {
		select {
		case list := <-w.call.parts:
			part, err := w.take(list)
			if err == nil && auto {
				err = w.give()
			}
			if err != nil || part.Kind <= Updates {
				return part, err
			}
		case <-ctx.Done():
			return Part{}, fmt.Errorf("no part: %w", ctx.Err())
		case <-w.call.done:
			if len(w.call.parts) == 0 {
				return Part{}, w.call.err
			}
		}
	}
}

// give returns credit when half of the first is used.
func (w *Watch) give() error {
	if w.taken*2 < w.first || w.taken < 1024 {
		return nil
	}
	n := w.taken
	w.taken = 0
	return w.Credit(n)
}

func (w *Watch) take(list []any) (Part, error) {
	size := uint64(len(canon.Encode(append([]any{w.id, uint64(1)}, list...))))
	w.taken += size
	part, err := readPart(list)
	part.Bytes = size
	if err == nil {
		err = w.apply(part)
	}
	return part, err
}

func readPart(list []any) (p Part, err error) {
	if err = ints(list, 0, &p.Kind); err != nil || p.Kind > Updates {
		return p, err
	}
	want := map[uint64]int{Snapshot: 2, Marker: 2, Changes: 3, Gap: 2, Reset: 3, Updates: 3}[p.Kind]
	if len(list) < want {
		return p, ErrUnreadable
	}
	switch p.Kind {
	case Snapshot:
		p.Docs, err = listOf(list[1], docOf)
	case Marker:
		rev, ok := wire.RevOf(list[1])
		if p.Rev, p.Counter = &rev, rev.Counter; !ok {
			err = ErrUnreadable
		}
	case Reset:
		err = ints(list, 2, &p.Why)
	default:
		err = ints(list, 1, &p.Counter)
	}
	if err == nil && p.Kind == Changes {
		p.Changes, err = listOf(list[2], changeOf)
	}
	if err == nil && p.Kind == Updates {
		p.Updates, err = listOf(list[2], bytesOf)
	}
	return p, err
}

func changeOf(item any) (Change, error) {
	list, ok := item.([]any)
	if !ok || len(list) < 6 {
		return Change{}, ErrUnreadable
	}
	c := Change{}
	var err error
	if c.Peer, err = bytesOf(list[0]); err != nil {
		return c, err
	}
	if err = ints(list, 1, &c.Flags, &c.Seq, &c.Next, &c.Ends); err != nil {
		return c, err
	}
	c.Events, err = listOf(list[5], eventOf)
	return c, err
}

func eventOf(item any) (document.Event, error) {
	e := document.Event{}
	list, ok := item.([]any)
	if !ok || len(list) < 4 {
		return e, ErrUnreadable
	}
	err := ints(list, 0, &e.Cause)
	if err != nil {
		return e, err
	}
	if e.Path, err = listOf(list[1], nodeOf); err != nil {
		return e, err
	}
	if list[2] != nil {
		e.Value, err = nodeOf(list[2])
	}
	if list[3] != nil && err == nil {
		err = ints(list, 3, &e.Expires)
	}
	return e, err
}

// apply keeps the trees and the resume revision, and checks law 1.
func (w *Watch) apply(p Part) error {
	if p.Kind != Snapshot && p.Kind != Reset {
		if p.Counter < w.counter {
			return fmt.Errorf("%w: counter %d after %d", ErrUnreadable, p.Counter, w.counter)
		}
		w.counter = p.Counter
	}
	switch p.Kind {
	case Snapshot:
		w.snapshot(p.Docs)
	case Marker:
		w.Resume = p.Rev
		w.epoch = p.Rev.Epoch
	case Changes:
		w.changes(p.Changes)
		w.advance(p.Counter)
	case Updates:
		w.advance(p.Counter)
	case Reset:
		w.Docs, w.Resume, w.more, w.counter = map[string]value.Value{}, nil, false, 0
	}
	return nil
}

func (w *Watch) advance(counter uint64) {
	if w.Resume != nil {
		w.Resume = &wire.Rev{Epoch: w.epoch, Counter: counter}
	}
}

func (w *Watch) snapshot(docs []Doc) {
	const goesOn = 4
	for _, d := range docs {
		if old := w.Docs[string(d.Peer)]; w.more && old != nil {
			d.Tree = document.Join(old, d.Tree)
		}
		w.Docs[string(d.Peer)] = d.Tree
		w.more = d.Flags&goesOn != 0
	}
}

func (w *Watch) changes(list []Change) {
	docs := maps.Clone(w.Docs)
	for _, c := range list {
		id := string(c.Peer)
		for _, e := range c.Events {
			docs[id] = document.Apply(docs[id], e)
		}
		if docs[id] == nil {
			delete(docs, id)
		}
	}
	w.Docs = docs
}
