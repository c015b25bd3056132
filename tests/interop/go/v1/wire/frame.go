package wire

import (
	"bufio"
	"io"
)

// MaxFrame is the largest message, in bytes.
const MaxFrame = 1 << 20

// Frames puts the length before a message.
func Framed(message []byte) []byte {
	n := len(message)
	var head []byte
	for ; n >= 0x80; n >>= 7 {
		head = append(head, byte(n)|0x80)
	}
	return append(append(head, byte(n)), message...)
}

// ReadFrame reads one message. io.EOF: the stream ended between frames.
// io.ErrUnexpectedEOF: inside of one. A *Status is a fault to report. Calls
// begun, unless it is nil, after the first byte.
func ReadFrame(r *bufio.Reader, begun func()) ([]byte, error) {
	length := 0
	for i := range 3 {
		b, err := r.ReadByte()
		if err != nil {
			if err == io.EOF && i > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if i == 0 && begun != nil {
			begun()
		}
		length |= int(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			if b == 0 {
				return nil, Refuse(Frame)
			}
			if length > MaxFrame {
				return nil, Over(TooLarge, "frame", MaxFrame, length)
			}
			return readMessage(r, length)
		}
	}
	return nil, Refuse(Frame)
}

// readMessage grows its buffer with what arrives, not with what is claimed.
func readMessage(r io.Reader, length int) ([]byte, error) {
	message, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err == nil && len(message) < length {
		err = io.ErrUnexpectedEOF
	}
	return message, err
}
