package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/libp2p/go-libp2p/core/peer"

	"smartrecords/interop/v1/client"
	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// hexBytes are bytes as hex in JSON.
type hexBytes []byte

func (b hexBytes) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(b)) }

func (b *hexBytes) UnmarshalJSON(text []byte) error {
	var s *string
	if err := json.Unmarshal(text, &s); err != nil || s == nil {
		return err
	}
	bytes, err := hex.DecodeString(*s)
	*b = bytes
	return err
}

type object = map[string]any

func each[In, Out any](in []In, form func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, one := range in {
		out[i] = form(one)
	}
	return out
}

// refused turns a status into a value; other errors stay errors.
func refused(err error) (any, error) {
	var status *wire.Status
	if errors.As(err, &status) {
		return statusOut(status), nil
	}
	return nil, err
}

func statusOut(s *wire.Status) object {
	return object{"code": s.Code, "detail": diagnostic(s.Detail)}
}

// diagnostic makes items of messages fit for JSON: bytes become hex.
func diagnostic(item any) any {
	switch v := item.(type) {
	case []byte:
		return hexBytes(v)
	case []any:
		return each(v, diagnostic)
	case map[string]any:
		out := object{}
		for key, one := range v {
			out[key] = diagnostic(one)
		}
		return out
	}
	return item
}

type revForm struct {
	Epoch   hexBytes `json:"epoch"`
	Counter uint64   `json:"counter"`
}

func revOut(r *wire.Rev) any {
	if r == nil {
		return nil
	}
	return revForm{r.Epoch[:], r.Counter}
}

// optionsIn are the options of get and watch; those left out are not sent.
type optionsIn struct {
	Writers []string   `json:"w"`
	As      *uint64    `json:"as"`
	At      []hexBytes `json:"at"`
	Max     *uint64    `json:"max"`
	Have    *revForm   `json:"have"`
	From    *revForm   `json:"from"`
	After   hexBytes   `json:"after"`
	Renewed bool       `json:"renewed"`
}

func (o optionsIn) message() client.Options {
	out := client.Options{}
	if o.Writers != nil {
		list := []any{}
		for _, text := range o.Writers {
			id, err := peer.Decode(text)
			if err != nil {
				panic(err)
			}
			list = append(list, []byte(id))
		}
		out["w"] = list
	}
	if o.As != nil {
		out["as"] = *o.As
	}
	if o.At != nil {
		out["at"] = each(o.At, func(b hexBytes) any { return []byte(b) })
	}
	if o.Max != nil {
		out["max"] = *o.Max
	}
	for name, rev := range map[string]*revForm{"have": o.Have, "from": o.From} {
		if rev != nil {
			out[name] = []any{[]byte(rev.Epoch), rev.Counter}
		}
	}
	if o.After != nil {
		out["after"] = []byte(o.After)
	}
	if o.Renewed {
		out["renewed"] = true
	}
	return out
}

func resultOut(r client.Result) object {
	if r.Refused != nil {
		return statusOut(r.Refused)
	}
	return object{
		"code": 0, "flags": r.Flags, "seq": r.Seq, "counter": r.Counter, "expires": r.Expires, "charge": r.Charge,
	}
}

func idOut(id []byte) string { return peer.ID(id).String() }

func docOut(d client.Doc) object {
	return object{
		"peer": idOut(d.Peer), "flags": d.Flags, "seq": d.Seq, "next": d.Next, "ends": d.Ends, "tree": treeOut(d.Tree),
	}
}

func treeOut(v value.Value) any {
	if v == nil {
		return nil
	}
	return hexBytes(value.Encode(v))
}

func gotOut(g client.Got) object {
	out := object{"code": 0, "rev": revOut(&g.Rev), "after": nil}
	if g.After != nil {
		out["after"] = hexBytes(g.After)
	}
	if g.Docs != nil {
		out["docs"] = each(g.Docs, docOut)
	}
	if g.Updates != nil {
		out["updates"] = each(g.Updates, func(b []byte) hexBytes { return b })
	}
	return out
}

func eventOut(e document.Event) object {
	return object{
		"cause":   e.Cause,
		"path":    each(e.Path, func(key value.Value) hexBytes { return value.Encode(key) }),
		"value":   treeOut(e.Value),
		"expires": e.Expires,
	}
}

func partOut(p client.Part, w *client.Watch) object {
	docs := object{}
	for id, tree := range w.Docs {
		docs[idOut([]byte(id))] = treeOut(tree)
	}
	changes := each(p.Changes, func(c client.Change) object {
		return object{
			"peer": idOut(c.Peer), "flags": c.Flags, "seq": c.Seq, "next": c.Next, "ends": c.Ends,
			"events": each(c.Events, eventOut),
		}
	})
	return object{
		"code": 1, "kind": p.Kind, "counter": p.Counter, "why": p.Why, "rev": revOut(p.Rev), "bytes": p.Bytes,
		"docs": each(p.Docs, docOut), "changes": changes,
		"updates": each(p.Updates, func(b []byte) hexBytes { return b }),
		"joined":  docs, "resume": revOut(w.Resume),
	}
}
