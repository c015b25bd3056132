package document

import (
	"bytes"
	"slices"

	"smartrecords/interop/v1/value"
)

// Place is where a leaf is: the canonical bytes of the keys on the way to it,
// and of itself if it is a member.
type Place [][]byte

// ComparePlaces is the canonical order of leaves.
func ComparePlaces(a, b Place) int { return slices.CompareFunc(a, b, bytes.Compare) }

// Part is a leaf of a document, section 7.
type Part struct {
	Place  Place
	around []*Node // the containers it is in, from the root on
	path   []value.Value
	leaf   *Node
}

// Parts gives the leaves of a view behind a place, in canonical order. The
// place nil is before all of them.
func Parts(n *Node, after Place) []Part {
	all := collect(n, Part{}, nil)
	slices.SortFunc(all, func(a, b Part) int { return ComparePlaces(a.Place, b.Place) })
	return slices.DeleteFunc(all, func(p Part) bool { return after != nil && ComparePlaces(p.Place, after) <= 0 })
}

// collect adds the leaves in a part to those before.
func collect(n *Node, at Part, parts []Part) []Part {
	if n.Empty() {
		at.leaf = n
		return append(parts, at)
	}
	at.around = append(slices.Clone(at.around), n)
	within := func(key value.Value) Place { return append(slices.Clone(at.Place), value.Canonical(key)) }
	for _, m := range n.Members {
		parts = append(parts, Part{within(m.Leaf), at.around, at.path, m})
	}
	for _, f := range n.Fields {
		parts = collect(f.Node, Part{within(f.Key), at.around, with(at.path, f.Key), nil}, parts)
	}
	return parts
}

// Piece gives the view in which only some leaves show. The members of a List
// have the order of the parts.
func Piece(parts []Part) *Node {
	var root *Node
	for _, p := range parts {
		root = p.into(root, 0)
	}
	return root
}

// into puts the leaf into the piece of the container that is so deep.
func (p Part) into(n *Node, depth int) *Node {
	if depth == len(p.around) {
		return p.leaf
	}
	if n == nil {
		whole := p.around[depth]
		n = &Node{Expires: whole.Expires, Signed: whole.Signed, IsList: whole.IsList}
	}
	if n.IsList {
		n.Members = append(n.Members, p.leaf)
		return n
	}
	key := p.path[depth]
	// parts come in canonical order, so the field is the last one or a new one
	last := len(n.Fields) - 1
	if last < 0 || !value.Equal(n.Fields[last].Key, key) {
		n.Fields = append(n.Fields, Field{key, nil})
		last++
	}
	n.Fields[last].Node = p.into(n.Fields[last].Node, depth+1)
	return n
}

// Join puts the pieces of one document together, in the order of the pages.
func Join(a, b value.Value) value.Value {
	switch later := b.(type) {
	case value.Dict:
		if earlier, ok := a.(value.Dict); ok {
			return joinDicts(earlier, later)
		}
	case value.List:
		if earlier, ok := a.(value.List); ok {
			joined := slices.Clone(earlier)
			for _, m := range later {
				if !slices.ContainsFunc(joined, func(old value.Value) bool { return value.Equal(old, m) }) {
					joined = append(joined, m)
				}
			}
			return joined
		}
	}
	return b
}

func joinDicts(earlier, later value.Dict) value.Dict {
	joined := slices.Clone(earlier)
	for _, e := range later {
		i := slices.IndexFunc(joined, func(old value.Entry) bool { return value.Equal(old.Key, e.Key) })
		if i < 0 {
			joined = append(joined, e)
		} else {
			joined[i].Value = Join(joined[i].Value, e.Value)
		}
	}
	value.SortDict(joined)
	return joined
}
