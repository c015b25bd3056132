// Package canon reads and writes canonical dag-cbor with a stock CBOR library,
// fxamacker/cbor. Bytes are canonical exactly when the decoded items encode to
// the same bytes, so that the library's encoder decides, and no rule is
// written twice.
package canon

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

// Raw is one item that was not decoded.
type Raw = cbor.RawMessage

// Tag is a tagged item.
type Tag = cbor.Tag

// MaxInt is the largest integer of a message.
const MaxInt = 1<<53 - 1

// ErrForm says that bytes are not the canonical form of anything allowed.
var ErrForm = errors.New("not canonical dag-cbor")

var enc = must(cbor.EncOptions{
	Sort:          cbor.SortCoreDeterministic,
	ShortestFloat: cbor.ShortestFloatNone,
	NaNConvert:    cbor.NaNConvertNone,
	InfConvert:    cbor.InfConvertNone,
	BigIntConvert: cbor.BigIntConvertShortest,
	IndefLength:   cbor.IndefLengthForbidden,
}.EncMode())

var dec = must(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	IndefLength:      cbor.IndefLengthForbidden,
	MaxNestedLevels:  65535,
	MaxArrayElements: math.MaxInt32,
	MaxMapPairs:      math.MaxInt32,
	DefaultMapType:   reflect.TypeFor[map[string]any](),
}.DecMode())

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Encode writes nil, bool, integers, float64, string, []byte, []any,
// map[string]any and Tag. It panics for anything else: that is a fault of the
// program, not of a peer.
func Encode(item any) []byte {
	return must(enc.Marshal(item))
}

// Decode reads one canonical item, tags and floats included.
func Decode(b []byte) (any, error) {
	var item any
	if err := dec.Unmarshal(b, &item); err != nil {
		return nil, errors.Join(ErrForm, err)
	}
	again, err := enc.Marshal(item)
	if err != nil || !bytes.Equal(again, b) {
		return nil, ErrForm
	}
	return item, nil
}

// Elements splits a list, whose own head is canonical, into its undecoded
// elements.
func Elements(b []byte) ([]Raw, error) {
	var list []Raw
	if err := dec.Unmarshal(b, &list); err != nil {
		return nil, errors.Join(ErrForm, err)
	}
	if again, err := enc.Marshal(list); err != nil || !bytes.Equal(again, b) {
		return nil, ErrForm
	}
	return list, nil
}

// DecodeMessage reads one canonical item of a message: no tags, no floats,
// integers of at most 53 bits, and no more depth and items than allowed.
func DecodeMessage(b []byte, depth, items int) (any, error) {
	item, err := Decode(b)
	if err != nil {
		return nil, err
	}
	left := items
	if !plain(item, depth, &left) || left < 0 {
		return nil, ErrForm
	}
	return item, nil
}

// plain also counts the items, map keys included.
func plain(item any, depth int, left *int) bool {
	*left--
	switch v := item.(type) {
	case nil, bool, string, []byte:
		return true
	case uint64:
		return v <= MaxInt
	case int64:
		return v >= -MaxInt
	case []any:
		for _, one := range v {
			if !plain(one, depth-1, left) {
				return false
			}
		}
		return depth > 0
	case map[string]any:
		*left -= len(v)
		for _, one := range v {
			if !plain(one, depth-1, left) {
				return false
			}
		}
		return depth > 0
	}
	return false
}

// BigInt gives the integer that an item stands for.
func BigInt(item any) (*big.Int, bool) {
	switch v := item.(type) {
	case uint64:
		return new(big.Int).SetUint64(v), true
	case int64:
		return big.NewInt(v), true
	case big.Int:
		return &v, true
	}
	return nil, false
}
