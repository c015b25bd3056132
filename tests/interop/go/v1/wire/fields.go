package wire

// Limits of form that requests are checked against.
const (
	MaxID      = 1<<32 - 1
	MaxSeq     = 1<<53 - 1
	maxKey     = 1024
	maxItems   = 256
	maxPath    = 64
	maxCursor  = 262_144
	minPeer    = 34
	maxPeer    = 64
	minMax     = 1024
	maxMax     = 524_288
	maxWait    = 60_000
	minCredit  = 1024
	DefaultMax = 65_536

	requestDepth = 8
	requestItems = 4096
	AnswerItems  = 262_144
)

// Rev is a revision.
type Rev struct {
	Epoch   [8]byte
	Counter uint64
}

// Message is the form of a revision in messages.
func (r Rev) Message() any { return []any{r.Epoch[:], r.Counter} }

// RevOf reads a revision from a list with at least as many elements.
func RevOf(item any) (Rev, bool) {
	list, ok := item.([]any)
	if !ok || len(list) < 2 {
		return Rev{}, false
	}
	epoch, isBytes := list[0].([]byte)
	counter, isInt := list[1].(uint64)
	if !isBytes || !isInt || len(epoch) != 8 {
		return Rev{}, false
	}
	return Rev{[8]byte(epoch), counter}, true
}

func intIn(item any, low, high uint64) (uint64, bool) {
	n, ok := item.(uint64)
	return n, ok && low <= n && n <= high
}

func bytesIn(item any, low, high int) ([]byte, bool) {
	b, ok := item.([]byte)
	return b, ok && low <= len(b) && len(b) <= high
}

// listOf reads a list whose elements all pass.
func listOf[T any](item any, low, high int, one func(any) (T, bool)) ([]T, bool) {
	list, ok := item.([]any)
	if !ok || len(list) < low || len(list) > high {
		return nil, false
	}
	out := make([]T, len(list))
	for i, element := range list {
		if out[i], ok = one(element); !ok {
			return nil, false
		}
	}
	return out, true
}

func anyBytes(item any) ([]byte, bool) {
	b, ok := item.([]byte)
	return b, ok
}
