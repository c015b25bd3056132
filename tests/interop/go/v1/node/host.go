// Package node builds a libp2p host of a current go-libp2p by hand: TCP and
// WebSocket with noise and yamux. The library's own constructor brings in
// WebRTC and WebTransport, which nothing here uses and which take a minute to
// compile.
package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	blankhost "github.com/libp2p/go-libp2p/p2p/host/blank"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
	ma "github.com/multiformats/go-multiaddr"
)

// the receive window of a stream, section 13, bytes
const window = 262_144

// Key makes an identity. A seed gives the same Ed25519 key every time.
func Key(kind, seed string) (crypto.PrivKey, error) {
	switch {
	case kind == "ed25519" && seed != "":
		sum := sha256.Sum256([]byte(seed))
		return crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(sum[:]))
	case seed != "":
		return nil, fmt.Errorf("a seed works with ed25519 only, not with %q", kind)
	case kind == "ed25519":
		return first(crypto.GenerateEd25519Key(rand.Reader))
	case kind == "secp256k1":
		return first(crypto.GenerateSecp256k1Key(rand.Reader))
	case kind == "rsa":
		return first(crypto.GenerateRSAKeyPair(2048, rand.Reader))
	}
	return nil, fmt.Errorf("unknown key type %q", kind)
}

func first(k crypto.PrivKey, _ crypto.PubKey, err error) (crypto.PrivKey, error) {
	return k, err
}

// New builds a host that does not listen yet.
func New(key crypto.PrivKey) (host.Host, error) {
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return nil, err
	}
	store, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, err
	}
	if err := store.AddPrivKey(id, key); err != nil {
		return nil, err
	}
	if err := store.AddPubKey(id, key.GetPublic()); err != nil {
		return nil, err
	}
	net, err := swarm.NewSwarm(id, store, eventbus.NewBus())
	if err != nil {
		return nil, err
	}
	if err := transports(net, key); err != nil {
		return nil, err
	}
	return blankhost.NewBlankHost(net), nil
}

func transports(net *swarm.Swarm, key crypto.PrivKey) error {
	settings := *yamux.DefaultTransport
	settings.MaxStreamWindowSize = window
	muxers := []upgrader.StreamMuxer{{ID: yamux.ID, Muxer: &settings}}
	security, err := noise.New(noise.ID, key, muxers)
	if err != nil {
		return err
	}
	up, err := upgrader.New([]sec.SecureTransport{security}, muxers, nil, nil, nil)
	if err != nil {
		return err
	}
	plain, err := tcp.NewTCPTransport(up, nil, nil)
	if err != nil {
		return err
	}
	web, err := websocket.New(up, nil, nil)
	if err != nil {
		return err
	}
	if err := net.AddTransport(plain); err != nil {
		return err
	}
	return net.AddTransport(web)
}

// Listen opens free ports on loopback, one for TCP and one for WebSocket, and
// gives the addresses.
func Listen(h host.Host) (tcp, ws string, err error) {
	for _, address := range []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"} {
		if err := h.Network().Listen(ma.StringCast(address)); err != nil {
			return "", "", err
		}
	}
	for _, address := range h.Network().ListenAddresses() {
		full := fmt.Sprintf("%s/p2p/%s", address, h.ID())
		if _, err := address.ValueForProtocol(ma.P_WS); err == nil {
			ws = full
		} else {
			tcp = full
		}
	}
	return tcp, ws, nil
}
