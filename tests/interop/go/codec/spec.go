package codec

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"

	xr "github.com/libp2p/go-routing-language/syntax"
)

// Spec is a neutral description of a node. It can say what Go's own JSON
// cannot be read back from: a Float 1.0, or an Int beyond int64.
type Spec struct {
	Bool      *bool      `json:"bool,omitempty"`
	String    *string    `json:"string,omitempty"`
	Int       *string    `json:"int,omitempty"`   // decimal digits
	Float     *string    `json:"float,omitempty"` // 16 hex digits of the float64
	Bytes     *string    `json:"bytes,omitempty"` // hex
	List      *[]Spec    `json:"list,omitempty"`
	Dict      *[][2]Spec `json:"dict,omitempty"`
	Predicate *PredSpec  `json:"predicate,omitempty"`
}

// PredSpec describes a predicate.
type PredSpec struct {
	Tag        string    `json:"tag"`
	Positional []Spec    `json:"positional"`
	Named      [][2]Spec `json:"named"`
}

// Build makes the Go node a spec describes.
func (s Spec) Build() (xr.Node, error) {
	switch {
	case s.Bool != nil:
		return xr.Bool{Value: *s.Bool}, nil
	case s.String != nil:
		return xr.String{Value: *s.String}, nil
	case s.Int != nil:
		n, ok := new(big.Int).SetString(*s.Int, 10)
		if !ok {
			return nil, fmt.Errorf("bad int %q", *s.Int)
		}
		return xr.Int{Int: n}, nil
	case s.Float != nil:
		return buildFloat(*s.Float)
	case s.Bytes != nil:
		b, err := hex.DecodeString(*s.Bytes)
		return xr.Bytes{Bytes: b}, err
	case s.List != nil:
		elements, err := buildAll(*s.List)
		return xr.List{Elements: elements}, err
	case s.Dict != nil:
		pairs, err := buildPairs(*s.Dict)
		return xr.Dict{Pairs: pairs}, err
	case s.Predicate != nil:
		positional, err := buildAll(s.Predicate.Positional)
		if err != nil {
			return nil, err
		}
		named, err := buildPairs(s.Predicate.Named)
		return xr.Predicate{Tag: s.Predicate.Tag, Positional: positional, Named: named}, err
	}
	return nil, fmt.Errorf("empty spec")
}

func buildFloat(digits string) (xr.Node, error) {
	bits, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		return nil, err
	}
	f := math.Float64frombits(bits)
	if math.IsNaN(f) {
		return nil, fmt.Errorf("a Go Float cannot hold NaN")
	}
	return xr.Float{Float: big.NewFloat(f)}, nil
}

func buildAll(specs []Spec) (xr.Nodes, error) {
	out := make(xr.Nodes, 0, len(specs))
	for _, s := range specs {
		n, err := s.Build()
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func buildPairs(specs [][2]Spec) (xr.Pairs, error) {
	out := make(xr.Pairs, 0, len(specs))
	for _, s := range specs {
		k, err := s[0].Build()
		if err != nil {
			return nil, err
		}
		v, err := s[1].Build()
		if err != nil {
			return nil, err
		}
		out = append(out, xr.Pair{Key: k, Value: v})
	}
	return out, nil
}

// Describe is Build the other way round.
func Describe(n xr.Node) (Spec, error) {
	switch v := n.(type) {
	case xr.Bool:
		return Spec{Bool: &v.Value}, nil
	case xr.String:
		return Spec{String: &v.Value}, nil
	case xr.Int:
		s := v.Int.String()
		return Spec{Int: &s}, nil
	case xr.Float:
		f, _ := v.Float.Float64()
		s := fmt.Sprintf("%016x", math.Float64bits(f))
		return Spec{Float: &s}, nil
	case xr.Bytes:
		s := hex.EncodeToString(v.Bytes)
		return Spec{Bytes: &s}, nil
	case xr.List:
		l, err := describeAll(v.Elements)
		return Spec{List: &l}, err
	case xr.Dict:
		d, err := describePairs(v.Pairs)
		return Spec{Dict: &d}, err
	case xr.Predicate:
		positional, err := describeAll(v.Positional)
		if err != nil {
			return Spec{}, err
		}
		named, err := describePairs(v.Named)
		return Spec{Predicate: &PredSpec{v.Tag, positional, named}}, err
	}
	return Spec{}, fmt.Errorf("unknown node type %T", n)
}

func describeAll(nodes xr.Nodes) ([]Spec, error) {
	out := make([]Spec, 0, len(nodes))
	for _, n := range nodes {
		s, err := Describe(n)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func describePairs(pairs xr.Pairs) ([][2]Spec, error) {
	out := make([][2]Spec, 0, len(pairs))
	for _, p := range pairs {
		k, err := Describe(p.Key)
		if err != nil {
			return nil, err
		}
		v, err := Describe(p.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, [2]Spec{k, v})
	}
	return out, nil
}
