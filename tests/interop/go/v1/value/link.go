package value

import (
	"github.com/ipfs/go-cid"
)

// link gives the CID of `link("…")` if its one argument is the canonical text
// of a CID.
func (p Predicate) link() ([]byte, bool) {
	if p.Tag != "link" || len(p.Positional) != 1 || len(p.Named) > 0 {
		return nil, false
	}
	text, ok := textOf(p.Positional[0])
	if !ok {
		return nil, false
	}
	id, err := cid.Decode(text)
	if err != nil || id.String() != text {
		return nil, false
	}
	return id.Bytes(), true
}

func cidText(b []byte) (string, bool) {
	id, err := cid.Cast(b)
	if err != nil {
		return "", false
	}
	return id.String(), true
}
