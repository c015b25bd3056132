// Package update makes and verifies the signed update of section 4 of
// PROTOCOL.md.
package update

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"unicode/utf8"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

const (
	domain      = "smart-record-update"
	payloadType = "/smart-record/update/1"

	maxEnvelope  = 270_336
	maxKey       = 1024
	maxNetwork   = 128
	maxExtra     = 1024
	maxExtraKeys = 8
	retainMs     = 30 * 24 * 3600 * 1000
	aheadMs      = 300_000
)

// Update is what a payload states. Body is in natural form.
type Update struct {
	Network string
	Key     []byte
	Writer  []byte
	Seq     uint64
	Expires uint64
	Retain  uint64
	Body    []byte
	Extra   []byte // encoded; nil if left out
}

// SeqTime is the time in seq, in ms.
func (u Update) SeqTime() uint64 { return u.Seq / 1000 }

// Payload is what is signed and hashed.
func (u Update) Payload() []byte {
	list := []any{u.Network, u.Key, u.Writer, u.Seq, u.Expires, u.Retain, canon.Raw(u.Body)}
	if u.Extra != nil {
		list = append(list, canon.Raw(u.Extra))
	}
	return canon.Encode(list)
}

// Verified is an update whose checks passed.
type Verified struct {
	Update
	Hash   [32]byte
	Parsed document.Update
}

func chunk(to []byte, b []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(b))), b...)
}

// SignedBytes are those that the signature is over.
func SignedBytes(payload []byte) []byte {
	return chunk(chunk(chunk(nil, []byte(domain)), []byte(payloadType)), payload)
}

func envelope(key, payload, signature []byte) []byte {
	e := chunk([]byte{0x0a}, key)
	e = chunk(append(e, 0x12), []byte(payloadType))
	e = chunk(append(e, 0x1a), payload)
	return chunk(append(e, 0x2a), signature)
}

// Sign fills in the writer and gives the envelope.
func Sign(u Update, key crypto.PrivKey) ([]byte, error) {
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return nil, err
	}
	u.Writer = []byte(id)
	public, err := crypto.MarshalPublicKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	payload := u.Payload()
	signature, err := key.Sign(SignedBytes(payload))
	if err != nil {
		return nil, err
	}
	return envelope(public, payload, signature), nil
}

// Signed is an envelope taken apart, after check 10.
type Signed struct {
	Update
	Hash      [32]byte
	payload   []byte
	key       crypto.PubKey
	signature []byte
}

// Open makes the checks 1 to 10, at the verifier's time in ms.
func Open(e []byte, network string, now uint64) (*Signed, error) {
	if len(e) > maxEnvelope {
		return nil, wire.Over(wire.TooLarge, "update", maxEnvelope, len(e))
	}
	var fields [4][]byte
	rest := e
	for i, tag := range []byte{0x0a, 0x12, 0x1a, 0x2a} {
		if len(rest) == 0 || rest[0] != tag {
			return nil, wire.Refuse(wire.Sig)
		}
		n, size := binary.Uvarint(rest[1:])
		if size <= 0 || n > uint64(len(rest)-1-size) {
			return nil, wire.Refuse(wire.Sig)
		}
		fields[i] = rest[1+size : 1+size+int(n)]
		rest = rest[1+size+int(n):]
	}
	// minimal lengths and nothing behind: it must be what this peer would write
	if string(fields[1]) != payloadType || !bytes.Equal(envelope(fields[0], fields[2], fields[3]), e) {
		return nil, wire.Refuse(wire.Sig)
	}
	key, err := publicKey(fields[0])
	if err != nil {
		return nil, err
	}
	u, err := readPayload(fields[2], network)
	if err != nil {
		return nil, err
	}
	id, err := peer.IDFromPublicKey(key)
	if err != nil || !bytes.Equal([]byte(id), u.Writer) {
		return nil, wire.Refuse(wire.Writer)
	}
	if err := checkTimes(u, now); err != nil {
		return nil, err
	}
	return &Signed{u, sha256.Sum256(fields[2]), fields[2], key, fields[3]}, nil
}

// CheckRetain makes the checks 7 and 8.
func CheckRetain(u Update) error {
	switch {
	case u.Retain < u.Expires:
		return wire.Refuse(wire.TTL).With("limit", "retainMs")
	case u.Retain > u.SeqTime()+retainMs:
		return wire.Over(wire.TTL, "retainMs", retainMs, int(u.Retain-u.SeqTime()))
	}
	return nil
}

func checkTimes(u Update, now uint64) error {
	if err := CheckRetain(u); err != nil {
		return err
	}
	switch {
	case u.Retain <= now:
		return wire.Refuse(wire.Expired).With("now", now)
	case u.SeqTime() > now+aheadMs:
		return wire.Refuse(wire.Clock).With("now", now).With("wait", u.SeqTime()-now-aheadMs)
	}
	return nil
}

// Verify makes the checks 13 and 14.
func (s *Signed) Verify() (*Verified, error) {
	parsed, err := Parse(s.Update, s.Hash)
	if err != nil {
		return nil, err
	}
	if !verifies(s.key, SignedBytes(s.payload), s.signature) {
		return nil, wire.Refuse(wire.Sig)
	}
	parsed.Signed = true
	return &Verified{s.Update, s.Hash, parsed}, nil
}

// Parse makes check 13: the body, and what retain and expires must be to it.
func Parse(u Update, hash [32]byte) (document.Update, error) {
	parsed, longest, err := ParseBody(u, hash)
	if err == nil && longest == 0 && u.Expires <= u.SeqTime() {
		err = wire.Refuse(wire.TTL).With("limit", "minTtl").With("max", 1)
	}
	return parsed, err
}

// ParseBody makes check 13 but for the shortest life, which has no meaning for
// the merge. It gives the longest life of a `$ttl`, in s.
func ParseBody(u Update, hash [32]byte) (parsed document.Update, longest uint64, err error) {
	body, err := value.Decode(u.Body)
	if err == nil {
		longest, err = document.Check(body)
	}
	if err == nil && longest > 0 && u.Retain < u.SeqTime()+longest*1000 {
		err = wire.Refuse(wire.TTL).With("limit", "retainMs")
	}
	return document.Update{Seq: u.Seq, Hash: hash, Expires: u.Expires, Body: body}, longest, err
}

func readPayload(b []byte, network string) (Update, error) {
	none := Update{}
	parts, err := canon.Elements(b)
	if err != nil || len(parts) < 7 || len(parts) > 8 {
		return none, wire.Refuse(wire.Doc)
	}
	head, err := canon.DecodeMessage(canon.Encode(parts[:6]), 2, 7)
	if err != nil {
		return none, wire.Refuse(wire.Doc)
	}
	fields := head.([]any)
	u := Update{Body: parts[6]}
	var ok [6]bool
	u.Network, ok[0] = fields[0].(string)
	u.Key, ok[1] = fields[1].([]byte)
	u.Writer, ok[2] = fields[2].([]byte)
	u.Seq, ok[3] = fields[3].(uint64)
	u.Expires, ok[4] = fields[4].(uint64)
	u.Retain, ok[5] = fields[5].(uint64)
	if ok != [6]bool{true, true, true, true, true, true} || !utf8.ValidString(u.Network) {
		return none, wire.Refuse(wire.Doc)
	}
	switch {
	case u.Network != network:
		return none, wire.Refuse(wire.Sig)
	case len(u.Key) < 1 || len(u.Key) > maxKey:
		return none, wire.Over(wire.BadKey, "key", maxKey, len(u.Key))
	}
	if len(parts) == 8 {
		u.Extra = parts[7]
		return u, checkExtra(u.Extra)
	}
	return u, nil
}

func checkExtra(b []byte) error {
	if len(b) > maxExtra {
		return wire.Over(wire.TooLarge, "extra", maxExtra, len(b))
	}
	item, err := canon.DecodeMessage(b, 8, maxExtra)
	if err != nil {
		return wire.Refuse(wire.Doc)
	}
	if fields, ok := item.(map[string]any); !ok || len(fields) < 1 || len(fields) > maxExtraKeys {
		return wire.Refuse(wire.Doc)
	}
	return nil
}
