package raw

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	"github.com/libp2p/go-libp2p-core/protocol"
	multistream "github.com/multiformats/go-multistream"
)

// open opens a stream. Left alone, the host negotiates lazily what identify
// has told it about the other side, and else waits; `negotiate` forces either.
func (p *Peer) open(raw json.RawMessage) (interface{}, error) {
	var req struct {
		Peer      string
		Protocol  string
		Negotiate string // "lazy", "eager" or nothing
		TimeoutMs int
	}
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	id, err := peer.Decode(req.Peer)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), Millis(req.TimeoutMs, dialTimeout))
	defer cancel()
	var s network.Stream
	var rw io.ReadWriter
	if req.Negotiate == "" {
		s, err = p.Host.NewStream(ctx, id, protocol.ID(req.Protocol))
		rw = s
	} else {
		s, rw, err = p.negotiate(ctx, id, req.Protocol, req.Negotiate == "lazy")
	}
	if err != nil {
		return nil, err
	}
	return map[string]interface{}{"stream": p.keep(s, rw), "protocol": string(s.Protocol())}, nil
}

// negotiate agrees on the protocol without the host. Lazily, its messages go
// out with the first bytes written, and the answers are read with the first
// bytes read.
func (p *Peer) negotiate(ctx context.Context, id peer.ID, name string, lazy bool) (network.Stream, io.ReadWriter, error) {
	s, err := p.Host.Network().NewStream(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	s.SetProtocol(protocol.ID(name))
	if lazy {
		return s, multistream.NewMSSelect(s, name), nil
	}
	if err := s.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
		return nil, nil, err
	}
	if err := multistream.SelectProtoOrFail(name, s); err != nil {
		_ = s.Reset()
		return nil, nil, err
	}
	return s, s, s.SetDeadline(time.Time{})
}

func (p *Peer) keep(s network.Stream, rw io.ReadWriter) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	p.streams[p.next] = &stream{Stream: s, rw: rw}
	return p.next
}

// serve takes the streams of a protocol in; what is said on them is the
// driver's business.
func (p *Peer) serve(raw json.RawMessage) (interface{}, error) {
	var req struct{ Protocol string }
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	p.Host.SetStreamHandler(protocol.ID(req.Protocol), func(s network.Stream) {
		select {
		case p.incoming <- s:
		default:
			_ = s.Reset()
		}
	})
	return nil, nil
}

// accept waits for the next stream that a remote peer opens to a protocol served here.
func (p *Peer) accept(raw json.RawMessage) (interface{}, error) {
	var req struct{ TimeoutMs int }
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	select {
	case s := <-p.incoming:
		from := s.Conn().RemotePeer().String()
		return map[string]interface{}{"stream": p.keep(s, s), "peer": from}, nil
	case <-time.After(Millis(req.TimeoutMs, readTimeout)):
		return nil, errors.New("no peer opened a stream")
	}
}
