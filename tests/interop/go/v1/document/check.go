package document

import (
	"math/big"
	"strings"

	"smartrecords/interop/v1/value"
	"smartrecords/interop/v1/wire"
)

// operator is a Predicate whose tag begins with `$`.
type operator struct {
	tag  string
	args []value.Value
}

func operatorOf(v value.Value) (operator, bool) {
	p, ok := v.(value.Predicate)
	if !ok || !strings.HasPrefix(p.Tag, "$") {
		return operator{}, false
	}
	op := operator{p.Tag, p.Positional}
	if len(p.Named) > 0 {
		op.tag = "$ with named arguments"
	}
	return op, true
}

// is tells whether it is the operator with this tag and number of arguments.
func (o operator) is(tag string, args int) bool {
	return o.tag == tag && len(o.args) == args
}

// seconds is the life in `$ttl(x, s)`, 0 if s is not one. A life that does not
// fit into 32 bits is longer than any retain.
func (o operator) seconds() uint64 {
	leaf, _ := o.args[1].(value.Leaf)
	n, ok := leaf.Of.(*big.Int)
	if !ok || n.Sign() <= 0 {
		return 0
	}
	if n.BitLen() > 32 {
		return 1 << 32
	}
	return n.Uint64()
}

// checker finds operators at places where they may not be, and the longest
// life of a `$ttl`.
type checker struct{ longest uint64 }

// Check says whether a value is the body of an update, and gives the longest
// life of a `$ttl` in it, in s; 0 without any.
func Check(body value.Value) (longest uint64, err error) {
	c := &checker{}
	switch op, isOp := operatorOf(body); {
	case !isOp:
		if _, ok := body.(value.Dict); !ok {
			return 0, wire.Refuse(wire.Doc)
		}
		err = c.at(body)
	case op.is("$remove", 0):
	case op.is("$set", 1):
		if _, ok := op.args[0].(value.Dict); !ok {
			return 0, wire.Refuse(wire.Doc)
		}
		err = c.at(op.args[0])
	default:
		err = wire.Refuse(wire.Doc)
	}
	return c.longest, err
}

// at checks what may stand as a Dict value.
func (c *checker) at(v value.Value) error {
	switch op, isOp := operatorOf(v); {
	case !isOp:
		return c.content(v)
	case op.is("$remove", 0):
		return nil
	case op.is("$set", 1):
		return c.at(op.args[0])
	case op.is("$ttl", 2):
		return c.ttl(op, c.content)
	}
	return wire.Refuse(wire.Doc)
}

func (c *checker) ttl(op operator, inside func(value.Value) error) error {
	s := op.seconds()
	if _, nested := operatorOf(op.args[0]); nested || s == 0 {
		return wire.Refuse(wire.Doc)
	}
	c.longest = max(c.longest, s)
	return inside(op.args[0])
}

func (c *checker) content(v value.Value) error {
	switch v := v.(type) {
	case value.Dict:
		for _, e := range v {
			if err := plain(e.Key); err != nil {
				return err
			}
			if err := c.at(e.Value); err != nil {
				return err
			}
		}
		return nil
	case value.List:
		return c.members(v)
	}
	return plain(v)
}

// members checks a List; two of its members may differ by an operator only,
// and that is refused.
func (c *checker) members(list value.List) error {
	named := map[string]bool{}
	for _, m := range list {
		op, isOp := operatorOf(m)
		switch {
		case !isOp:
			if err := plain(m); err != nil {
				return err
			}
		case op.is("$remove", 1):
			m = op.args[0]
			if err := plain(m); err != nil {
				return err
			}
		case op.is("$ttl", 2):
			m = op.args[0]
			if err := c.ttl(op, plain); err != nil {
				return err
			}
		default:
			return wire.Refuse(wire.Doc)
		}
		if key := value.Key(m); named[key] {
			return wire.Refuse(wire.Doc)
		} else {
			named[key] = true
		}
	}
	return nil
}

// plain refuses every operator.
func plain(v value.Value) error {
	var inside []value.Value
	switch v := v.(type) {
	case value.List:
		inside = v
	case value.Dict:
		for _, e := range v {
			inside = append(inside, e.Key, e.Value)
		}
	case value.Predicate:
		if strings.HasPrefix(v.Tag, "$") {
			return wire.Refuse(wire.Doc)
		}
		inside = append(inside, v.Positional...)
		for _, e := range v.Named {
			inside = append(inside, e.Key, e.Value)
		}
	}
	for _, one := range inside {
		if err := plain(one); err != nil {
			return err
		}
	}
	return nil
}
