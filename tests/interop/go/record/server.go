package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p-core/host"
	xr "github.com/libp2p/go-routing-language/syntax"
	"github.com/libp2p/go-smart-record/protocol"
	"github.com/libp2p/go-smart-record/vm"

	"smartrecords/interop/lines"
)

// serve starts the reference's own server on the host.
func serve(ctx context.Context, h host.Host, gcPeriod time.Duration) (lines.Table, error) {
	srv, err := protocol.NewSmartRecordServer(ctx, h, protocol.VMGcPeriod(gcPeriod))
	if err != nil {
		return nil, err
	}
	return lines.Table{
		"inspect":     inspect(srv),
		"updateLocal": updateLocal(srv),
	}, nil
}

// inspect says what the server's machine holds for a key, without the wire.
func inspect(srv protocol.SmartRecordServer) lines.Handler {
	return func(msg json.RawMessage) (interface{}, error) {
		var r struct{ Key, KeyHex string }
		if err := json.Unmarshal(msg, &r); err != nil {
			return nil, err
		}
		if r.KeyHex != "" {
			b, err := hex.DecodeString(r.KeyHex)
			if err != nil {
				return nil, err
			}
			r.Key = string(b)
		}
		w, err := texts(srv.GetLocal(r.Key))
		return map[string]interface{}{"writers": w}, err
	}
}

// updateLocal writes as any peer, without the wire.
func updateLocal(srv protocol.SmartRecordServer) lines.Handler {
	return func(msg json.RawMessage) (interface{}, error) {
		r, writer, key, err := parse(msg)
		if err != nil {
			return nil, err
		}
		n, err := r.Node.Node()
		if err != nil {
			return nil, err
		}
		d, ok := n.(xr.Dict)
		if !ok {
			return nil, fmt.Errorf("an update is a Dict, not %T", n)
		}
		return nil, srv.UpdateLocal(key, writer, d, time.Duration(r.TTL*float64(time.Second)))
	}
}

// recordValue is the oracle for GET's value: reads it as the client does and
// writes it again as the server does.
func recordValue(msg json.RawMessage) (interface{}, error) {
	var r struct{ Values []string } // hex
	if err := json.Unmarshal(msg, &r); err != nil {
		return nil, err
	}
	type result struct {
		OK      bool              `json:"ok"`
		Error   string            `json:"error,omitempty"`
		Writers map[string]string `json:"writers,omitempty"`
		Again   string            `json:"again,omitempty"`
	}
	one := func(text string) (res result, err error) {
		b, err := hex.DecodeString(text)
		if err != nil {
			return res, err
		}
		v, err := vm.UnmarshalRecordValue(b)
		if err != nil {
			return res, err
		}
		if res.Writers, err = texts(v); err != nil {
			return res, err
		}
		again, err := vm.MarshalRecordValue(v)
		res.Again = hex.EncodeToString(again)
		return res, err
	}
	out := []result{}
	for _, text := range r.Values {
		res, err := one(text)
		if err != nil {
			res.Error = err.Error()
		}
		res.OK = err == nil
		out = append(out, res)
	}
	return out, nil
}
