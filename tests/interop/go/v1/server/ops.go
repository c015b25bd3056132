package server

import (
	"smartrecords/interop/v1/wire"
)

// carryOut does what a request asks. The error is the refusal.
func (s *session) carryOut(req wire.Request) error {
	switch req.Op {
	case wire.OpUpdate:
		results := make([]any, len(req.Items))
		for i, item := range req.Items {
			results[i] = s.store.apply(item, s.peer)
		}
		s.answer(req.ID, results)
	case wire.OpGet:
		r := s.store.record(req.Key)
		r.expire(nowMs())
		rev, list, after, err := r.get(req)
		if err != nil {
			return err
		}
		s.answer(req.ID, rev, list, after)
	case wire.OpWatch:
		return s.watch(req)
	case wire.OpInfo:
		s.answer(req.ID, s.info())
	case wire.OpPing:
		s.answer(req.ID, nowMs())
	case wire.OpCancel:
		if w := s.watches[req.ID]; w != nil {
			s.stop(w, wire.Refuse(wire.Cancelled))
		}
	case wire.OpCredit:
		if w := s.watches[req.ID]; w != nil {
			w.credit = min(w.credit+int64(req.Credit), wire.MaxSeq)
			w.marks = w.marks || req.Credit == 0
			w.pump()
		}
	}
	return nil
}

func (s *session) watch(req wire.Request) error {
	if len(s.watches) >= maxWatches {
		return wire.Over(wire.Busy, "watches", maxWatches, len(s.watches)+1)
	}
	path, err := values(req.At)
	if err != nil {
		return err
	}
	r := s.store.record(req.Key)
	r.expire(nowMs())
	w := &watch{session: s, record: r, req: req, path: path, credit: int64(req.Credit)}
	s.watches[req.ID] = w
	r.watches = append(r.watches, w)
	w.begin()
	return nil
}

func (s *session) stop(w *watch, status *wire.Status) {
	w.end()
	delete(s.watches, w.req.ID)
	s.send(refusal(w.req.ID, status))
}

func (s *session) info() any {
	return map[string]any{
		"v":     "1.0.0",
		"id":    s.store.self,
		"net":   s.store.network,
		"now":   nowMs(),
		"epoch": s.store.epoch[:],
		"merge": "merge/1",
		"can":   []any{"watch"},
		"tags":  []any{},
		"you":   map[string]any{},
		"limits": map[string]any{
			"frame": wire.MaxFrame, "messageDepth": 8, "messageItems": 4096, "items": 256,
			"key": 1024, "maxTtl": maxTTL, "watches": maxWatches, "pageBytes": maxPart,
		},
	}
}
