// Command record runs the Go reference of the smart-record protocol, as a
// server or as a client, driven by JSON lines on standard input.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"smartrecords/interop/codec"
	"smartrecords/interop/lines"
	"smartrecords/interop/node"
	"smartrecords/interop/peer"
)

func main() {
	opts := peer.Flags(flag.CommandLine)
	mode := flag.String("mode", "client", "server or client")
	gc := flag.Duration("gc", time.Second, "how often the server collects what has expired")
	flag.Parse()
	ctx, cancel := context.WithCancel(context.Background())
	err := peer.Run(ctx, *opts, func(p *peer.Peer) error {
		p.Table.Add(codec.Commands()).Add(lines.Table{"recordValue": recordValue})
		return start(ctx, *mode, *gc, opts, p)
	})
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func start(ctx context.Context, mode string, gc time.Duration, opts *peer.Options, p *peer.Peer) error {
	switch mode {
	case "server":
		table, err := serve(ctx, p.Host, gc)
		if err != nil {
			return err
		}
		p.Table.Add(table)
		return node.Listen(p.Host, opts.Port)
	case "client":
		c, err := newClient(ctx, p.Host)
		if err != nil {
			return err
		}
		p.Table.Add(c.commands())
		if opts.Listen {
			return node.Listen(p.Host, opts.Port)
		}
		return nil
	}
	return fmt.Errorf("mode is server or client, not %q", mode)
}
