package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/peer"
	xr "github.com/libp2p/go-routing-language/syntax"
	"github.com/libp2p/go-smart-record/protocol"
	"github.com/libp2p/go-smart-record/vm"

	"smartrecords/interop/codec"
	"smartrecords/interop/lines"
	"smartrecords/interop/raw"
)

// The Go client itself gives up after 10 s; this leaves it the first word.
const requestTimeout = 15 * time.Second

// client runs the reference's own client. One request at a time: that client
// may swap the answers of requests made at once, and the tap could not tell
// whose bytes are whose.
type client struct {
	mu  sync.Mutex
	tap *tap
	rec protocol.SmartRecordClient
}

func newClient(ctx context.Context, h host.Host) (*client, error) {
	t := &tap{Host: h}
	rec, err := protocol.NewSmartRecordClient(ctx, t)
	return &client{tap: t, rec: rec}, err
}

func (c *client) commands() lines.Table {
	return lines.Table{"update": c.update, "get": c.get, "repeat": c.repeat}
}

type request struct {
	Peer      string
	Key       string // text
	KeyHex    string // or bytes
	Node      codec.Input
	TTL       float64 // seconds
	TimeoutMs int
	Count     int // for repeat
	ShowBytes bool
}

// traffic is what crossed the wire for one request, prefixes included.
type traffic struct {
	Sent     string `json:"sent,omitempty"`
	Received string `json:"received,omitempty"`
	Streams  int    `json:"streams"` // opened by this client so far
}

type got struct {
	traffic
	Writers map[string]string `json:"writers"`
	Ms      int64             `json:"ms"`
}

func parse(msg json.RawMessage) (r request, id peer.ID, key string, err error) {
	if err = json.Unmarshal(msg, &r); err != nil {
		return
	}
	if id, err = peer.Decode(r.Peer); err != nil {
		return
	}
	key = r.Key
	if r.KeyHex != "" {
		var b []byte
		b, err = hex.DecodeString(r.KeyHex)
		key = string(b)
	}
	return
}

func (c *client) traffic(show bool) traffic {
	sent, received, opened := c.tap.take()
	t := traffic{Streams: opened}
	if show {
		t.Sent, t.Received = hex.EncodeToString(sent), hex.EncodeToString(received)
	}
	return t
}

func (c *client) update(msg json.RawMessage) (interface{}, error) {
	r, id, key, err := parse(msg)
	if err != nil {
		return nil, err
	}
	n, err := r.Node.Node()
	if err != nil {
		return nil, err
	}
	d, ok := n.(xr.Dict)
	if !ok {
		return nil, fmt.Errorf("an update is a Dict, not %T", n)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), raw.Millis(r.TimeoutMs, requestTimeout))
	defer cancel()
	start := time.Now()
	c.tap.take()
	err = c.rec.Update(ctx, key, id, d, time.Duration(r.TTL*float64(time.Second)))
	return got{c.traffic(r.ShowBytes), nil, time.Since(start).Milliseconds()}, err
}

func (c *client) get(msg json.RawMessage) (interface{}, error) {
	r, id, key, err := parse(msg)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.getLocked(r, id, key)
}

func (c *client) getLocked(r request, id peer.ID, key string) (got, error) {
	ctx, cancel := context.WithTimeout(context.Background(), raw.Millis(r.TimeoutMs, requestTimeout))
	defer cancel()
	start := time.Now()
	c.tap.take()
	v, err := c.rec.Get(ctx, key, id)
	out := got{c.traffic(r.ShowBytes), nil, time.Since(start).Milliseconds()}
	if err != nil {
		return out, err
	}
	out.Writers, err = texts(*v)
	return out, err
}

// repeat gets a key Count times in a row, on the client's one stream.
func (c *client) repeat(msg json.RawMessage) (interface{}, error) {
	r, id, key, err := parse(msg)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []got{}
	for i := 0; i < r.Count; i++ {
		g, err := c.getLocked(r, id, key)
		if err != nil {
			return out, fmt.Errorf("request %d of %d: %w", i+1, r.Count, err)
		}
		out = append(out, g)
	}
	return out, nil
}

// texts gives each writer's document as Go JSON text.
func texts(v vm.RecordValue) (map[string]string, error) {
	out := map[string]string{}
	for id, d := range v {
		b, err := xr.MarshalJSON(*d)
		if err != nil {
			return nil, err
		}
		out[id.String()] = string(b)
	}
	return out, nil
}
