package client

import (
	"context"

	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// Result is that of one item of an update.
type Result struct {
	Refused *wire.Status
	Flags   uint64
	Seq     uint64
	Counter uint64
	Expires uint64
	Charge  uint64
}

// Doc is what shows of one writer.
type Doc struct {
	Peer  []byte
	Flags uint64
	Seq   uint64
	Next  uint64
	Ends  uint64
	Tree  value.Value
}

// Got is a page. Docs and Updates are nil if the record has not changed.
type Got struct {
	Rev     wire.Rev
	Docs    []Doc
	Updates [][]byte
	After   []byte
}

// Update sends items and gives one result for each.
func (c *Client) Update(ctx context.Context, items []wire.Item) ([]Result, error) {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = itemMessage(item)
	}
	answer, err := c.call(ctx, uint64(wire.OpUpdate), list)
	if err != nil {
		return nil, err
	}
	return listOf(answer[0], resultOf)
}

func itemMessage(item wire.Item) any {
	if item.Signed != nil && item.IfSeq == nil {
		return item.Signed
	}
	list := []any{item.Signed}
	if item.Signed == nil {
		list = []any{item.Key, item.Body, item.TTL}
	}
	if item.IfSeq != nil {
		list = append(list, *item.IfSeq)
	}
	return list
}

// Options of a request as they go into a message.
type Options = map[string]any

// Get reads one page.
func (c *Client) Get(ctx context.Context, key []byte, options Options) (Got, error) {
	answer, err := c.call(ctx, uint64(wire.OpGet), key, options)
	if err != nil {
		return Got{}, err
	}
	got := Got{}
	ok := len(answer) >= 3
	if ok {
		got.Rev, ok = wire.RevOf(answer[0])
		got.After, _ = answer[2].([]byte)
	}
	if !ok {
		return Got{}, ErrUnreadable
	}
	switch {
	case answer[1] == nil:
	case options["as"] == uint64(1):
		got.Updates, err = listOf(answer[1], bytesOf)
	default:
		got.Docs, err = listOf(answer[1], docOf)
	}
	return got, err
}

// Info gives the server's map.
func (c *Client) Info(ctx context.Context) (map[string]any, error) {
	answer, err := c.call(ctx, uint64(wire.OpInfo))
	if err != nil {
		return nil, err
	}
	fields, ok := answer[0].(map[string]any)
	if !ok {
		return nil, ErrUnreadable
	}
	return fields, nil
}

// Ping gives the server's time.
func (c *Client) Ping(ctx context.Context) (uint64, error) {
	answer, err := c.call(ctx, uint64(wire.OpPing))
	if err != nil {
		return 0, err
	}
	return intOf(answer[0])
}

func listOf[T any](item any, one func(any) (T, error)) ([]T, error) {
	list, ok := item.([]any)
	if !ok {
		return nil, ErrUnreadable
	}
	out := make([]T, len(list))
	for i, element := range list {
		var err error
		if out[i], err = one(element); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func intOf(item any) (uint64, error) {
	n, ok := item.(uint64)
	if !ok {
		return 0, ErrUnreadable
	}
	return n, nil
}

func bytesOf(item any) ([]byte, error) {
	b, ok := item.([]byte)
	if !ok {
		return nil, ErrUnreadable
	}
	return b, nil
}

func nodeOf(item any) (value.Value, error) {
	b, err := bytesOf(item)
	if err != nil {
		return nil, err
	}
	return value.Decode(b)
}

// ints reads integers at places of a list.
func ints(list []any, from int, into ...*uint64) error {
	for i, to := range into {
		n, err := intOf(list[from+i])
		if err != nil {
			return err
		}
		*to = n
	}
	return nil
}

func resultOf(item any) (Result, error) {
	list, ok := item.([]any)
	if !ok || len(list) < 2 {
		return Result{}, ErrUnreadable
	}
	code, err := intOf(list[0])
	if err != nil || (code != 0 && code < 16) || (code == 0 && len(list) < 6) {
		return Result{}, ErrUnreadable
	}
	if code != 0 {
		detail, _ := list[1].(map[string]any)
		return Result{Refused: &wire.Status{Code: wire.Code(code), Detail: detail}}, nil
	}
	r := Result{}
	err = ints(list, 1, &r.Flags, &r.Seq, &r.Counter, &r.Expires, &r.Charge)
	return r, err
}

func docOf(item any) (Doc, error) {
	list, ok := item.([]any)
	if !ok || len(list) < 6 {
		return Doc{}, ErrUnreadable
	}
	d := Doc{}
	var err error
	if d.Peer, err = bytesOf(list[0]); err != nil {
		return Doc{}, err
	}
	if err = ints(list, 1, &d.Flags, &d.Seq, &d.Next, &d.Ends); err != nil {
		return Doc{}, err
	}
	d.Tree, err = nodeOf(list[5])
	return d, err
}
