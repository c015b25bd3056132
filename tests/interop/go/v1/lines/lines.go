// Package lines answers JSON-lines commands: one request object per line in,
// one answer object per line out, matched by id. It is a copy of the package of
// the 2021 programs: importing that would bring their modules into this build.
package lines

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// Handler answers one command from its raw request object.
type Handler func(req json.RawMessage) (any, error)

// Table maps a command name to its handler.
type Table map[string]Handler

// Of makes a handler of a function that takes a decoded request.
func Of[In any](handle func(In) (any, error)) Handler {
	return func(req json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(req, &in); err != nil {
			return nil, err
		}
		return handle(in)
	}
}

type answer struct {
	ID    json.RawMessage `json:"id,omitempty"`
	OK    bool            `json:"ok"`
	Error string          `json:"error,omitempty"`
	Value any             `json:"value,omitempty"`
}

// Writer sends whole lines; commands run at the same time, so it locks.
type Writer struct {
	mu  sync.Mutex
	out io.Writer
}

// NewWriter wraps an output.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Send writes one value as one line.
func (w *Writer) Send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.out.Write(append(b, '\n'))
	return err
}

// Serve reads commands until the input ends, and waits for those running.
func Serve(in io.Reader, out *Writer, table Table) error {
	r := bufio.NewReaderSize(in, 1<<16)
	var running sync.WaitGroup
	defer running.Wait()
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 1 {
			running.Add(1)
			go func() {
				defer running.Done()
				_ = out.Send(run(line, table))
			}()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func run(line []byte, table Table) (a answer) {
	var head struct {
		ID  json.RawMessage `json:"id"`
		Cmd string          `json:"cmd"`
	}
	// The libraries under test may panic on odd input. That is an answer too.
	defer func() {
		if p := recover(); p != nil {
			a = answer{ID: head.ID, Error: fmt.Sprintf("panic: %v", p)}
		}
	}()
	if err := json.Unmarshal(line, &head); err != nil {
		return answer{Error: "bad request line: " + err.Error()}
	}
	h, ok := table[head.Cmd]
	if !ok {
		return answer{ID: head.ID, Error: fmt.Sprintf("unknown command %q", head.Cmd)}
	}
	v, err := h(line)
	if err != nil {
		return answer{ID: head.ID, Error: err.Error(), Value: v}
	}
	return answer{ID: head.ID, OK: true, Value: v}
}
