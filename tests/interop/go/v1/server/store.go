// Package server serves /smart-record/1.0.0 from memory. README.md beside the
// program says what it leaves out.
package server

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/update"
	"smartrecords/interop/v1/wire"
)

const maxTTL = 259_200 // s

// charged beyond the payload of an update, bytes.
const overhead = 64

// Store keeps all records. One lock guards everything in it.
type Store struct {
	mu      sync.Mutex
	self    []byte
	network string
	epoch   [8]byte
	counter uint64
	records map[string]*record
}

// NewStore makes an empty one with a new epoch.
func NewStore(self []byte, network string) *Store {
	s := &Store{self: self, network: network, records: map[string]*record{}}
	_, _ = rand.Read(s.epoch[:])
	return s
}

func nowMs() uint64 { return uint64(time.Now().UnixMilli()) }

func (s *Store) record(key []byte) *record {
	r := s.records[string(key)]
	if r == nil {
		r = &record{store: s, writers: map[string]*writer{}}
		s.records[string(key)] = r
	}
	return r
}

// apply carries out one item and gives its result.
func (s *Store) apply(item wire.Item, from []byte) any {
	now := nowMs()
	result, err := s.admit(item, from, now)
	if err != nil {
		status := err.(*wire.Status)
		return []any{uint64(status.Code), status.Detail}
	}
	return result
}

func (s *Store) admit(item wire.Item, from []byte, now uint64) (any, error) {
	if item.Signed == nil {
		return s.admitOwn(item, from, now)
	}
	signed, err := update.Open(item.Signed, s.network, now)
	if err != nil {
		return nil, err
	}
	r := s.record(signed.Key)
	r.expire(now)
	w := r.writer(signed.Writer)
	for _, h := range w.held {
		if h.parsed.Hash == signed.Hash {
			return r.result(w, 0, signed.Expires, 0), nil
		}
	}
	verified, err := signed.Verify()
	if err != nil {
		return nil, err
	}
	if err := w.admits(item, verified.Update); err != nil {
		return nil, err
	}
	return r.add(w, held{verified.Update, verified.Parsed, item.Signed}, now), nil
}

func (s *Store) admitOwn(item wire.Item, from []byte, now uint64) (any, error) {
	if item.TTL == 0 {
		return nil, wire.Over(wire.TTL, "minTtl", 1, 0)
	}
	if item.TTL > maxTTL {
		return nil, wire.Over(wire.TTL, "maxTtl", maxTTL, int(item.TTL))
	}
	r := s.record(item.Key)
	r.expire(now)
	w := r.writer(from)
	own := update.Update{
		Network: s.network, Key: item.Key, Writer: from, Body: item.Body,
		Seq: max(uint64(time.Now().UnixMicro()), w.highest()+1), Expires: now + item.TTL*1000,
	}
	// the latest retain of this writer, and every `$ttl` of the update
	own.Retain = max(own.Expires, own.SeqTime()+maxTTL*1000)
	for _, h := range w.held {
		own.Retain = max(own.Retain, h.Retain)
	}
	parsed, err := update.Parse(own, sha256.Sum256(own.Payload()))
	if err != nil {
		return nil, err
	}
	if err := w.admits(item, own); err != nil {
		return nil, err
	}
	return r.add(w, held{own, parsed, nil}, now), nil
}

// held is an update in memory. envelope is nil if it came without a signature.
type held struct {
	update.Update
	parsed   document.Update
	envelope []byte
}

type writer struct {
	peer   []byte
	held   []held
	top    uint64 // highest seq ever
	forked bool
}

func (w *writer) highest() uint64 { return w.top }

// admits makes the checks of admission.
func (w *writer) admits(item wire.Item, u update.Update) error {
	if item.IfSeq != nil && *item.IfSeq != w.top {
		return wire.Refuse(wire.Stale).With("seq", w.top)
	}
	if u.Expires > u.SeqTime() && u.Expires-u.SeqTime() > maxTTL*1000 {
		return wire.Over(wire.TTL, "maxTtl", maxTTL, int((u.Expires-u.SeqTime())/1000))
	}
	return nil
}

func (w *writer) updates() []document.Update {
	all := make([]document.Update, len(w.held))
	for i, h := range w.held {
		all[i] = h.parsed
	}
	return all
}
