import type { SlicedWork } from '@sr/protocol'
import { Dict, List, type Node, Predicate, XrError } from '@sr/xr'
import { intAt, toUtf8 } from '@sr/xr/codec-kit'
import { base64Bytes, readBase64 } from './base64.ts'
import type { Lexer } from './lexer.ts'
import { Op, type Operation, type Tape } from './tape.ts'

/** Numbers of the tape read between two yields, about a tenth of a millisecond; a multiple of three. */
const ENTRIES_PER_STEP = 3 * 256

/**
 * Second pass over a Go document: executes the tape, without recursion.
 *
 * @throws XrError with a path: `XR_DUPLICATE` for equal keys, `XR_VALUE` for a number above all
 * Floats or for invalid UTF-8
 */
export function* build(tape: Tape, lexer: Lexer): SlicedWork<Node> {
  const { entries, length } = tape
  const nodes: Node[] = []
  for (let i = 0; i < length; i += 3) {
    if (i % ENTRIES_PER_STEP === 0) {
      yield
    }
    const op = entries[i] as Operation
    const a = entries[i + 1] as number
    const b = entries[i + 2] as number
    try {
      apply(nodes, op, a, b, lexer)
    } catch (err) {
      throw withPath(err, nodes, tape, i, lexer)
    }
  }
  return nodes[0] as Node
}

function apply(nodes: Node[], op: Operation, a: number, b: number, lexer: Lexer): void {
  switch (op) {
    case Op.TRUE:
      nodes.push(true)
      return
    case Op.FALSE:
      nodes.push(false)
      return
    case Op.INT:
      nodes.push(intAt(lexer.bytes, a, b))
      return
    case Op.FLOAT:
      nodes.push(readFloat(lexer, a, b))
      return
    case Op.TEXT:
      nodes.push(lexer.text(a, b))
      return
    case Op.BASE64:
      nodes.push(readBase64(lexer.bytes, a, b, base64Bytes(lexer.bytes, a, b)))
      return
    case Op.BASE64_ESCAPED:
      nodes.push(readEscapedBase64(lexer, a, b))
      return
    case Op.LIST:
      put(nodes, nodes.length - a, List.from(nodes.slice(nodes.length - a)))
      return
    case Op.DICT:
      put(nodes, nodes.length - 2 * a, dictOf(nodes, nodes.length - 2 * a, a))
      return
    case Op.SWAP:
      swap(nodes)
      return
    case Op.BIGINT:
      nodes.push(BigInt(nodes.pop() as string))
      return
    case Op.PREDICATE:
    case Op.PREDICATE_NAMED_FIRST:
      putPredicate(nodes, op, a, b)
      return
    default:
      unreachable(op)
  }
}

/** Replaces the content of a container by the container. */
function put(nodes: Node[], at: number, node: Node): void {
  nodes.length = at
  nodes.push(node)
}

function swap(nodes: Node[]): void {
  const key = nodes.pop() as Node
  const value = nodes.pop() as Node
  nodes.push(key, value)
}

function dictOf(nodes: Node[], at: number, pairs: number): Dict {
  if (pairs === 0) {
    return Dict.empty
  }
  const entries: Array<[Node, Node]> = []
  for (let i = at; i < at + 2 * pairs; i += 2) {
    entries.push([nodes[i] as Node, nodes[i + 1] as Node])
  }
  return Dict.from(entries)
}

function putPredicate(nodes: Node[], op: Operation, positional: number, named: number): void {
  const { at, from, names } = argumentsAt(nodes.length, op, positional, named)
  put(
    nodes,
    at,
    new Predicate(nodes.at(-1) as string, nodes.slice(from, from + positional), dictOf(nodes, names, named)),
  )
}

/** Indexes of the arguments of a predicate whose tag is the last of `length` nodes. */
function argumentsAt(
  length: number,
  op: Operation,
  positional: number,
  named: number,
): { at: number; from: number; names: number } {
  const at = length - 1 - positional - 2 * named
  return op === Op.PREDICATE ? { at, from: at, names: at + positional } : { at, from: at + 2 * named, names: at }
}

function readFloat(lexer: Lexer, from: number, to: number): number {
  const value = Number(lexer.digits(from, to))
  if (!Number.isFinite(value)) {
    throw new XrError('XR_VALUE', 'a Float must be finite', { offset: from })
  }
  return value === 0 ? 0 : value
}

function readEscapedBase64(lexer: Lexer, from: number, to: number): Uint8Array {
  const text = toUtf8(lexer.text(from, to))
  return readBase64(text, 0, text.length, base64Bytes(text, 0, text.length))
}

/**
 * The error with the path of the node that could not be built. The containers around it come later on
 * the tape, so the rest of the tape is executed without that node.
 */
function withPath(err: unknown, nodes: Node[], tape: Tape, failed: number, lexer: Lexer): unknown {
  if (!(err instanceof XrError)) {
    return err
  }
  const { entries, length } = tape
  const path: Node[] = []
  let lost = skip(nodes, nodes.length, entries, failed)
  for (let i = failed + 3; i < length; i += 3) {
    const op = entries[i] as Operation
    const before = nodes.length
    const operands = operandsOf(op, entries[i + 1] as number, entries[i + 2] as number)
    if (op === Op.SWAP) {
      lost = lost === before - 1 ? before - 2 : lost === before - 2 ? before - 1 : lost
      swap(nodes)
    } else if (operands > 0 && lost >= before - operands) {
      path.unshift(...stepOf(nodes, lost, op, entries[i + 1] as number, entries[i + 2] as number))
      lost = skip(nodes, before, entries, i)
    } else {
      applyOrSkip(nodes, entries, i, lexer)
    }
  }
  return new XrError(err.code, err.message, {
    path: [...path, ...(err.path ?? [])],
    ...(err.offset === undefined ? {} : { offset: err.offset }),
    ...(err.cause === undefined ? {} : { cause: err.cause }),
  })
}

function operandsOf(op: Operation, a: number, b: number): number {
  switch (op) {
    case Op.LIST:
      return a
    case Op.DICT:
      return 2 * a
    case Op.BIGINT:
      return 1
    case Op.PREDICATE:
    case Op.PREDICATE_NAMED_FIRST:
      return 1 + a + 2 * b
    default:
      return 0
  }
}

/** Puts a placeholder for a node that is not built; returns its index. */
function skip(nodes: Node[], before: number, entries: Int32Array, i: number): number {
  const at = before - operandsOf(entries[i] as Operation, entries[i + 1] as number, entries[i + 2] as number)
  put(nodes, at, false)
  return at
}

/** Builds a node that the error does not concern; as a key it may be part of the path. */
function applyOrSkip(nodes: Node[], entries: Int32Array, i: number, lexer: Lexer): void {
  const before = nodes.length
  try {
    apply(nodes, entries[i] as Operation, entries[i + 1] as number, entries[i + 2] as number, lexer)
  } catch {
    skip(nodes, before, entries, i)
  }
}

/** The step of a path from a container to one of its operands. */
function stepOf(nodes: Node[], lost: number, op: Operation, a: number, b: number): Node[] {
  if (op === Op.LIST) {
    return [BigInt(lost - (nodes.length - a))]
  }
  if (op === Op.DICT) {
    return entryStep(nodes, nodes.length - 2 * a, lost)
  }
  const { from, names } = argumentsAt(nodes.length, op, a, b)
  if (op === Op.BIGINT || lost === nodes.length - 1) {
    return []
  }
  return lost >= from && lost < from + a ? [BigInt(lost - from)] : entryStep(nodes, names, lost)
}

/** The step to a value is its key; to a key that could not be built, its position. */
function entryStep(nodes: Node[], at: number, lost: number): Node[] {
  return [(lost - at) % 2 === 1 ? (nodes[lost - 1] as Node) : BigInt((lost - at) >> 1)]
}

function unreachable(op: never): never {
  throw new TypeError(`unknown operation ${String(op)}`)
}
