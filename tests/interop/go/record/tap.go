package main

import (
	"context"
	"sync"

	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	"github.com/libp2p/go-libp2p-core/protocol"
)

// tap is a host that keeps a copy of what crosses the streams it opens. The
// client shows neither its request bytes nor the answer's; the tap does,
// without standing in its way.
type tap struct {
	host.Host

	mu       sync.Mutex
	sent     []byte
	received []byte
	opened   int
}

// NewStream opens a stream whose bytes are copied.
func (t *tap) NewStream(ctx context.Context, p peer.ID, pids ...protocol.ID) (network.Stream, error) {
	s, err := t.Host.NewStream(ctx, p, pids...)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.opened++
	t.mu.Unlock()
	return &tapped{s, t}, nil
}

// take hands out what crossed since the last call.
func (t *tap) take() (sent, received []byte, opened int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sent, received, opened = t.sent, t.received, t.opened
	t.sent, t.received = nil, nil
	return
}

type tapped struct {
	network.Stream
	tap *tap
}

func (s *tapped) Read(b []byte) (int, error) {
	n, err := s.Stream.Read(b)
	s.tap.mu.Lock()
	s.tap.received = append(s.tap.received, b[:n]...)
	s.tap.mu.Unlock()
	return n, err
}

func (s *tapped) Write(b []byte) (int, error) {
	n, err := s.Stream.Write(b)
	s.tap.mu.Lock()
	s.tap.sent = append(s.tap.sent, b[:n]...)
	s.tap.mu.Unlock()
	return n, err
}
