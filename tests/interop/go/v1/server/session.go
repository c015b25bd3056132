package server

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/wire"
)

const (
	maxWaiting = 262_144 // bytes to be written, above which nothing is read and no part is sent
	maxWatches = 64
	frameTime  = 10 * time.Second
	idleTime   = 120 * time.Second
	drainTime  = time.Second
	writeTime  = 10 * time.Second
)

// Stream is what a session needs of one of libp2p.
type Stream interface {
	io.ReadWriter
	CloseWrite() error
	Close() error
	Reset() error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// session is one stream of a client.
type session struct {
	store   *Store
	peer    []byte
	stream  Stream
	last    uint64
	watches map[uint64]*watch

	out     sync.Cond // of the store's lock: queue, waiting or ended changed
	queue   [][]byte
	waiting int
	ended   bool
}

// Serve answers one stream until it ends. peer is the proved id of the client.
func (s *Store) Serve(stream Stream, peer []byte) {
	session := &session{store: s, peer: peer, stream: stream, watches: map[uint64]*watch{}}
	session.out.L = &s.mu
	written := make(chan struct{})
	go func() {
		session.write()
		close(written)
	}()
	fault := session.read()
	s.mu.Lock()
	for _, w := range session.watches {
		w.end()
	}
	session.watches = nil
	if fault != nil {
		session.send(refusal(0, fault))
	}
	session.ended = true
	session.out.Broadcast()
	s.mu.Unlock()
	<-written
	if stream.CloseWrite() != nil || fault == nil {
		_ = stream.Close()
		return
	}
	_ = stream.SetReadDeadline(time.Now().Add(drainTime))
	if _, err := io.Copy(io.Discard, stream); err != nil {
		_ = stream.Reset()
	}
}

// takes tells whether parts may be sent.
func (s *session) takes() bool { return s.waiting < maxWaiting }

// send queues a message. The lock of the store is held.
func (s *session) send(message []byte) {
	s.queue = append(s.queue, wire.Framed(message))
	s.waiting += len(message)
	s.out.Broadcast()
}

func (s *session) write() {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for {
		for len(s.queue) == 0 && !s.ended {
			s.out.Wait()
		}
		if len(s.queue) == 0 {
			return
		}
		var all []byte
		for _, frame := range s.queue {
			all = append(all, frame...)
		}
		s.queue = nil
		s.store.mu.Unlock()
		_ = s.stream.SetWriteDeadline(time.Now().Add(writeTime))
		_, err := s.stream.Write(all)
		s.store.mu.Lock()
		if err != nil {
			_ = s.stream.Reset()
			s.ended = true
			return
		}
		s.waiting = 0
		for _, frame := range s.queue {
			s.waiting += len(frame)
		}
		for _, w := range s.watches {
			w.pump()
		}
		s.out.Broadcast()
	}
}

// read carries out requests one after the other, so that the order of those
// that concern one key is right. The result is the notice to end with.
func (s *session) read() *wire.Status {
	r := bufio.NewReader(s.stream)
	for {
		s.idle()
		inside := false
		message, err := wire.ReadFrame(r, func() {
			inside = true
			_ = s.stream.SetReadDeadline(time.Now().Add(frameTime))
		})
		var status *wire.Status
		var slow net.Error
		switch {
		case errors.As(err, &status):
			return status
		case errors.As(err, &slow) && slow.Timeout() && inside:
			return wire.Refuse(wire.Timeout)
		case err != nil:
			return nil
		}
		if fault := s.message(message); fault != nil {
			return fault
		}
	}
}

// idle sets how long the first byte of a frame may take, and waits until what
// is to be written is within bounds.
func (s *session) idle() {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for s.waiting >= maxWaiting && !s.ended {
		s.out.Wait()
	}
	deadline := time.Now().Add(idleTime)
	if len(s.watches) > 0 {
		deadline = time.Time{}
	}
	_ = s.stream.SetReadDeadline(deadline)
}

func (s *session) message(message []byte) *wire.Status {
	id, op, list, fault := wire.ReadHead(message, s.last)
	if fault != nil {
		return fault
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if op != wire.OpCancel && op != wire.OpCredit {
		s.last = id
	}
	req, err := wire.ReadRequest(id, op, list)
	if err == nil {
		err = s.carryOut(req)
	}
	if err != nil {
		s.send(refusal(id, err.(*wire.Status)))
	}
	return nil
}

func refusal(id uint64, status *wire.Status) []byte {
	return canon.Encode([]any{id, uint64(status.Code), status.Detail})
}

func (s *session) answer(id uint64, elements ...any) {
	s.send(canon.Encode(append([]any{id, uint64(0)}, elements...)))
}
