// Package document has the meaning of updates, section 4 of PROTOCOL.md: all
// updates of a writer, sorted by stamp, applied to an empty tree. It applies
// them all again for each view, which is slow and short.
package document

import (
	"bytes"
	"cmp"
	"slices"

	"smartrecords/interop/v1/value"
)

// Update is a body whose place in the order is known. Expires is in ms.
type Update struct {
	Seq     uint64
	Hash    [32]byte
	Expires uint64
	Body    value.Value
	Signed  bool
}

// Order compares stamps.
func Order(a, b Update) int {
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), bytes.Compare(a.Hash[:], b.Hash[:]))
}

// slot is what is at a path: a leaf, or a container.
type slot struct {
	expires uint64
	signed  bool
	leaf    value.Value // nil of a container
	dict    map[string]*child
	list    map[string]*child
}

type child struct {
	key   value.Value // of a Dict entry
	slot  *slot
	order int // of a List member: its last mention
}

// statement is one update while it is applied.
type statement struct {
	Update
	mentions *int
}

// tree applies updates.
func tree(updates []Update) *slot {
	sorted := slices.SortedFunc(slices.Values(updates), Order)
	var root *slot
	mentions := 0
	for _, u := range sorted {
		root = statement{u, &mentions}.at(root, u.Body, u.Expires)
	}
	return root
}

// at gives what is at a path after a value was applied to what was there; nil
// if nothing is there.
func (s statement) at(old *slot, v value.Value, expires uint64) *slot {
	if op, isOp := operatorOf(v); isOp {
		switch op.tag {
		case "$set":
			return s.at(nil, op.args[0], expires)
		case "$remove":
			return nil
		}
		return s.at(old, op.args[0], s.Seq/1000+op.seconds()*1000)
	}
	now := slot{expires: expires, signed: s.Signed}
	switch v := v.(type) {
	case value.Dict:
		now.dict = map[string]*child{}
		if old != nil && old.dict != nil {
			now.dict = old.dict
		}
		for _, e := range v {
			s.entry(now.dict, e, expires)
		}
	case value.List:
		now.list = map[string]*child{}
		if old != nil && old.list != nil {
			now.list = old.list
		}
		for _, m := range v {
			s.member(now.list, m, expires)
		}
	default:
		now.leaf = v
	}
	return &now
}

func (s statement) entry(dict map[string]*child, e value.Entry, expires uint64) {
	key := value.Key(e.Key)
	var old *slot
	if c := dict[key]; c != nil {
		old = c.slot
	}
	if now := s.at(old, e.Value, expires); now != nil {
		dict[key] = &child{key: value.Sorted(e.Key), slot: now}
	} else {
		delete(dict, key)
	}
}

func (s statement) member(list map[string]*child, m value.Value, expires uint64) {
	*s.mentions++
	if op, isOp := operatorOf(m); isOp {
		m = op.args[0]
		if op.tag == "$remove" {
			delete(list, value.Key(m))
			return
		}
		expires = s.Seq/1000 + op.seconds()*1000
	}
	list[value.Key(m)] = &child{slot: &slot{expires: expires, signed: s.Signed, leaf: m}, order: *s.mentions}
}
