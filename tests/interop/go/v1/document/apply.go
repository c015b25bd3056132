package document

import (
	"slices"

	"smartrecords/interop/v1/value"
)

// Apply gives a tree after an event; nil is a tree in which nothing shows.
func Apply(tree value.Value, e Event) value.Value {
	return applyAt(tree, e.Path, e)
}

func applyAt(tree value.Value, path []value.Value, e Event) value.Value {
	if len(path) == 0 {
		return e.here(tree)
	}
	dict, _ := tree.(value.Dict)
	dict = slices.Clone(dict)
	i := slices.IndexFunc(dict, func(one value.Entry) bool { return value.Equal(one.Key, path[0]) })
	var old value.Value
	if i >= 0 {
		old = dict[i].Value
	}
	now := applyAt(old, path[1:], e)
	switch {
	case now == nil && i >= 0:
		dict = slices.Delete(dict, i, i+1)
	case now != nil && i >= 0:
		dict[i].Value = now
	case now != nil:
		dict = append(dict, value.Entry{Key: path[0], Value: now})
		value.SortDict(dict)
	}
	return dict
}

func (e Event) here(old value.Value) value.Value {
	gone := e.Cause&^OfMember == Removed || e.Cause&^OfMember == Expired
	if e.Cause&OfMember == 0 {
		if gone {
			return nil
		}
		return e.Value
	}
	list, _ := old.(value.List)
	list = slices.Clone(list)
	i := slices.IndexFunc(list, func(m value.Value) bool { return value.Equal(m, e.Value) })
	switch {
	case gone && i >= 0:
		list = slices.Delete(list, i, i+1)
	case !gone && i < 0:
		list = append(list, e.Value)
	}
	return list
}
