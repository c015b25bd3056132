// Package raw works on streams byte by byte: it can send what no proper
// client sends, and it tells a reset from an end from silence.
package raw

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/mux"
	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"smartrecords/interop/lines"
	"smartrecords/interop/node"
)

const (
	dialTimeout = 10 * time.Second
	readTimeout = 10 * time.Second
	readChunk   = 1 << 16
)

// Peer holds a host and the raw streams opened on it.
type Peer struct {
	Host host.Host

	mu      sync.Mutex
	next    int
	streams map[int]*stream
	// streams that others opened to a protocol served here, until `accept`
	incoming chan network.Stream
}

// waiting is how many streams may wait for `accept`.
const waiting = 1024

type stream struct {
	network.Stream
	rw      io.ReadWriter // the stream, or what negotiates on it lazily
	reading sync.Mutex
	buf     []byte // read, not yet handed out
}

// New wraps a host.
func New(h host.Host) *Peer {
	return &Peer{Host: h, streams: map[int]*stream{}, incoming: make(chan network.Stream, waiting)}
}

// Millis turns a request's milliseconds into a duration, with a default.
func Millis(ms int, fallback time.Duration) time.Duration {
	if ms <= 0 {
		return fallback
	}
	return time.Duration(ms) * time.Millisecond
}

// Commands are the connection and stream commands.
func (p *Peer) Commands() lines.Table {
	return lines.Table{
		"listen":     p.listen,
		"connect":    p.connect,
		"disconnect": p.disconnect,
		"open":       p.open,
		"serve":      p.serve,
		"accept":     p.accept,
		"write":      p.write,
		"readFrame":  p.readFrame,
		"readEnd":    p.readEnd,
		"closeWrite": p.end(func(s *stream) error { return s.CloseWrite() }, false),
		"close":      p.end(func(s *stream) error { return s.Close() }, true),
		"reset":      p.end(func(s *stream) error { return s.Reset() }, true),
	}
}

func (p *Peer) listen(raw json.RawMessage) (interface{}, error) {
	var req struct{ Port int }
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	if err := node.Listen(p.Host, req.Port); err != nil {
		return nil, err
	}
	addrs, err := node.Addrs(p.Host)
	return map[string]interface{}{"addrs": addrs}, err
}

func (p *Peer) connect(raw json.RawMessage) (interface{}, error) {
	var req struct {
		Addr      string
		TimeoutMs int
	}
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	addr, err := ma.NewMultiaddr(req.Addr)
	if err != nil {
		return nil, err
	}
	info, err := peer.AddrInfoFromP2pAddr(addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), Millis(req.TimeoutMs, dialTimeout))
	defer cancel()
	if err := p.Host.Connect(ctx, *info); err != nil {
		return nil, err
	}
	return map[string]string{"peerId": info.ID.String()}, nil
}

func (p *Peer) disconnect(raw json.RawMessage) (interface{}, error) {
	id, err := peerOf(raw)
	if err != nil {
		return nil, err
	}
	return nil, p.Host.Network().ClosePeer(id)
}

func peerOf(raw json.RawMessage) (peer.ID, error) {
	var req struct{ Peer string }
	if err := json.Unmarshal(raw, &req); err != nil {
		return "", err
	}
	return peer.Decode(req.Peer)
}

func (p *Peer) stream(id int) (*stream, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.streams[id]
	if !ok {
		return nil, fmt.Errorf("no open stream %d", id)
	}
	return s, nil
}

func (p *Peer) end(f func(*stream) error, forget bool) lines.Handler {
	return func(raw json.RawMessage) (interface{}, error) {
		var req struct{ Stream int }
		if err := json.Unmarshal(raw, &req); err != nil {
			return nil, err
		}
		s, err := p.stream(req.Stream)
		if err != nil {
			return nil, err
		}
		if forget {
			p.mu.Lock()
			delete(p.streams, req.Stream)
			p.mu.Unlock()
		}
		return nil, f(s)
	}
}

// part is some bytes to write: hex, or one byte repeated, so that a frame of
// megabytes need not cross the pipe as hex.
type part struct {
	Hex   string
	Fill  byte
	Count int
}

func (p *Peer) write(raw json.RawMessage) (interface{}, error) {
	var req struct {
		Stream    int
		Hex       string
		Parts     []part
		TimeoutMs int
	}
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	s, err := p.stream(req.Stream)
	if err != nil {
		return nil, err
	}
	var b []byte
	for _, x := range append([]part{{Hex: req.Hex}}, req.Parts...) {
		if x.Hex != "" {
			piece, err := hex.DecodeString(x.Hex)
			if err != nil {
				return nil, err
			}
			b = append(b, piece...)
		}
		for i := 0; i < x.Count; i++ {
			b = append(b, x.Fill)
		}
	}
	if err := s.SetWriteDeadline(time.Now().Add(Millis(req.TimeoutMs, readTimeout))); err != nil {
		return nil, err
	}
	n, err := s.rw.Write(b)
	if err != nil {
		return map[string]interface{}{"written": n, "end": endOf(err)}, err
	}
	return map[string]interface{}{"written": n}, nil
}

// endOf names how a stream ended.
func endOf(err error) string {
	var timeout net.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, io.EOF):
		return "eof"
	case errors.Is(err, mux.ErrReset):
		return "reset"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "error: " + err.Error()
}

// more reads at least one byte into the buffer.
func (s *stream) more() error {
	chunk := make([]byte, readChunk)
	n, err := s.rw.Read(chunk)
	s.buf = append(s.buf, chunk[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

type readRequest struct {
	Stream    int
	TimeoutMs int
	MaxHex    int // bytes given back as hex; the length is always told
}

func (p *Peer) reader(raw json.RawMessage) (*stream, readRequest, error) {
	req := readRequest{MaxHex: 1 << 20}
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, req, err
	}
	s, err := p.stream(req.Stream)
	if err != nil {
		return nil, req, err
	}
	return s, req, s.SetReadDeadline(time.Now().Add(Millis(req.TimeoutMs, readTimeout)))
}

func shown(b []byte, max int) map[string]interface{} {
	out := map[string]interface{}{"bytes": len(b)}
	if len(b) > max {
		b, out["cut"] = b[:max], true
	}
	out["hex"] = hex.EncodeToString(b)
	return out
}

// readFrame gives one message without its length prefix, or says how the
// stream ended instead. Bytes of an unfinished frame stay for the next read.
func (p *Peer) readFrame(raw json.RawMessage) (interface{}, error) {
	s, req, err := p.reader(raw)
	if err != nil {
		return nil, err
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	for {
		size, n := binary.Uvarint(s.buf)
		if n < 0 {
			return nil, fmt.Errorf("length prefix is not a uvarint: %x", s.buf[:10])
		}
		if n > 0 && uint64(len(s.buf)-n) >= size {
			frame := s.buf[n : n+int(size)]
			s.buf = s.buf[n+int(size):]
			return shown(frame, req.MaxHex), nil
		}
		if err := s.more(); err != nil {
			return map[string]interface{}{"end": endOf(err), "pending": len(s.buf)}, nil
		}
	}
}

// readEnd reads until the stream ends or the time is up, and says which.
func (p *Peer) readEnd(raw json.RawMessage) (interface{}, error) {
	s, req, err := p.reader(raw)
	if err != nil {
		return nil, err
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	for {
		if err := s.more(); err != nil {
			out := shown(s.buf, req.MaxHex)
			out["end"] = endOf(err)
			s.buf = nil
			return out, nil
		}
	}
}
