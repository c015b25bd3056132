package wire

import (
	"fmt"

	"smartrecords/interop/v1/canon"
)

// The ops.
const (
	OpUpdate  = 1
	OpGet     = 2
	OpQuery   = 3
	OpWatch   = 4
	OpExplain = 5
	OpInfo    = 6
	OpPing    = 7
	OpCancel  = 8
	OpCredit  = 9
)

// Item is one update. Signed is nil for an own update.
type Item struct {
	Signed []byte
	Key    []byte
	Body   []byte
	TTL    uint64
	IfSeq  *uint64
}

// Options are all options of all ops, with their defaults filled in.
type Options struct {
	Writers  [][]byte // nil: all
	As       uint64
	At       [][]byte
	Deadline uint64
	Max      uint64
	Have     *Rev
	After    []byte
	From     *Rev
	Renewed  bool
}

// Request is a request or a control.
type Request struct {
	ID     uint64
	Op     uint64
	Key    []byte
	Items  []Item
	Credit uint64
	Options
}

// ReadHead reads what decides about the stream: the fault is the code of a
// notice. last is the highest id so far.
func ReadHead(message []byte, last uint64) (id, op uint64, list []any, fault *Status) {
	item, err := canon.DecodeMessage(message, requestDepth, requestItems)
	list, ok := item.([]any)
	if err != nil || !ok || len(list) < 2 {
		return 0, 0, nil, Refuse(Proto)
	}
	id, ok = intIn(list[0], 1, MaxID)
	op, ok2 := list[1].(uint64)
	if !ok || !ok2 {
		return 0, 0, nil, Refuse(Proto)
	}
	switch op {
	case OpCancel:
		ok = len(list) == 2 && id <= last
	case OpCredit:
		ok = len(list) == 3 && id <= last
		if ok {
			var n uint64
			n, ok = intIn(list[2], 0, MaxSeq)
			ok = ok && (n == 0 || n >= minCredit)
		}
	default:
		ok = id > last
	}
	if !ok {
		return 0, 0, nil, Refuse(Proto)
	}
	return id, op, list, nil
}

// ReadRequest reads the rest of a request whose head was read. The error is
// the refusal.
func ReadRequest(id, op uint64, list []any) (Request, error) {
	r := Request{ID: id, Op: op, Options: Options{Max: DefaultMax, Deadline: 10_000}}
	elements := map[uint64]int{OpUpdate: 3, OpGet: 3, OpWatch: 4, OpInfo: 2, OpPing: 2, OpCancel: 2, OpCredit: 3}
	names := map[uint64]string{OpUpdate: "ms", OpGet: "w as at ms max have after", OpWatch: "w as at from renewed"}
	count, known := elements[op]
	if !known {
		return r, Refuse(Type).With("name", nameOf(op))
	}
	if len(list) < count || len(list) > count+1 || (len(list) > count && names[op] == "") {
		return r, Refuse(Proto)
	}
	if err := r.readElements(list); err != nil {
		return r, err
	}
	if len(list) > count {
		return r, r.readOptions(list[count], names[op])
	}
	return r, nil
}

func nameOf(op uint64) string {
	switch op {
	case OpQuery:
		return "query"
	case OpExplain:
		return "explain"
	}
	return fmt.Sprint(op)
}

func (r *Request) readElements(list []any) error {
	ok := true
	switch r.Op {
	case OpUpdate:
		items, isList := list[2].([]any)
		if !isList || len(items) < 1 || len(items) > maxItems {
			return Refuse(Proto)
		}
		for _, one := range items {
			item, err := readItem(one)
			if err != nil {
				return err
			}
			r.Items = append(r.Items, item)
		}
	case OpGet, OpWatch:
		key, err := readKey(list[2])
		if err != nil {
			return err
		}
		r.Key = key
		if r.Op == OpWatch {
			r.Credit, ok = intIn(list[3], 0, MaxSeq)
		}
	case OpCredit:
		r.Credit, ok = intIn(list[2], 0, MaxSeq)
	}
	if !ok {
		return Refuse(Proto)
	}
	return nil
}

func readKey(item any) ([]byte, error) {
	key, ok := item.([]byte)
	if !ok {
		return nil, Refuse(Proto)
	}
	if len(key) < 1 || len(key) > maxKey {
		return nil, Over(BadKey, "key", maxKey, len(key))
	}
	return key, nil
}

func readItem(item any) (Item, error) {
	if signed, ok := item.([]byte); ok {
		return Item{Signed: signed}, nil
	}
	list, ok := item.([]any)
	if !ok || len(list) < 2 || len(list) > 4 {
		return Item{}, Refuse(Proto)
	}
	out := Item{}
	if len(list)%2 == 0 {
		seq, isInt := intIn(list[len(list)-1], 0, MaxSeq)
		if !isInt {
			return Item{}, Refuse(Proto)
		}
		out.IfSeq = &seq
	}
	if len(list) == 2 {
		out.Signed, ok = list[0].([]byte)
	} else {
		key, err := readKey(list[0])
		if err != nil {
			return Item{}, err
		}
		var ok2 bool
		out.Key = key
		out.Body, ok = list[1].([]byte)
		out.TTL, ok2 = list[2].(uint64)
		ok = ok && ok2
	}
	if !ok {
		return Item{}, Refuse(Proto)
	}
	return out, nil
}
