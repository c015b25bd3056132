// Package wire has the frames, messages and statuses of
// /smart-record/1.0.0, as PROTOCOL.md specifies them.
package wire

import "fmt"

// Code is a status code of section 9.
type Code uint64

// The codes that this peer sends or handles.
const (
	Frame       Code = 16
	Proto       Code = 17
	Type        Code = 18
	Unsupported Code = 19
	TooLarge    Code = 20
	BadKey      Code = 21
	Doc         Code = 22
	Depth       Code = 23
	Nodes       Code = 24
	Value       Code = 25
	TTL         Code = 26
	Writer      Code = 27
	Sig         Code = 28
	Stale       Code = 29
	Expired     Code = 30
	Cancelled   Code = 36
	Clock       Code = 64
	Busy        Code = 69
	SlowConsume Code = 70
	Timeout     Code = 71
)

// Status is a refusal, of a request, of an item of an update, or of a stream.
type Status struct {
	Code   Code
	Detail map[string]any
}

func (s *Status) Error() string {
	return fmt.Sprintf("status %d %v", s.Code, s.Detail)
}

// Refuse makes a status without detail.
func Refuse(code Code) *Status {
	return &Status{code, map[string]any{}}
}

// With adds one detail.
func (s *Status) With(key string, value any) *Status {
	s.Detail[key] = value
	return s
}

// Over makes a status for a value out of a limit.
func Over(code Code, limit string, max, got int) *Status {
	return Refuse(code).With("limit", limit).With("max", max).With("got", got)
}
