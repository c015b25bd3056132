package document

import (
	"slices"

	"smartrecords/interop/v1/value"
)

// The causes of events, section 8.
const (
	Set      = 0
	Removed  = 1
	Expired  = 2
	Renewed  = 3
	OfMember = 4 // added: the value is a member of the List at the path
)

// Event is one change of a document.
type Event struct {
	Cause   uint64
	Path    []value.Value
	Value   value.Value // nil if it is gone, unless it was a member
	Expires uint64
}

// differ collects events.
type differ struct {
	now     uint64
	renewed bool
	events  []Event
}

// Diff gives the events between two views, either of which may be nil.
func Diff(before, after *Node, now uint64, renewed bool) []Event {
	d := &differ{now: now, renewed: renewed}
	d.part(nil, before, after)
	return d.events
}

func (d *differ) gone(path []value.Value, n *Node, member uint64) {
	e := Event{Cause: Removed + member, Path: path}
	if n.Ends() <= d.now {
		e.Cause = Expired + member
	}
	if member != 0 {
		e.Value = n.Value()
	}
	d.events = append(d.events, e)
}

func (d *differ) is(cause uint64, path []value.Value, n *Node) {
	d.events = append(d.events, Event{cause, path, n.Value(), n.Ends()})
}

func (d *differ) part(path []value.Value, before, after *Node) {
	switch {
	case before == nil && after == nil:
	case after == nil:
		d.gone(path, before, 0)
	case before == nil || kind(before) != kind(after):
		d.is(Set, path, after)
	case after.Leaf != nil:
		d.same(Set, path, before, after, 0)
	case after.IsList:
		d.list(path, before, after)
	default:
		d.dict(path, before, after)
	}
}

func kind(n *Node) [2]bool { return [2]bool{n.Leaf != nil, n.IsList} }

// same compares two leaves, or two containers whose content was compared.
func (d *differ) same(changed uint64, path []value.Value, before, after *Node, member uint64) {
	switch {
	case !value.Equal(before.Value(), after.Value()):
		d.is(changed+member, path, after)
	case d.renewed && before.Expires != after.Expires && after.Empty():
		d.is(Renewed+member, path, after)
	}
}

func (d *differ) dict(path []value.Value, before, after *Node) {
	for _, f := range before.Fields {
		if after.At([]value.Value{f.Key}) == nil {
			d.gone(with(path, f.Key), f.Node, 0)
		}
	}
	for _, f := range after.Fields {
		d.part(with(path, f.Key), before.At([]value.Value{f.Key}), f.Node)
	}
	if before.Empty() && after.Empty() {
		d.same(Set, path, before, after, 0)
	}
}

func (d *differ) list(path []value.Value, before, after *Node) {
	for _, m := range before.Members {
		if after.member(m) == nil {
			d.gone(path, m, OfMember)
		}
	}
	for _, m := range after.Members {
		if old := before.member(m); old == nil {
			d.is(Set+OfMember, path, m)
		} else {
			d.same(Set, path, old, m, OfMember)
		}
	}
	if before.Empty() && after.Empty() {
		d.same(Set, path, before, after, 0)
	}
}

func (n *Node) member(like *Node) *Node {
	i := slices.IndexFunc(n.Members, func(m *Node) bool { return value.Equal(m.Leaf, like.Leaf) })
	if i < 0 {
		return nil
	}
	return n.Members[i]
}

func with(path []value.Value, key value.Value) []value.Value {
	return append(slices.Clone(path), key)
}
