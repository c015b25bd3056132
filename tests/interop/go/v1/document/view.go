package document

import (
	"cmp"
	"slices"
	"strings"

	"smartrecords/interop/v1/value"
)

// Node is a part of what shows at one instant.
type Node struct {
	Expires uint64 // of the part itself, ms
	Signed  bool
	Leaf    value.Value // nil of a container
	IsList  bool
	Fields  []Field // of a Dict, in canonical order
	Members []*Node // of a List, in their order
}

// Field is an entry of a Dict.
type Field struct {
	Key  value.Value
	Node *Node
}

// Show gives what shows at a time in ms; nil if nothing does.
func Show(updates []Update, now uint64) *Node {
	return tree(updates).show(now)
}

func (s *slot) show(now uint64) *Node {
	if s == nil {
		return nil
	}
	n := &Node{Expires: s.expires, Signed: s.signed, Leaf: s.leaf, IsList: s.list != nil}
	for _, c := range s.dict {
		if inside := c.slot.show(now); inside != nil {
			n.Fields = append(n.Fields, Field{c.key, inside})
		}
	}
	slices.SortFunc(n.Fields, func(a, b Field) int { return strings.Compare(value.Key(a.Key), value.Key(b.Key)) })
	members := make([]*child, 0, len(s.list))
	for _, c := range s.list {
		if c.slot.expires > now {
			members = append(members, c)
		}
	}
	slices.SortFunc(members, func(a, b *child) int { return cmp.Compare(a.order, b.order) })
	for _, c := range members {
		n.Members = append(n.Members, c.slot.show(now))
	}
	if n.Empty() && s.expires <= now {
		return nil
	}
	return n
}

// Empty tells whether there is nothing in it: leaves are empty, too.
func (n *Node) Empty() bool { return len(n.Fields)+len(n.Members) == 0 }

func (n *Node) children() []*Node {
	all := slices.Clone(n.Members)
	for _, f := range n.Fields {
		all = append(all, f.Node)
	}
	return all
}

// Value is the value that a part is.
func (n *Node) Value() value.Value {
	switch {
	case n.Leaf != nil:
		return n.Leaf
	case n.IsList:
		list := make(value.List, len(n.Members))
		for i, m := range n.Members {
			list[i] = m.Leaf
		}
		return list
	}
	dict := make(value.Dict, len(n.Fields))
	for i, f := range n.Fields {
		dict[i] = value.Entry{Key: f.Key, Value: f.Node.Value()}
	}
	return dict
}

// Next is when the first part without content expires. A container with
// content goes on while there is content.
func (n *Node) Next() uint64 {
	if n.Empty() {
		return n.Expires
	}
	next := ^uint64(0)
	for _, c := range n.children() {
		next = min(next, c.Next())
	}
	return next
}

// Ends is when the last of it expires.
func (n *Node) Ends() uint64 {
	ends := n.Expires
	for _, c := range n.children() {
		ends = max(ends, c.Ends())
	}
	return ends
}

// AllSigned tells whether all that shows comes from signed updates.
func (n *Node) AllSigned() bool {
	return n.Signed && !slices.ContainsFunc(n.children(), func(c *Node) bool { return !c.AllSigned() })
}

// At gives the part at a path, nil if nothing is there.
func (n *Node) At(path []value.Value) *Node {
	for _, key := range path {
		if n == nil {
			return nil
		}
		i := slices.IndexFunc(n.Fields, func(f Field) bool { return value.Equal(f.Key, key) })
		if i < 0 {
			return nil
		}
		n = n.Fields[i].Node
	}
	return n
}
