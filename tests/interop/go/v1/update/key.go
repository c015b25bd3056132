package update

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/crypto/pb"

	"smartrecords/interop/v1/wire"
)

const (
	minRSABits = 2048
	maxRSABits = 4096
)

// publicKey reads a public key that must be in its one protobuf form.
func publicKey(p []byte) (crypto.PubKey, error) {
	key, err := crypto.UnmarshalPublicKey(p)
	if err != nil {
		return nil, wire.Refuse(wire.Sig)
	}
	if again, err := crypto.MarshalPublicKey(key); err != nil || !bytes.Equal(again, p) {
		return nil, wire.Refuse(wire.Sig)
	}
	switch key.Type() {
	case pb.KeyType_Ed25519, pb.KeyType_Secp256k1:
		return key, nil
	case pb.KeyType_RSA:
		return key, checkRSA(key)
	}
	return nil, wire.Refuse(wire.Sig)
}

func checkRSA(key crypto.PubKey) error {
	der, err := key.Raw()
	if err != nil {
		return wire.Refuse(wire.Sig)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return wire.Refuse(wire.Sig)
	}
	bits := parsed.(*rsa.PublicKey).N.BitLen()
	switch {
	case bits < minRSABits:
		return wire.Over(wire.Sig, "rsaBits", minRSABits, bits)
	case bits > maxRSABits:
		return wire.Over(wire.Sig, "rsaBits", maxRSABits, bits)
	}
	return nil
}

// verifies checks a signature. The library accepts a large S of secp256k1,
// which the protocol does not.
func verifies(key crypto.PubKey, signed, signature []byte) bool {
	if key.Type() == pb.KeyType_Secp256k1 {
		sig, err := ecdsa.ParseDERSignature(signature)
		if err != nil {
			return false
		}
		s := sig.S()
		if (*secp256k1.ModNScalar)(&s).IsOverHalfOrder() {
			return false
		}
	}
	ok, err := key.Verify(signed, signature)
	return ok && err == nil
}
