// Package codec answers codec questions with Go's own codec, in bulk, so that
// another implementation can be compared with it value by value.
package codec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	xr "github.com/libp2p/go-routing-language/syntax"

	"smartrecords/interop/lines"
)

// Input is one node in any of the forms a question may use.
type Input struct {
	JSON *string `json:"json,omitempty"` // Go JSON text
	Hex  *string `json:"hex,omitempty"`  // the same as hex, for text that is not UTF-8
	CBOR *string `json:"cbor,omitempty"` // hex
	Spec *Spec   `json:"spec,omitempty"`
}

// Node reads the input with Go's decoder, or builds it from the spec.
func (in Input) Node() (xr.Node, error) {
	switch {
	case in.JSON != nil:
		return xr.UnmarshalJSON([]byte(*in.JSON))
	case in.Hex != nil:
		b, err := hex.DecodeString(*in.Hex)
		if err != nil {
			return nil, err
		}
		return xr.UnmarshalJSON(b)
	case in.CBOR != nil:
		b, err := hex.DecodeString(*in.CBOR)
		if err != nil {
			return nil, err
		}
		return xr.UnmarshalCBOR(b)
	case in.Spec != nil:
		return in.Spec.Build()
	}
	return nil, fmt.Errorf("a value needs json, hex, cbor or spec")
}

// Text is bytes for a JSON answer: as text where that loses nothing.
type Text struct {
	Text string `json:"text,omitempty"`
	Hex  string `json:"hex,omitempty"`
}

func textOf(b []byte) *Text {
	if utf8.Valid(b) {
		return &Text{Text: string(b)}
	}
	return &Text{Hex: hex.EncodeToString(b)}
}

// Pretty gives what WritePretty writes.
func Pretty(n xr.Node) ([]byte, error) {
	var b bytes.Buffer
	err := n.WritePretty(&b)
	return b.Bytes(), err
}

type result struct {
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
	JSON   *Text  `json:"json,omitempty"`
	CBOR   string `json:"cbor,omitempty"`
	Pretty *Text  `json:"pretty,omitempty"`
	Spec   *Spec  `json:"spec,omitempty"`
	Equal  *bool  `json:"equal,omitempty"`
}

// Commands: each takes `values` and answers one result per value, in order.
//
//	marshal   -> Go JSON text and CBOR
//	print     -> WritePretty text
//	describe  -> the neutral spec
//	equal     -> values are pairs {a, b}; answers xr.IsEqual(a, b)
func Commands() lines.Table {
	return lines.Table{
		"marshal":  batch(marshal),
		"print":    batch(pretty),
		"describe": batch(describe),
		"equal":    equal,
	}
}

func batch(one func(xr.Node) (result, error)) lines.Handler {
	return func(raw json.RawMessage) (interface{}, error) {
		var req struct {
			Values []Input `json:"values"`
		}
		if err := json.Unmarshal(raw, &req); err != nil {
			return nil, err
		}
		out := make([]result, len(req.Values))
		for i, in := range req.Values {
			out[i] = guard(func() (result, error) {
				n, err := in.Node()
				if err != nil {
					return result{}, err
				}
				return one(n)
			})
		}
		return out, nil
	}
}

// guard keeps one bad value from losing the whole batch.
func guard(f func() (result, error)) (r result) {
	defer func() {
		if p := recover(); p != nil {
			r = result{Error: fmt.Sprintf("panic: %v", p)}
		}
	}()
	r, err := f()
	if err != nil {
		return result{Error: err.Error()}
	}
	r.OK = true
	return r
}

func marshal(n xr.Node) (result, error) {
	j, err := xr.MarshalJSON(n)
	if err != nil {
		return result{}, err
	}
	c, err := xr.MarshalCBOR(n)
	return result{JSON: textOf(j), CBOR: hex.EncodeToString(c)}, err
}

func pretty(n xr.Node) (result, error) {
	b, err := Pretty(n)
	return result{Pretty: textOf(b)}, err
}

func describe(n xr.Node) (result, error) {
	s, err := Describe(n)
	return result{Spec: &s}, err
}

func equal(raw json.RawMessage) (interface{}, error) {
	var req struct {
		Values []struct{ A, B Input } `json:"values"`
	}
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	out := make([]result, len(req.Values))
	for i, v := range req.Values {
		out[i] = guard(func() (result, error) {
			a, err := v.A.Node()
			if err != nil {
				return result{}, err
			}
			b, err := v.B.Node()
			if err != nil {
				return result{}, err
			}
			same := xr.IsEqual(a, b)
			return result{Equal: &same}, nil
		})
	}
	return out, nil
}
