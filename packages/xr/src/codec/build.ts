import { depthOf } from '../model/check.ts'
import { compareBytes } from '../bytes/compare.ts'
import { canonicalKey } from './encode-cbor.ts'
import { Dict, dictOf } from '../model/dict.ts'
import { XrError } from '../model/errors.ts'
import { key as keyOf } from '../model/key.ts'
import { linkCid } from '../model/link.ts'
import { listOf } from '../model/list.ts'
import type { Node } from '../model/node.ts'
import { type Predicate, predicateOf } from '../model/predicate.ts'
import { needsPairs } from '../model/size.ts'
import { Op, type Operation, type Tape } from './tape.ts'

/** Reads values of the input at the offsets on a tape. */
export interface Reader {
  int(from: number, to: number): bigint
  bigint(negative: boolean, from: number, to: number): bigint
  float(from: number, to: number): number
  text(from: number, to: number): string
  /** a String that is a map's key */
  name(from: number, to: number): string
  bytes(from: number, to: number): Uint8Array
  link(from: number, to: number): Predicate
}

/** Differences between the forms in the second pass. */
export interface BuildOptions {
  /** whether equal List members and misplaced pairs are refused, as in the natural forms; else members collapse */
  strict: boolean
  /** whether maps are in canonical order in the input, so that the Dicts need no sorting when encoded */
  sorted: boolean
}

/** The positional arguments of a container that is not a predicate. */
const NONE: Node[] = []

/** A container under construction. */
interface Frame {
  readonly parent: Frame | undefined
  readonly op: Operation
  readonly tag: string
  /** positional arguments, of a predicate */
  positional: Node[]
  /** members, entries or named arguments by canonical key */
  values: Map<string, Node>
  /** key nodes that are not their own canonical key */
  names: Map<string, Node> | undefined
  /** the key whose value comes next */
  name: Node | undefined
  id: string | undefined
  /** whether entries follow: in a Dict from its start, in a predicate from its named arguments on */
  entries: boolean
  /** whether they are written as pairs, and the canonical bytes of the previous key */
  pairs: boolean
  before: Uint8Array | undefined
  depth: number
  /** depth of a predicate's positional arguments, set when the named ones begin */
  positionalDepth: number
  count: number
}

/** The second pass: constructs the nodes on a tape, without recursion. */
export function build(tape: Tape, reader: Reader, options: BuildOptions): Node {
  const { entries, length } = tape
  let top: Frame | undefined
  let from = 0
  try {
    for (let i = 0; i < length; i += 3) {
      const op = entries[i] as Operation
      from = entries[i + 1] as number
      const to = entries[i + 2] as number
      let node: Node
      if (op < Op.LIST) {
        node =
          op === Op.TEXT && top !== undefined && top.entries && top.id === undefined
            ? reader.name(from, to)
            : leaf(op, from, to, reader)
      } else if (op === Op.END) {
        const done = top as Frame
        node = finish(done, options)
        top = done.parent
      } else {
        if (op < Op.NAMED) {
          top = open(top, op, op === Op.PREDICATE ? reader.text(from, to) : '')
        } else if (op !== Op.MAYBE_NAMED) {
          nameNext(top as Frame, op)
        }
        continue
      }
      if (top === undefined) {
        return node
      }
      feed(top, node, options)
    }
  } catch (err) {
    throw withPath(err, top, from)
  }
  throw new XrError('XR_SYNTAX', 'the input ends inside the document')
}

function leaf(op: Operation, from: number, to: number, reader: Reader): Node {
  switch (op) {
    case Op.TEXT:
      return reader.text(from, to)
    case Op.INT:
      return reader.int(from, to)
    case Op.TRUE:
      return true
    case Op.FALSE:
      return false
    case Op.FLOAT:
      return reader.float(from, to)
    case Op.BYTES:
      return reader.bytes(from, to)
    case Op.LINK:
      return reader.link(from, to)
    default:
      return reader.bigint(op === Op.NEGATIVE_BIGINT, from, to)
  }
}

function open(parent: Frame | undefined, op: Operation, tag: string): Frame {
  return {
    parent,
    op,
    tag,
    positional: op === Op.PREDICATE ? [] : NONE,
    values: new Map(),
    names: undefined,
    name: undefined,
    id: undefined,
    entries: op === Op.DICT || op === Op.PAIRS,
    pairs: op === Op.PAIRS,
    before: undefined,
    depth: 0,
    positionalDepth: 0,
    count: 0,
  }
}

/** The entries that follow are named arguments. */
function nameNext(frame: Frame, op: Operation): void {
  frame.positionalDepth = frame.depth
  frame.depth = 0
  frame.entries = true
  frame.pairs = op === Op.NAMED_PAIRS
}

function feed(frame: Frame, node: Node, options: BuildOptions): void {
  if (frame.entries && frame.id === undefined) {
    takeKey(frame, node, options)
    return
  }
  if (typeof node === 'object') {
    frame.depth = Math.max(frame.depth, depthOf(node))
  }
  if (frame.id !== undefined) {
    frame.values.set(frame.id, node)
    frame.id = undefined
    frame.name = undefined
    return
  }
  if (frame.op === Op.PREDICATE) {
    frame.positional.push(node)
    return
  }
  const id = keyOf(node)
  frame.count++
  if (!frame.values.has(id)) {
    frame.values.set(id, node)
  } else if (options.strict) {
    frame.count-- // the path in the error is to name this member
    throw new XrError('XR_DUPLICATE', 'duplicate List member')
  }
}

function takeKey(frame: Frame, node: Node, options: BuildOptions): void {
  if (typeof node === 'string' && options.strict && !frame.pairs && node.charCodeAt(0) !== 0) {
    frame.id = frame.name = node // it is its own key; the scanner has checked the order, so it is not a duplicate
    return
  }
  const id = keyOf(node)
  frame.id = id
  frame.name = node
  if (frame.values.has(id)) {
    throw new XrError('XR_DUPLICATE', 'duplicate Dict key')
  }
  if (id !== node) {
    frame.names ??= new Map()
    frame.names.set(id, node)
    frame.depth = Math.max(frame.depth, depthOf(node))
  }
  if (frame.pairs && options.strict && frame.values.size > 0) {
    const [first = ''] = frame.values.keys()
    frame.before ??= canonicalKey(frame.names?.get(first) ?? first) // a single key is in order and need not be encoded
    const bytes = canonicalKey(node)
    if (compareBytes(frame.before, bytes) > 0) {
      throw new XrError('XR_FORM', "pairs must be in the order of their keys' canonical bytes")
    }
    frame.before = bytes
  }
}

function finish(frame: Frame, options: BuildOptions): Node {
  const depth = frame.depth + 1
  switch (frame.op) {
    case Op.LIST:
      return listOf(frame.values, depth)
    case Op.DICT:
    case Op.PAIRS: {
      return dictOfFrame(frame, depth, options)
    }
    default: {
      const named = frame.values.size === 0 && !frame.pairs ? Dict.empty : dictOfFrame(frame, depth, options)
      const node = predicateOf(frame.tag, frame.positional, named, Math.max(depth, frame.positionalDepth + 1))
      if (options.strict && linkCid(node) !== undefined) {
        throw new XrError('XR_FORM', 'a link with a valid CID must be encoded as an IPLD link')
      }
      return node
    }
  }
}

function dictOfFrame(frame: Frame, depth: number, options: BuildOptions): Dict {
  if (frame.values.size === 0 && !frame.pairs) {
    return Dict.empty
  }
  const dict = dictOf(frame.values, frame.names, depth, options.sorted && !frame.pairs)
  if (options.strict && frame.pairs && !needsPairs(dict)) {
    throw new XrError('XR_FORM', 'a Dict whose keys are all Strings must be encoded as a map')
  }
  return dict
}

/** The error with the path to the container in which it occurred. */
function withPath(err: unknown, top: Frame | undefined, offset: number): unknown {
  if (!(err instanceof XrError)) {
    return err
  }
  const path: Node[] = []
  for (let frame = top; frame !== undefined; frame = frame.parent) {
    if (frame.id !== undefined) {
      path.unshift(frame.name as Node)
    } else if (!frame.entries) {
      path.unshift(BigInt(frame.op === Op.PREDICATE ? frame.positional.length : frame.count))
    }
  }
  return err.with({ path: [...path, ...(err.path ?? [])], offset })
}
