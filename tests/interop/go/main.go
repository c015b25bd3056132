// Command stack is a bare libp2p peer of the 2021 Go stack, and Go's codec as
// an oracle. It speaks no smart-record protocol of its own: that is what the
// record module beside it adds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"smartrecords/interop/codec"
	"smartrecords/interop/node"
	"smartrecords/interop/peer"
)

func main() {
	opts := peer.Flags(flag.CommandLine)
	flag.Parse()
	err := peer.Run(context.Background(), *opts, func(p *peer.Peer) error {
		p.Table.Add(codec.Commands())
		if opts.Listen {
			return node.Listen(p.Host, opts.Port)
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
