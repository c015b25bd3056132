package client

import (
	"bytes"
	"context"
	"maps"

	"smartrecords/interop/v1/document"
	"smartrecords/interop/v1/wire"
)

// All is what a record shows, its pages joined. Rev is that of the first page.
type All struct {
	Rev       wire.Rev
	Unchanged bool
	Pages     int
	Docs      []Doc
}

// GetAll reads page after page.
func (c *Client) GetAll(ctx context.Context, key []byte, options Options) (All, error) {
	all := All{}
	options = maps.Clone(options)
	for {
		got, err := c.Get(ctx, key, options)
		if err != nil {
			return All{}, err
		}
		if all.Pages == 0 {
			all.Rev, all.Unchanged = got.Rev, got.Docs == nil
		}
		all.Pages++
		for _, d := range got.Docs {
			all.add(d)
		}
		if got.After == nil {
			return all, nil
		}
		options["after"] = got.After
	}
}

// add joins a piece to the last document if it is of the same writer.
func (a *All) add(d Doc) {
	const signed, forked = 1, 2
	last := len(a.Docs) - 1
	if last < 0 || !bytes.Equal(a.Docs[last].Peer, d.Peer) {
		a.Docs = append(a.Docs, d)
		return
	}
	old := a.Docs[last]
	a.Docs[last] = Doc{
		Peer:  d.Peer,
		Flags: old.Flags&d.Flags&signed | (old.Flags|d.Flags)&forked,
		Seq:   max(old.Seq, d.Seq),
		Next:  min(old.Next, d.Next),
		Ends:  max(old.Ends, d.Ends),
		Tree:  document.Join(old.Tree, d.Tree),
	}
}
