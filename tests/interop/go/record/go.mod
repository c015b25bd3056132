module smartrecords/interop/record

go 1.16

require (
	github.com/libp2p/go-libp2p-core v0.9.0
	github.com/libp2p/go-routing-language v0.0.0-20210531170722-12dc033e88ac
	github.com/libp2p/go-smart-record v0.0.0-20250328130646-aa1f281316d8
	smartrecords/interop v0.0.0
)

replace smartrecords/interop => ../
