// Package peer is what both commands share: flags, the ready line, the
// command loop, and an end that leaves no orphan.
package peer

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/libp2p/go-libp2p-core/host"

	"smartrecords/interop/lines"
	"smartrecords/interop/node"
	"smartrecords/interop/raw"
)

// Options are the flags both commands take.
type Options struct {
	Listen bool
	Port   int
	Key    string
	Seed   string
}

// Flags declares the shared flags on a set.
func Flags(set *flag.FlagSet) *Options {
	o := &Options{}
	set.BoolVar(&o.Listen, "listen", false, "listen on loopback from the start")
	set.IntVar(&o.Port, "port", 0, "TCP port on 127.0.0.1; 0 takes a free one")
	set.StringVar(&o.Key, "key", "ed25519", "identity type: ed25519, secp256k1, ecdsa or rsa")
	set.StringVar(&o.Seed, "seed", "", "text that fixes an ed25519 identity")
	return o
}

// Peer is what a command adds its own parts to before it is ready.
type Peer struct {
	Host  host.Host
	Table lines.Table
}

type ready struct {
	Ready   bool              `json:"ready"`
	PeerID  string            `json:"peerId"`
	Addrs   []string          `json:"addrs"`
	Modules map[string]string `json:"modules"`
}

// Run serves commands until standard input ends or the process gets a signal to stop.
func Run(ctx context.Context, o Options, setup func(*Peer) error) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	key, err := node.Key(o.Key, o.Seed)
	if err != nil {
		return err
	}
	h, err := node.New(ctx, key)
	if err != nil {
		return err
	}
	defer h.Close()
	p := &Peer{Host: h, Table: raw.New(h).Commands()}
	if err := setup(p); err != nil {
		return err
	}
	addrs, err := node.Addrs(h)
	if err != nil {
		return err
	}
	out := lines.NewWriter(os.Stdout)
	if err := out.Send(ready{true, h.ID().String(), addrs, Modules()}); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- lines.Serve(os.Stdin, out, p.Table) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	return err
}

// Modules names the versions this binary was built from, as the linker
// recorded them. A module whose source was swapped for another says so: an
// answer from such a build must never pass for one from the pinned version.
func Modules() map[string]string {
	out := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, m := range info.Deps {
		if strings.HasPrefix(m.Path, "smartrecords/") {
			continue
		}
		version := m.Version
		if version == "(devel)" {
			version = "local source"
		}
		if m.Replace != nil {
			version += " (replaced by " + replacement(m.Replace) + ")"
		}
		out[m.Path] = version
	}
	return out
}

// replacement hides the place of a local folder: answers are recorded in
// files that other machines read.
func replacement(m *debug.Module) string {
	if m.Version == "" || m.Version == "(devel)" {
		return "local source"
	}
	return m.Path + " " + m.Version
}
