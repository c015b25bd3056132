package main

import (
	"bufio"
	"bytes"
	"errors"
	"time"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/lines"
	"smartrecords/interop/v1/update"
	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// checks are the commands that say what this peer makes of the vectors; each
// answers with one item for one of the request.
func checks() lines.Table {
	return lines.Table{
		"frames": lines.Of(func(in struct{ Frames []hexBytes }) (any, error) { return each(in.Frames, frameAgain), nil }),
		"values": lines.Of(func(in struct{ Values []hexBytes }) (any, error) { return each(in.Values, describe), nil }),
		"shows":  lines.Of(func(in struct{ Cases []history }) (any, error) { return each(in.Cases, shows), nil }),
		"bodies": lines.Of(func(in struct{ Updates []stated }) (any, error) { return each(in.Updates, body), nil }),
	}
}

// frameAgain decodes a frame and encodes it again.
func frameAgain(frame hexBytes) any {
	message, err := wire.ReadFrame(bufio.NewReader(bytes.NewReader(frame)), nil)
	if err != nil {
		return err.Error()
	}
	item, err := canon.DecodeMessage(message, 8, wire.AnswerItems)
	if err != nil {
		return err.Error()
	}
	return hexBytes(wire.Framed(canon.Encode(item)))
}

func codeOf(err error) object {
	var status *wire.Status
	if errors.As(err, &status) {
		return statusOut(status)
	}
	return object{"code": -1, "detail": err.Error()}
}

func describe(b hexBytes) object {
	v, stats, err := value.DecodeStats(b)
	if err != nil {
		return codeOf(err)
	}
	return object{
		"code": 0, "canonical": hexBytes(value.Canonical(v)), "size": len(b), "nodes": stats.Nodes, "depth": stats.Depth,
	}
}

// stated is an update as in vectors/merge.
type stated struct {
	Seq     uint64
	Hash    hexBytes
	Expires uint64
	Retain  uint64
	Body    hexBytes
}

func (s stated) parse() (document.Update, error) {
	u := update.Update{Seq: s.Seq, Expires: s.Expires, Retain: s.Retain, Body: s.Body}
	if err := update.CheckRetain(u); err != nil {
		return document.Update{}, err
	}
	parsed, _, err := update.ParseBody(u, [32]byte(s.Hash))
	return parsed, err
}

func body(s stated) object {
	if _, err := s.parse(); err != nil {
		return codeOf(err)
	}
	return object{"code": 0}
}

type history struct {
	Updates []stated
	At      []uint64
}

// shows gives what shows at each instant; null where nothing does.
func shows(h history) any {
	var all []document.Update
	for _, s := range h.Updates {
		u, err := s.parse()
		if err != nil {
			return codeOf(err)
		}
		all = append(all, u)
	}
	return each(h.At, func(at uint64) any {
		n := document.Show(all, at)
		if n == nil {
			return nil
		}
		return treeOut(n.Value())
	})
}

// sign makes a signed update of this peer. Times are in ms from the seq time,
// which is now unless it is given.
func (p *program) sign(in struct {
	Network  *string
	Key      hexBytes
	Body     hexBytes
	Seq      uint64
	LifeMs   int64
	RetainMs *int64
	Extra    hexBytes
}) (any, error) {
	u := update.Update{Network: p.network, Key: in.Key, Seq: in.Seq, Body: in.Body, Extra: in.Extra}
	if in.Network != nil {
		u.Network = *in.Network
	}
	if u.Seq == 0 {
		p.mu.Lock()
		p.lastSeq = max(uint64(time.Now().UnixMicro()), p.lastSeq+1)
		u.Seq = p.lastSeq
		p.mu.Unlock()
	}
	u.Expires = uint64(int64(u.SeqTime()) + in.LifeMs)
	u.Retain = u.Expires
	if in.RetainMs != nil {
		u.Retain = uint64(int64(u.SeqTime()) + *in.RetainMs)
	}
	envelope, err := update.Sign(u, p.key)
	if err != nil {
		return nil, err
	}
	return object{"envelope": hexBytes(envelope), "seq": u.Seq}, nil
}

// verify makes the checks 1 to 14 of an envelope, at a time in ms or now.
func (p *program) verify(in struct {
	Envelope hexBytes
	Network  *string
	Now      uint64
}) (any, error) {
	name := p.network
	if in.Network != nil {
		name = *in.Network
	}
	if in.Now == 0 {
		in.Now = uint64(time.Now().UnixMilli())
	}
	signed, err := update.Open(in.Envelope, name, in.Now)
	if err != nil {
		return codeOf(err), nil
	}
	v, err := signed.Verify()
	if err != nil {
		return codeOf(err), nil
	}
	return object{
		"code": 0, "writer": idOut(v.Writer), "key": hexBytes(v.Key), "seq": v.Seq, "expires": v.Expires,
		"retain": v.Retain, "body": hexBytes(v.Body), "hash": hexBytes(v.Hash[:]),
		"payload": hexBytes(v.Payload()), "signedBytes": hexBytes(update.SignedBytes(v.Payload())),
	}, nil
}
