// Package value holds the values of section 3 of PROTOCOL.md.
package value

import (
	"bytes"
	"math/big"
	"slices"
	"strings"

	"smartrecords/interop/v1/canon"
)

// Value is a Leaf, a List, a Dict or a Predicate.
type Value interface{ natural() any }

// Leaf is a bool, string, *big.Int, float64 or []byte.
type Leaf struct{ Of any }

// List is a set with an order.
type List []Value

// Dict has its entries in canonical order.
type Dict []Entry

// Entry is one key of a Dict and what is under it.
type Entry struct{ Key, Value Value }

// Predicate is a tag with arguments.
type Predicate struct {
	Tag        string
	Positional []Value
	Named      Dict
}

var (
	maxUint = new(big.Int).SetUint64(1<<64 - 1)
	minInt  = new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 64))
)

func (l Leaf) natural() any {
	n, ok := l.Of.(*big.Int)
	if !ok {
		return l.Of
	}
	if n.Cmp(minInt) >= 0 && n.Cmp(maxUint) <= 0 {
		return n
	}
	return []any{nil, n.Sign(), n.Bytes()}
}

func (l List) natural() any {
	return naturals(l)
}

func naturals(values []Value) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v.natural()
	}
	return list
}

// A Dict is a map if all its keys are Strings but "/", else a list of pairs.
func (d Dict) natural() any {
	fields := make(map[string]any, len(d))
	for _, e := range d {
		key, ok := textOf(e.Key)
		if !ok || key == "/" {
			return []any{nil, d.pairs()}
		}
		fields[key] = e.Value.natural()
	}
	return fields
}

func (d Dict) pairs() []any {
	pairs := make([]any, len(d))
	for i, e := range d {
		pairs[i] = []any{e.Key.natural(), e.Value.natural()}
	}
	return pairs
}

func (p Predicate) natural() any {
	if id, ok := p.link(); ok {
		return canon.Tag{Number: 42, Content: append([]byte{0}, id...)}
	}
	return []any{nil, p.Tag, naturals(p.Positional), p.Named.natural()}
}

func textOf(v Value) (string, bool) {
	leaf, ok := v.(Leaf)
	if !ok {
		return "", false
	}
	text, ok := leaf.Of.(string)
	return text, ok
}

// Encode gives the natural form.
func Encode(v Value) []byte {
	return canon.Encode(v.natural())
}

// Canonical gives the identity of a value: its natural form with the members
// of each List sorted.
func Canonical(v Value) []byte {
	return Encode(Sorted(v))
}

// Key is Canonical as a key of Go maps.
func Key(v Value) string {
	return string(Canonical(v))
}

// Sorted gives an equal value, in which the members of each List are in
// canonical order.
func Sorted(v Value) Value {
	switch v := v.(type) {
	case List:
		members := make(List, len(v))
		for i, m := range v {
			members[i] = Sorted(m)
		}
		slices.SortFunc(members, func(a, b Value) int { return bytes.Compare(Encode(a), Encode(b)) })
		return members
	case Dict:
		return sortedDict(v)
	case Predicate:
		p := Predicate{Tag: v.Tag, Positional: make([]Value, len(v.Positional)), Named: sortedDict(v.Named)}
		for i, a := range v.Positional {
			p.Positional[i] = Sorted(a)
		}
		return p
	}
	return v
}

func sortedDict(d Dict) Dict {
	entries := make(Dict, len(d))
	for i, e := range d {
		entries[i] = Entry{Sorted(e.Key), Sorted(e.Value)}
	}
	return entries
}

// SortDict puts entries into canonical order.
func SortDict(d Dict) {
	slices.SortFunc(d, func(a, b Entry) int { return strings.Compare(Key(a.Key), Key(b.Key)) })
}

// Equal compares by canonical bytes.
func Equal(a, b Value) bool {
	return bytes.Equal(Canonical(a), Canonical(b))
}
