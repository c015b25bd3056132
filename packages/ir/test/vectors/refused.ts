import { Dict, from, List, Predicate, type Node, type Path } from '@sr/xr'
import { MAX_RETAIN_MS, remove, set, ttl, type IrErrorCode, type Update } from '../../src/index.ts'

/** Malformed operators. */
export const op = (tag: string, ...args: Node[]): Predicate => new Predicate(tag, args)

/** A valid update; each case changes one field. */
export const LAWFUL: Update = {
  seq: 10_000_999,
  hash: 'ab'.repeat(32),
  expires: 60_000,
  retain: 60_000,
  body: from({}),
}

const deep = (node: Node): Node => from({ a: { b: node } })

/** Bodies that every implementation refuses, with the path of the fault. */
export const REFUSED_BODIES: ReadonlyArray<readonly [name: string, body: Node, code: IrErrorCode, path: Path]> = [
  ['a String', 'x', 'IR_BODY', []],
  ['a List', List.of('x'), 'IR_BODY', []],
  ['a predicate', op('dialable'), 'IR_BODY', []],
  ['$ttl of a Dict', ttl(from({}), 5), 'IR_BODY', []],
  ['$set of a leaf', set('x'), 'IR_BODY', []],
  ['$set of a List', set(List.of()), 'IR_BODY', []],
  ['$set of $set', set(set(from({}))), 'IR_BODY', []],
  ['$set of $ttl', set(ttl(from({}), 5)), 'IR_BODY', []],
  ['$remove of something', remove('x'), 'IR_OPERATOR', []],
  ['$set of two', op('$set', from({}), from({})), 'IR_OPERATOR', []],
  ['an unknown operator', deep(op('$add', 1n)), 'IR_OPERATOR', ['a', 'b']],
  ['the bare sign', deep(op('$')), 'IR_OPERATOR', ['a', 'b']],
  ['$set of nothing', deep(op('$set')), 'IR_OPERATOR', ['a', 'b']],
  ['$remove of something as a value', deep(remove('x')), 'IR_OPERATOR', ['a', 'b']],
  ['$ttl without a life', deep(op('$ttl', 'x')), 'IR_OPERATOR', ['a', 'b']],
  ['a named argument', deep(new Predicate('$remove', [], Dict.from([['x', 1n]]))), 'IR_OPERATOR', ['a', 'b']],
  ['$ttl of $ttl', deep(ttl(ttl('x', 1), 2)), 'IR_OPERATOR', ['a', 'b']],
  ['$ttl of $set', deep(ttl(set('x'), 2)), 'IR_OPERATOR', ['a', 'b']],
  ['$ttl of $remove', deep(ttl(remove(), 2)), 'IR_OPERATOR', ['a', 'b']],
  ['a life of 0', deep(op('$ttl', 'x', 0n)), 'IR_TTL', ['a', 'b']],
  ['a negative life', deep(op('$ttl', 'x', -5n)), 'IR_TTL', ['a', 'b']],
  ['a Float as life', deep(op('$ttl', 'x', 5)), 'IR_TTL', ['a', 'b']],
  ['a String as life', deep(op('$ttl', 'x', '5')), 'IR_TTL', ['a', 'b']],
  ['a life beyond retain', deep(ttl('x', 51)), 'IR_RETAIN', ['a', 'b']],
  ['a life beyond all', deep(op('$ttl', 'x', 1n << 1000n)), 'IR_RETAIN', ['a', 'b']],
  ['an operator as a key', from({ a: Dict.from([[remove(), 1n]]) }), 'IR_OPERATOR', ['a', remove()]],
  ['an operator inside a key', Dict.from([[List.of(set(1n)), 1n]]), 'IR_OPERATOR', [List.of(set(1n)), 0n]],
  ['an operator as a positional argument', deep(op('p', 1n, remove())), 'IR_OPERATOR', ['a', 'b', 1n]],
  [
    'an operator as a named argument',
    deep(new Predicate('p', [], Dict.from([['x', set(1n)]]))),
    'IR_OPERATOR',
    ['a', 'b', 'x'],
  ],
  ['$set in a List', from({ a: ['x', set('y')] }), 'IR_OPERATOR', ['a', 1n]],
  ['$remove of nothing in a List', from({ a: [remove()] }), 'IR_OPERATOR', ['a', 0n]],
  ['an operator inside a Dict that is a member', from({ a: [{ b: remove() }] }), 'IR_OPERATOR', ['a', 0n, 'b']],
  ['an operator inside a List that is a member', from({ a: [[remove('x')]] }), 'IR_OPERATOR', ['a', 0n, 0n]],
  [
    'an operator inside a member with $ttl',
    from({ a: [ttl(from({ b: remove() }), 5)] }),
    'IR_OPERATOR',
    ['a', 0n, 'b'],
  ],
  ['$remove of an operator', from({ a: [remove(ttl('x', 5))] }), 'IR_OPERATOR', ['a', 0n]],
  ['$ttl of an operator in a List', from({ a: [ttl(remove('x'), 5)] }), 'IR_OPERATOR', ['a', 0n]],
  ['two operators that name one member', from({ a: [ttl('x', 5), remove('x')] }), 'IR_MEMBER', ['a', 1n]],
  ['two lives of one member', from({ a: [ttl('x', 5), ttl('x', 6)] }), 'IR_MEMBER', ['a', 1n]],
  ['a member that an operator names, too', from({ a: ['x', remove('x')] }), 'IR_MEMBER', ['a', 1n]],
  ['the same the other way round', from({ a: [ttl('x', 5), 'x'] }), 'IR_MEMBER', ['a', 0n]],
]

/** Instants that every implementation refuses. */
export const REFUSED_TIMES: ReadonlyArray<readonly [name: string, change: Partial<Update>, code: IrErrorCode]> = [
  ['retain before expires', { retain: 59_999 }, 'IR_RETAIN'],
  ['retain beyond 30 days from the seq time', { retain: 10_000 + MAX_RETAIN_MS + 1 }, 'IR_RETAIN'],
]
