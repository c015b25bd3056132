package value

import (
	"bytes"
	"errors"
	"math"
	"math/big"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/wire"
)

// Limits of one value.
const (
	MaxDepth  = 64
	MaxNodes  = 10_000
	MaxSize   = 262_144
	MaxString = 65_536
	MaxBytes  = 262_144
	MaxInt    = 1024
)

// Stats count what the limits bound.
type Stats struct{ Depth, Nodes int }

// Decode reads the natural form of a value. The error is a *wire.Status.
func Decode(b []byte) (Value, error) {
	v, _, err := DecodeStats(b)
	return v, err
}

// DecodeStats also counts.
func DecodeStats(b []byte) (Value, Stats, error) {
	if len(b) > MaxSize {
		return nil, Stats{}, wire.Over(wire.TooLarge, "size", MaxSize, len(b))
	}
	item, err := canon.Decode(b)
	if err != nil {
		return nil, Stats{}, wire.Refuse(wire.Doc)
	}
	var r reader
	v, err := r.value(item, 0)
	if err == nil && !bytes.Equal(Encode(v), b) {
		err = errForm
	}
	if errors.Is(err, errForm) {
		err = wire.Refuse(wire.Doc)
	}
	return v, r.Stats, err
}

var errForm = errors.New("not the natural form of a value")

type reader struct{ Stats }

// value reads a value inside `depth` containers.
func (r *reader) value(item any, depth int) (Value, error) {
	if r.Nodes++; r.Nodes > MaxNodes {
		return nil, wire.Over(wire.Nodes, "nodes", MaxNodes, r.Nodes)
	}
	switch v := item.(type) {
	case bool, float64, string, []byte:
		return leaf(v)
	case []any:
		if len(v) == 0 || v[0] != nil {
			return r.list(v, depth+1)
		}
		return r.escape(v, depth)
	case map[string]any:
		return r.fields(v, depth+1)
	case canon.Tag:
		r.Nodes++
		return r.linkOf(v, depth+1)
	}
	if n, ok := canon.BigInt(item); ok && n.Cmp(minInt) >= 0 {
		return Leaf{n}, nil
	}
	return nil, errForm
}

func leaf(item any) (Value, error) {
	switch v := item.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) || (v == 0 && math.Signbit(v)) {
			return nil, wire.Refuse(wire.Value)
		}
	case string:
		if len(v) > MaxString {
			return nil, wire.Over(wire.Value, "string", MaxString, len(v))
		}
	case []byte:
		if len(v) > MaxBytes {
			return nil, wire.Over(wire.Value, "bytes", MaxBytes, len(v))
		}
	}
	return Leaf{item}, nil
}

func (r *reader) enter(depth int) error {
	r.Depth = max(r.Depth, depth)
	if depth > MaxDepth {
		return wire.Over(wire.Depth, "depth", MaxDepth, depth)
	}
	return nil
}

func (r *reader) list(items []any, depth int) (Value, error) {
	members, err := r.values(items, depth)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, m := range members {
		if key := Key(m); seen[key] {
			return nil, errForm
		} else {
			seen[key] = true
		}
	}
	return List(members), nil
}

func (r *reader) values(items []any, depth int) ([]Value, error) {
	if err := r.enter(depth); err != nil {
		return nil, err
	}
	values := make([]Value, len(items))
	for i, item := range items {
		v, err := r.value(item, depth)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (r *reader) fields(fields map[string]any, depth int) (Value, error) {
	pairs := make([]any, 0, len(fields))
	for key, item := range fields {
		pairs = append(pairs, []any{key, item})
	}
	d, err := r.pairs(pairs, depth)
	if err != nil {
		return nil, err
	}
	SortDict(d)
	return d, nil
}

// pairs reads the entries of a Dict and finds equal keys; that they are sorted
// follows from encoding the result again.
func (r *reader) pairs(items []any, depth int) (Dict, error) {
	d := make(Dict, len(items))
	if err := r.enter(depth); err != nil {
		return nil, err
	}
	last := ""
	sorted := true
	for i, item := range items {
		pair, ok := item.([]any)
		if !ok || len(pair) != 2 {
			return nil, errForm
		}
		both, err := r.values(pair, depth)
		if err != nil {
			return nil, err
		}
		d[i] = Entry{both[0], both[1]}
		key := Key(both[0])
		sorted = sorted && (i == 0 || last < key)
		last = key
	}
	if _, ok := d.natural().(map[string]any); !ok && !sorted {
		return nil, errForm
	}
	return d, nil
}

// escape reads one of the lists that begin with null.
func (r *reader) escape(items []any, depth int) (Value, error) {
	switch len(items) {
	case 2:
		if pairs, ok := items[1].([]any); ok {
			return r.pairs(pairs, depth+1)
		}
	case 3:
		sign, isInt := canon.BigInt(items[1])
		magnitude, isBytes := items[2].([]byte)
		if isInt && isBytes && sign.IsInt64() && (sign.Int64() == 1 || sign.Int64() == -1) {
			if bits := new(big.Int).SetBytes(magnitude).BitLen(); bits > MaxInt {
				return nil, wire.Over(wire.Value, "int", MaxInt, bits)
			}
			return Leaf{sign.Mul(sign, new(big.Int).SetBytes(magnitude))}, nil
		}
	case 4:
		return r.predicate(items, depth+1)
	}
	return nil, errForm
}

func (r *reader) predicate(items []any, depth int) (Value, error) {
	tag, ok := items[1].(string)
	positional, ok2 := items[2].([]any)
	if !ok || !ok2 {
		return nil, errForm
	}
	if len(tag) > MaxString {
		return nil, wire.Over(wire.Value, "string", MaxString, len(tag))
	}
	args, err := r.values(positional, depth)
	if err != nil {
		return nil, err
	}
	var named Dict
	switch v := items[3].(type) {
	case map[string]any:
		var d Value
		if d, err = r.fields(v, depth); err == nil {
			named = d.(Dict)
		}
	case []any:
		pairs, isPairs := []any(nil), false
		if len(v) == 2 && v[0] == nil {
			pairs, isPairs = v[1].([]any)
		}
		if !isPairs {
			return nil, errForm
		}
		named, err = r.pairs(pairs, depth)
	default:
		return nil, errForm
	}
	return Predicate{tag, args, named}, err
}

// linkOf reads a CID behind tag 42; its text counts as a node.
func (r *reader) linkOf(tag canon.Tag, depth int) (Value, error) {
	id, ok := tag.Content.([]byte)
	if !ok || tag.Number != 42 || len(id) == 0 || id[0] != 0 {
		return nil, errForm
	}
	text, ok := cidText(id[1:])
	if !ok {
		return nil, wire.Refuse(wire.Value)
	}
	if err := r.enter(depth); err != nil {
		return nil, err
	}
	return Predicate{"link", []Value{Leaf{text}}, nil}, nil
}
