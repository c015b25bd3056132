import { Dict, isKind, type Node } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import type { ProtocolErrorCode } from '@sr/protocol'
import { goDocument, goMessage, goRecordValue } from '@sr/protocol-go'
import { Fault, must } from '../fault.ts'
import { measure } from '../measure.ts'
import { answer, checkForm, checkNode, type Form, hex, same } from './natural.ts'
import { checkRefusal, checkTyped } from './refusal.ts'
import { due, type Outcome, REFUSED, type Target } from './target.ts'

/** Digits and sign of the widest Int, which stands as a String in `bigint("…")`, and is counted as one too. */
const BIGINT_TEXT = 310
const INT64_BITS = 63

/** The Go form of nodes. */
export const goForm: Form = {
  ...goDocument,
  widened: (limits) => (limits.int > INT64_BITS ? { ...limits, string: Math.max(limits.string, BIGINT_TEXT) } : limits),
}

/** A Go document without the space around its tokens, which no token holds. */
function compact(node: Node): Uint8Array {
  return Uint8Array.from(
    Buffer.from(Buffer.from(goDocument.encode(node)).toString('latin1').replaceAll(/\n\t*/g, ''), 'latin1'),
  )
}

/** A document as Go peers write it. Other bytes may stand for a node too, so what is checked is that ours read back. */
export const goDocumentTarget: Target = {
  name: 'go-document',
  shape: 'json',
  most: 500,
  run(input, turn): Outcome {
    const node = answer(() => goDocument.decode(input), input.length)
    if (node === undefined) return REFUSED
    checkForm(node, goDocument, 'the Go form')
    checkNode(node, goForm, turn)
    if (due(turn, 1, 4)) checkForm(node, dagCbor, 'dag-cbor')
    return { accepted: true, node }
  },
  decode(input) {
    goDocument.decode(input)
  },
  writers: [goDocument.encode, compact],
}

const RECORD_CODES: Readonly<Partial<Record<ProtocolErrorCode, boolean>>> = { PROTOCOL_DOC: true }
const PEER = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'

/** The documents of a record by their writers, as Go peers answer a GET. */
export const goRecordTarget: Target = {
  name: 'go-record',
  shape: 'record',
  most: 1000,
  run(input, turn): Outcome {
    const record = recordIn(input)
    if (due(turn, 3, 4)) checkUnreadable(input, record)
    if (record === undefined) return REFUSED
    for (const document of record.values()) {
      measure(document)
      if (due(turn, 2, 4)) checkForm(document, goDocument, 'the Go form')
    }
    const written = goRecordValue.encode(record)
    const back = recordIn(written)
    if (back === undefined) throw new Fault('a record that was written, and refused', hex(written))
    must(sameRecords(back, record), 'a record that was written, and read back as another', () => hex(written))
    must(same(goRecordValue.encode(back), written), 'a record written twice, and not the same', () => hex(written))
    const [first] = record.values()
    return first === undefined ? { accepted: true } : { accepted: true, node: first }
  },
  decode(input) {
    goRecordValue.decode(input)
  },
  writers: [(node) => goRecordValue.encode(new Map([[PEER, isKind(node, 'dict') ? node : Dict.from([['a', node]])]]))],
}

/** A record, or undefined when it is refused: as none by an ProtocolError, for a document in it by an XrError. */
function recordIn(input: Uint8Array): Map<string, Dict> | undefined {
  try {
    return goRecordValue.decode(input)
  } catch (error) {
    if (error instanceof Error && error.name === 'XrError') {
      const { path } = checkRefusal(error, input.length)
      must(typeof path?.[0] === 'string', 'a document refused without its writer')
    } else {
      checkTyped(error, 'ProtocolError', RECORD_CODES)
    }
    return undefined
  }
}

/** Documents that cannot be read keep the others from being read only when the caller does not ask for them. */
function checkUnreadable(input: Uint8Array, record: Map<string, Dict> | undefined): void {
  const unreadable: Error[] = []
  let readable: Map<string, Dict>
  try {
    readable = goRecordValue.decode(
      input,
      {},
      {
        onUnreadable: (_peer, error) => {
          unreadable.push(error)
        },
      },
    )
  } catch (error) {
    checkTyped(error, 'ProtocolError', RECORD_CODES)
    must(record === undefined, 'a record accepted, and refused when told what to do with bad documents')
    return
  }
  for (const error of unreadable) checkRefusal(error, input.length)
  must((unreadable.length === 0) === (record !== undefined), 'a record refused for no document of it')
  if (record !== undefined)
    must(sameRecords(readable, record), 'another record when told what to do with bad documents')
}

function sameRecords(a: Map<string, Dict>, b: Map<string, Dict>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([peer, document]) => {
      const other = b.get(peer)
      return other !== undefined && same(dagCbor.encode(document), dagCbor.encode(other))
    })
  )
}

const MESSAGE_CODES: Readonly<Partial<Record<ProtocolErrorCode, boolean>>> = {
  PROTOCOL_PROTO: true,
  PROTOCOL_TYPE: true,
  PROTOCOL_NODES: true,
}

/** The protobuf around both. */
export const goMessageTarget: Target = {
  name: 'go-message',
  shape: 'protobuf',
  most: 200,
  run(input): Outcome {
    let message: ReturnType<typeof goMessage.decode>
    try {
      message = goMessage.decode(input)
    } catch (error) {
      checkTyped(error, 'ProtocolError', MESSAGE_CODES)
      return REFUSED
    }
    const { key, value, ttl, type } = message
    must(key.length + value.length <= input.length, 'a message with more in it than its bytes')
    must(ttl >= 0n && ttl < 1n << 64n, 'a time to live outside 64 bits', () => String(ttl))
    const written = goMessage.encode(message)
    must(written.length <= input.length, 'a message that is longer when it is written', () => hex(written))
    const back = goMessage.decode(written)
    must(
      back.type === type && back.ttl === ttl && same(back.key, key) && same(back.value, value),
      'a message written, and read back as another',
      () => hex(written),
    )
    must(same(goMessage.encode(back), written), 'a message written twice, and not the same', () => hex(written))
    return { accepted: true }
  },
  decode(input) {
    goMessage.decode(input)
  },
  writers: [],
}
