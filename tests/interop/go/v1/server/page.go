package server

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"sort"

	"smartrecords/interop/v1/canon"
	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// goesOn is the flag of a doc that the next page or part continues.
const goesOn = 4

// get makes the answer without its id: rev, list, after.
func (r *record) get(req wire.Request) (rev, list, after any, err error) {
	path, err := values(req.At)
	if err != nil {
		return nil, nil, nil, err
	}
	if req.Have != nil && req.After == nil && req.Have.Epoch == r.store.epoch && req.Have.Counter >= r.counter {
		return r.rev().Message(), nil, nil, nil
	}
	at, err := readCursor(req)
	if err != nil {
		return nil, nil, nil, err
	}
	if req.As == 1 {
		list, after = pageOfUpdates(r.signed(req.Writers), req, at)
	} else {
		list, after = pageOfDocs(r.selected(req.Writers), path, req, at)
	}
	return r.rev().Message(), list, after, nil
}

func values(nodes [][]byte) ([]value.Value, error) {
	out := make([]value.Value, len(nodes))
	for i, node := range nodes {
		v, err := value.Decode(node)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// cursor says behind what a page begins: behind an update with that hash, or
// behind a leaf of a writer, or behind all of a writer if place is nil.
type cursor struct {
	begun  bool
	behind []byte
	place  document.Place
}

// binding is what a cursor belongs to.
func binding(req wire.Request) []byte {
	writers := slices.Clone(req.Writers)
	slices.SortFunc(writers, bytes.Compare)
	sum := sha256.Sum256(canon.Encode([]any{req.Key, slices.CompactFunc(writers, bytes.Equal), req.As, req.At}))
	return sum[:8]
}

func (c cursor) encode(req wire.Request) []byte {
	place := make([]any, len(c.place))
	for i, key := range c.place {
		place[i] = key
	}
	return canon.Encode([]any{binding(req), c.behind, c.place != nil, place})
}

func readCursor(req wire.Request) (cursor, error) {
	if req.After == nil {
		return cursor{}, nil
	}
	bad := wire.Refuse(wire.Proto).With("limit", "cursor")
	item, err := canon.Decode(req.After)
	list, ok := item.([]any)
	if err != nil || !ok || len(list) != 4 {
		return cursor{}, bad
	}
	bound, ok1 := list[0].([]byte)
	behind, ok2 := list[1].([]byte)
	inside, ok3 := list[2].(bool)
	keys, ok4 := list[3].([]any)
	if !ok1 || !ok2 || !ok3 || !ok4 || !bytes.Equal(bound, binding(req)) {
		return cursor{}, bad
	}
	c := cursor{begun: true, behind: behind}
	if inside {
		c.place = document.Place{}
	}
	for _, one := range keys {
		key, ok := one.([]byte)
		if !ok {
			return cursor{}, bad
		}
		c.place = append(c.place, key)
	}
	return c, nil
}

func pageOfUpdates(all []held, req wire.Request, from cursor) (list, after any) {
	page := []any{}
	bytesLeft := int(req.Max)
	var last []byte
	for _, h := range all {
		if from.begun && bytes.Compare(h.parsed.Hash[:], from.behind) <= 0 {
			continue
		}
		size := len(canon.Encode(h.envelope))
		if size > bytesLeft && len(page) > 0 {
			return page, cursor{behind: last}.encode(req)
		}
		page = append(page, h.envelope)
		bytesLeft -= size
		last = h.parsed.Hash[:]
	}
	return page, nil
}

func pageOfDocs(all []view, path []value.Value, req wire.Request, from cursor) (list, after any) {
	page := []any{}
	bytesLeft := int(req.Max)
	var last []byte
	for _, v := range all {
		order := bytes.Compare(v.peer, from.behind)
		if from.begun && (order < 0 || (order == 0 && from.place == nil)) {
			continue
		}
		root := v.root.At(path)
		if root == nil {
			continue
		}
		var behind document.Place
		if from.begun && order == 0 {
			behind = from.place
		}
		parts := document.Parts(root, behind)
		if len(parts) == 0 {
			continue
		}
		fit, doc := v.fit(root, parts, bytesLeft)
		if fit == 0 && len(page) == 0 {
			fit, doc = 1, v.piece(parts[:1], len(parts) > 1)
		}
		if fit == 0 {
			return page, cursor{behind: last}.encode(req)
		}
		page, last = append(page, doc), v.peer
		bytesLeft -= len(canon.Encode(doc))
		if fit < len(parts) {
			return page, cursor{behind: v.peer, place: parts[fit-1].Place}.encode(req)
		}
	}
	return page, nil
}

// fit gives the most leaves that a doc of so many bytes has, and that doc.
func (v view) fit(root *document.Node, parts []document.Part, size int) (int, any) {
	whole := v.doc(root, 0)
	if len(parts) == len(document.Parts(root, nil)) && len(canon.Encode(whole)) <= size {
		return len(parts), whole
	}
	piece := func(n int) any { return v.piece(parts[:n], n < len(parts)) }
	n := sort.Search(len(parts), func(i int) bool { return len(canon.Encode(piece(i+1))) > size })
	if n == 0 {
		return 0, nil
	}
	return n, piece(n)
}

func (v view) piece(parts []document.Part, more bool) any {
	if more {
		return v.doc(document.Piece(parts), goesOn)
	}
	return v.doc(document.Piece(parts), 0)
}

func (v view) doc(n *document.Node, flags uint64) any {
	return []any{v.peer, v.flags | flags, v.seq, n.Next(), n.Ends(), value.Encode(n.Value())}
}
