package wire

import (
	"slices"
	"strings"
)

func (r *Request) readOptions(item any, names string) error {
	options, ok := item.(map[string]any)
	if !ok {
		return Refuse(Proto)
	}
	known := strings.Fields(names)
	for name := range options {
		if !slices.Contains(known, name) {
			return Refuse(Unsupported).With("name", name)
		}
	}
	for name, v := range options {
		if !r.option(name, v) {
			return Refuse(Proto).With("limit", name)
		}
	}
	for _, name := range []string{"at", "renewed"} {
		if _, given := options[name]; given && r.As == 1 {
			return Refuse(Unsupported).With("name", name)
		}
	}
	return nil
}

// option reads one option and tells whether its type and range are right.
func (r *Request) option(name string, v any) (ok bool) {
	switch name {
	case "w":
		r.Writers, ok = listOf(v, 1, maxItems, func(one any) ([]byte, bool) { return bytesIn(one, minPeer, maxPeer) })
	case "as":
		r.As, ok = intIn(v, 0, 1)
	case "at":
		r.At, ok = listOf(v, 0, maxPath, anyBytes)
	case "ms":
		r.Deadline, ok = intIn(v, 1, maxWait)
	case "max":
		r.Max, ok = intIn(v, minMax, maxMax)
	case "have":
		r.Have, ok = strictRev(v)
	case "from":
		r.From, ok = strictRev(v)
	case "after":
		r.After, ok = bytesIn(v, 1, maxCursor)
	case "renewed":
		r.Renewed, ok = v.(bool)
		ok = ok && r.Renewed
	}
	return ok
}

func strictRev(v any) (*Rev, bool) {
	rev, ok := RevOf(v)
	list, _ := v.([]any)
	return &rev, ok && len(list) == 2
}
