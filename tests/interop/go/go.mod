module smartrecords/interop

go 1.16

require (
	github.com/libp2p/go-conn-security-multistream v0.2.1
	github.com/libp2p/go-libp2p v0.15.1
	github.com/libp2p/go-libp2p-core v0.9.0
	github.com/libp2p/go-libp2p-noise v0.2.2
	github.com/libp2p/go-libp2p-peerstore v0.2.8
	github.com/libp2p/go-libp2p-swarm v0.5.3
	github.com/libp2p/go-libp2p-transport-upgrader v0.4.6
	github.com/libp2p/go-libp2p-yamux v0.5.4
	github.com/libp2p/go-routing-language v0.0.0-20210531170722-12dc033e88ac
	github.com/libp2p/go-stream-muxer-multistream v0.3.0
	github.com/libp2p/go-tcp-transport v0.2.8
	github.com/multiformats/go-multiaddr v0.4.0
	github.com/multiformats/go-multistream v0.2.2
)
