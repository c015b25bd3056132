package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"smartrecords/interop/v1/client"
	"smartrecords/interop/v1/wire"
)

// following is a watch under way.
type following struct {
	*client.Watch
	auto bool
}

func (p *program) watch(in struct {
	Key     hexBytes
	Credit  uint64
	Auto    bool
	Options optionsIn
}) (any, error) {
	w, err := p.client.Watch(in.Key, in.Credit, in.Options.message())
	if err != nil {
		return refused(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	number := len(p.watches) + 1
	p.watches[number] = &following{w, in.Auto}
	return number, nil
}

func (p *program) following(number int) *following {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.watches[number]
}

// part gives the next part; null if it does not come in time.
func (p *program) part(in struct {
	Watch     int
	TimeoutMs int
}) (any, error) {
	w := p.following(in.Watch)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(in.TimeoutMs)*time.Millisecond)
	defer cancel()
	part, err := w.Next(ctx, w.auto)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	if err != nil {
		return refused(err)
	}
	return partOut(part, w.Watch), nil
}

func (p *program) credit(in struct {
	Watch int
	Bytes uint64
}) (any, error) {
	return nil, p.following(in.Watch).Credit(in.Bytes)
}

func (p *program) cancel(in struct{ Watch int }) (any, error) {
	return nil, p.following(in.Watch).Cancel()
}

// raw sends bytes on a stream of its own and gives the frames that come back,
// so many, or up to the end for -1.
func (p *program) raw(in struct {
	Hex    hexBytes
	Frames int
}) (any, error) {
	ctx, cancel := soon()
	defer cancel()
	stream, err := p.host.NewStream(ctx, p.to, Protocol)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	if _, err := stream.Write(in.Hex); err != nil {
		return nil, err
	}
	_ = stream.SetReadDeadline(time.Now().Add(answerTime))
	frames := []hexBytes{}
	r := bufio.NewReader(stream)
	for len(frames) != in.Frames {
		frame, err := wire.ReadFrame(r, nil)
		if err != nil {
			return object{"frames": frames, "end": endOf(err)}, nil
		}
		frames = append(frames, frame)
	}
	return object{"frames": frames, "end": nil}, nil
}

func endOf(err error) string {
	if errors.Is(err, io.EOF) {
		return "eof"
	}
	return err.Error()
}
