// Command v1 is a peer of /smart-record/1.0.0, server and client, written from
// packages/protocol/PROTOCOL.md alone. README.md says what it can.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/libp2p/go-libp2p/core/network"

	"smartrecords/interop/v1/lines"
	"smartrecords/interop/v1/node"
	"smartrecords/interop/v1/server"
)

// Protocol is what a client and a server negotiate.
const Protocol = "/smart-record/1.0.0"

func main() {
	seed := flag.String("seed", "", "of the Ed25519 identity; a fresh one without it")
	kind := flag.String("key", "ed25519", "type of the identity: ed25519, secp256k1 or rsa")
	name := flag.String("network", "interop", "name of the network")
	serve := flag.Bool("serve", false, "listen, and serve records")
	flag.Parse()
	if err := run(*kind, *seed, *name, *serve); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kind, seed, name string, serve bool) error {
	key, err := node.Key(kind, seed)
	if err != nil {
		return err
	}
	host, err := node.New(key)
	if err != nil {
		return err
	}
	defer host.Close()
	addrs := []string{}
	if serve {
		store := server.NewStore([]byte(host.ID()), name)
		host.SetStreamHandler(Protocol, func(s network.Stream) { store.Serve(s, []byte(s.Conn().RemotePeer())) })
		tcp, ws, err := node.Listen(host)
		if err != nil {
			return err
		}
		addrs = []string{tcp, ws}
	}
	out := lines.NewWriter(os.Stdout)
	ready := map[string]any{"ready": true, "peerId": host.ID().String(), "addrs": addrs, "modules": modules()}
	if err := out.Send(ready); err != nil {
		return err
	}
	p := &program{host: host, key: key, network: name, watches: map[int]*following{}}
	return lines.Serve(os.Stdin, out, p.commands())
}

// modules are the versions that the linker recorded.
func modules() map[string]string {
	all := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			all[dep.Path] = dep.Version
		}
	}
	return all
}
