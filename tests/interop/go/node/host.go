// Package node builds a libp2p host of the 2021 stack by hand.
//
// The stack's own constructor pulls in QUIC, and QUIC of that age does not
// build on a current Go. So the parts are put together here: TCP, noise and
// yamux on a swarm, with a basic host on top.
package node

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	csms "github.com/libp2p/go-conn-security-multistream"
	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/peer"
	noise "github.com/libp2p/go-libp2p-noise"
	"github.com/libp2p/go-libp2p-peerstore/pstoremem"
	swarm "github.com/libp2p/go-libp2p-swarm"
	tptu "github.com/libp2p/go-libp2p-transport-upgrader"
	yamux "github.com/libp2p/go-libp2p-yamux"
	basichost "github.com/libp2p/go-libp2p/p2p/host/basic"
	msmux "github.com/libp2p/go-stream-muxer-multistream"
	"github.com/libp2p/go-tcp-transport"
	ma "github.com/multiformats/go-multiaddr"
)

// Key makes an identity. A seed gives the same ed25519 key every time; the
// other types are always fresh.
func Key(kind, seed string) (crypto.PrivKey, error) {
	switch {
	case kind == "ed25519" && seed != "":
		// From the seed itself, not from a reader: current Go does not promise
		// that a key generator reads only what it is handed.
		sum := sha256.Sum256([]byte(seed))
		return crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(sum[:]))
	case seed != "":
		return nil, fmt.Errorf("a seed works with ed25519 only, not with %q", kind)
	case kind == "ed25519":
		return first(crypto.GenerateEd25519Key(rand.Reader))
	case kind == "secp256k1":
		return first(crypto.GenerateSecp256k1Key(rand.Reader))
	case kind == "ecdsa":
		return first(crypto.GenerateECDSAKeyPair(rand.Reader))
	case kind == "rsa":
		return first(crypto.GenerateRSAKeyPair(2048, rand.Reader))
	}
	return nil, fmt.Errorf("unknown key type %q", kind)
}

func first(k crypto.PrivKey, _ crypto.PubKey, err error) (crypto.PrivKey, error) {
	return k, err
}

// New builds a host that does not listen yet.
func New(ctx context.Context, key crypto.PrivKey) (host.Host, error) {
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return nil, err
	}
	store := pstoremem.NewPeerstore()
	if err := store.AddPrivKey(id, key); err != nil {
		return nil, err
	}
	if err := store.AddPubKey(id, key.GetPublic()); err != nil {
		return nil, err
	}
	security, err := noise.New(key)
	if err != nil {
		return nil, err
	}
	secure := &csms.SSMuxer{}
	secure.AddTransport(noise.ID, security)
	muxer := msmux.NewBlankTransport()
	muxer.AddTransport("/yamux/1.0.0", yamux.DefaultTransport)

	net := swarm.NewSwarm(ctx, id, store, nil)
	upgrader := &tptu.Upgrader{Secure: secure, Muxer: muxer}
	if err := net.AddTransport(tcp.NewTCPTransport(upgrader)); err != nil {
		return nil, err
	}
	return basichost.NewHost(ctx, net, &basichost.HostOpts{})
}

// Listen opens a TCP port on loopback; 0 takes a free one.
func Listen(h host.Host, port int) error {
	addr, err := ma.NewMultiaddr(fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", port))
	if err != nil {
		return err
	}
	return h.Network().Listen(addr)
}

// Addrs gives the addresses others can dial, each with the peer id.
func Addrs(h host.Host) ([]string, error) {
	info := peer.AddrInfo{ID: h.ID(), Addrs: h.Network().ListenAddresses()}
	full, err := peer.AddrInfoToP2pAddrs(&info)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(full))
	for _, a := range full {
		out = append(out, a.String())
	}
	return out, nil
}
