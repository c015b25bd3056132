package main

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"smartrecords/interop/v1/client"
	"smartrecords/interop/v1/lines"
	"smartrecords/interop/v1/wire"
)

const answerTime = 15 * time.Second

// program is what the commands work on: one client, once it is connected.
type program struct {
	host    host.Host
	key     crypto.PrivKey
	network string

	mu      sync.Mutex
	client  *client.Client
	to      peer.ID
	watches map[int]*following
	lastSeq uint64
}

func (p *program) commands() lines.Table {
	table := lines.Table{
		"connect": lines.Of(p.connect),
		"update":  lines.Of(p.update),
		"get":     lines.Of(p.get),
		"getAll":  lines.Of(p.getAll),
		"info":    lines.Of(p.info),
		"ping":    lines.Of(p.ping),
		"raw":     lines.Of(p.raw),
		"watch":   lines.Of(p.watch),
		"part":    lines.Of(p.part),
		"credit":  lines.Of(p.credit),
		"cancel":  lines.Of(p.cancel),
		"sign":    lines.Of(p.sign),
		"verify":  lines.Of(p.verify),
	}
	maps.Copy(table, checks())
	return table
}

func soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), answerTime)
}

// connect dials and opens the one stream of the client.
func (p *program) connect(in struct{ Addr string }) (any, error) {
	info, err := peer.AddrInfoFromString(in.Addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := soon()
	defer cancel()
	if err := p.host.Connect(ctx, *info); err != nil {
		return nil, err
	}
	stream, err := p.host.NewStream(ctx, info.ID, Protocol)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.client, p.to = client.New(stream), info.ID
	return info.ID.String(), nil
}

type itemIn struct {
	Signed hexBytes `json:"signed"`
	Key    hexBytes `json:"key"`
	Body   hexBytes `json:"body"`
	TTL    uint64   `json:"ttl"`
	IfSeq  *uint64  `json:"ifSeq"`
}

func (p *program) update(in struct{ Items []itemIn }) (any, error) {
	items := make([]wire.Item, len(in.Items))
	for i, one := range in.Items {
		items[i] = wire.Item{Signed: one.Signed, Key: one.Key, Body: one.Body, TTL: one.TTL, IfSeq: one.IfSeq}
	}
	ctx, cancel := soon()
	defer cancel()
	results, err := p.client.Update(ctx, items)
	if err != nil {
		return refused(err)
	}
	return each(results, resultOut), nil
}

func (p *program) get(in struct {
	Key     hexBytes
	Options optionsIn
}) (any, error) {
	ctx, cancel := soon()
	defer cancel()
	got, err := p.client.Get(ctx, in.Key, in.Options.message())
	if err != nil {
		return refused(err)
	}
	return gotOut(got), nil
}

// getAll reads all pages of a view and joins them.
func (p *program) getAll(in struct {
	Key     hexBytes
	Options optionsIn
}) (any, error) {
	ctx, cancel := soon()
	defer cancel()
	all, err := p.client.GetAll(ctx, in.Key, in.Options.message())
	if err != nil {
		return refused(err)
	}
	return object{
		"rev": revOut(&all.Rev), "unchanged": all.Unchanged, "pages": all.Pages, "docs": each(all.Docs, docOut),
	}, nil
}

func (p *program) info(struct{}) (any, error) {
	ctx, cancel := soon()
	defer cancel()
	fields, err := p.client.Info(ctx)
	if err != nil {
		return refused(err)
	}
	if id, ok := fields["id"].([]byte); ok {
		fields["id"] = idOut(id)
	}
	return diagnostic(fields), nil
}

func (p *program) ping(struct{}) (any, error) {
	ctx, cancel := soon()
	defer cancel()
	now, err := p.client.Ping(ctx)
	if err != nil {
		return refused(err)
	}
	return now, nil
}
