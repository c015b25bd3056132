// Package client is a client of /smart-record/1.0.0 on one stream.
package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/wire"
)

const messageDepth = 8

// ErrUnreadable says that the server sent what the protocol does not allow.
var ErrUnreadable = errors.New("unreadable message")

// Stream is what a client needs of one of libp2p.
type Stream interface {
	io.ReadWriter
	CloseWrite() error
	Reset() error
}

// Client has one stream. Its methods may be called at the same time.
type Client struct {
	stream Stream
	mu     sync.Mutex
	last   uint64
	calls  map[uint64]*call
	ended  error
}

// call is a request under way. parts is nil unless it is a watch.
type call struct {
	parts  chan []any
	answer []any
	err    error
	done   chan struct{}
}

// New reads the stream until it ends.
func New(stream Stream) *Client {
	c := &Client{stream: stream, calls: map[uint64]*call{}}
	go c.read()
	return c
}

func (c *Client) read() {
	r := bufio.NewReader(c.stream)
	for {
		message, err := wire.ReadFrame(r, nil)
		if err == nil {
			err = c.receive(message)
		}
		if err != nil {
			_ = c.stream.Reset()
			c.fail(err)
			return
		}
	}
}

func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = err
	for id, one := range c.calls {
		c.end(id, one, nil, err)
	}
}

// end is called with the lock held.
func (c *Client) end(id uint64, one *call, answer []any, err error) {
	delete(c.calls, id)
	one.answer, one.err = answer, err
	close(one.done)
}

// receive reads leniently: elements at the end are ignored.
func (c *Client) receive(message []byte) error {
	item, err := canon.DecodeMessage(message, messageDepth, wire.AnswerItems)
	list, ok := item.([]any)
	if err != nil || !ok || len(list) < 3 {
		return ErrUnreadable
	}
	id, ok := list[0].(uint64)
	code, ok2 := list[1].(uint64)
	if !ok || !ok2 {
		return ErrUnreadable
	}
	if id == 0 && code == 1 {
		return nil
	}
	detail, _ := list[2].(map[string]any)
	if id == 0 {
		return &wire.Status{Code: wire.Code(code), Detail: detail}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.calls[id]
	switch {
	case one == nil || (code == 1 && one.parts == nil) || (code > 1 && code < 16):
		return ErrUnreadable
	case code == 0:
		c.end(id, one, list[2:], nil)
	case code == 1:
		one.parts <- list[2:]
	default:
		c.end(id, one, nil, &wire.Status{Code: wire.Code(code), Detail: detail})
	}
	return nil
}

// start sends a request: its elements behind the id.
func (c *Client) start(watch bool, elements ...any) (uint64, *call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return 0, nil, c.ended
	}
	one := &call{done: make(chan struct{})}
	if watch {
		// credit bounds what arrives; this bounds what the credit of a row can be
		one.parts = make(chan []any, 1<<16)
	}
	c.last++
	c.calls[c.last] = one
	return c.last, one, c.send(append([]any{c.last}, elements...))
}

func (c *Client) send(message []any) error {
	_, err := c.stream.Write(wire.Framed(canon.Encode(message)))
	return err
}

func (c *Client) call(ctx context.Context, elements ...any) ([]any, error) {
	_, one, err := c.start(false, elements...)
	if err != nil {
		return nil, err
	}
	select {
	case <-one.done:
		return one.answer, one.err
	case <-ctx.Done():
		return nil, fmt.Errorf("no answer: %w", ctx.Err())
	}
}

// Close ends the client's side.
func (c *Client) Close() error { return c.stream.CloseWrite() }
