import { equal, isKind, key, type Limits, LIMITS, type Node, print, size } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import * as dagCbor from '@sr/xr/dag-cbor'
import * as dagJson from '@sr/xr/dag-json'
import { parse } from '@sr/xr/text'
import { goDocument } from '@sr/protocol-go'
import { Fault, must } from '../fault.ts'
import { measure } from '../measure.ts'
import { checkRefusal, LIMIT_CODES } from './refusal.ts'
import { due, EVERY, type Outcome, REFUSED, type Shape, type Target } from './target.ts'

/** A form of nodes: how it is read, and how it is written. */
export interface Form {
  decode(bytes: Uint8Array, limits?: Partial<Limits>): Node
  encode(node: Node): Uint8Array
  /** what a document at its limits needs in this form, when that is more */
  widened?(limits: Limits): Limits
}

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text syntax as a form of bytes. */
export const textForm: Form = {
  decode: (bytes, limits) => parse(fromUtf8.decode(bytes), limits),
  encode: (node) => utf8.encode(print(node)),
}

/** The text syntax over several lines. */
export const linesForm: Form = {
  decode: textForm.decode,
  encode: (node) => utf8.encode(print(node, { indent: '  ' })),
}

/** One of the two natural forms: what decodes must encode to the same bytes. */
export function naturalTarget(name: string, shape: Shape, form: Form, other: Form): Target {
  return {
    name,
    shape,
    most: 160,
    run(input, turn): Outcome {
      const node = answer(() => form.decode(input), input.length)
      if (node === undefined) return REFUSED
      must(same(form.encode(node), input), 'accepted, and encoded to other bytes', () => hex(form.encode(node)))
      checkNode(node, form, turn)
      if (due(turn, 1, 4)) checkForm(node, other, 'the other natural form')
      return { accepted: true, node }
    },
    decode(input) {
      form.decode(input)
    },
    writers: [form.encode],
  }
}

/** What decoding answers: a node, or undefined when it refused as it may. */
export function answer(decode: () => Node, length: number): Node | undefined {
  try {
    return decode()
  } catch (error) {
    checkRefusal(error, length)
    return undefined
  }
}

/** What holds of any node that a decoder let through. */
export function checkNode(node: Node, form: Form, turn: number): void {
  const { depth, nodes, string, bytes, int } = measure(node)
  const cbor = dagCbor.encode(node)
  const limits: Limits = { depth, nodes, size: cbor.length, string, bytes, int }
  for (const [name, max] of Object.entries(LIMITS)) {
    must(
      limits[name as keyof Limits] <= max,
      `accepted, and over the limit ${name}`,
      () => `${limits[name as keyof Limits]} of ${max}`,
    )
  }
  must(
    size(node) === cbor.length,
    'a size that is not the length of the dag-cbor',
    () => `${size(node)}, and ${cbor.length} bytes`,
  )
  if (due(turn, 2, 4)) checkForm(node, textForm, 'the text syntax')
  if (due(turn, 6, 8)) checkForm(node, linesForm, 'the text syntax over lines')
  // to a Go peer `bigint("…")` is an Int
  if (due(turn, 7, 8) && !print(node).includes('bigint(')) checkForm(node, goDocument, 'the Go form')
  if (due(turn, 3, 4)) checkLimits(node, form, limits, turn)
  if (due(turn, 4, 8)) checkIdentity(node)
}

/** A node written in a form must read back the same node, and be written again the same. */
export function checkForm(node: Node, form: Form, name: string): void {
  const written = form.encode(node)
  let back: Node
  try {
    back = form.decode(written)
  } catch (error) {
    throw new Fault(
      `written in ${name}, and refused there with ${checkRefusal(error, written.length).code}`,
      hex(written),
      error,
    )
  }
  must(same(dagCbor.encode(back), dagCbor.encode(node)), `written in ${name}, and read back as something else`, () =>
    hex(written),
  )
  must(equal(back, node) && equal(node, back), `read back from ${name} with the same dag-cbor, and not equal`)
  must(same(form.encode(back), written), `written twice in ${name}, and not the same`, () => hex(written))
}

/** A document at its limits is accepted, and refused when any of them is one less. */
function checkLimits(node: Node, form: Form, limits: Limits, turn: number): void {
  const bytes = form.encode(node)
  const wide = form.widened?.(limits) ?? limits
  try {
    form.decode(bytes, wide)
  } catch (error) {
    throw new Fault(
      `refused at its own limits with ${checkRefusal(error, bytes.length).code}`,
      JSON.stringify(limits),
      error,
    )
  }
  const names = Object.keys(limits) as Array<keyof Limits>
  names.forEach((name, i) => {
    if (limits[name] === 0 || limits[name] !== wide[name] || !(turn === EVERY || (turn >> 2) % names.length === i))
      return
    try {
      form.decode(bytes, { ...wide, [name]: limits[name] - 1 })
    } catch (error) {
      const { code } = checkRefusal(error, bytes.length)
      must(code === LIMIT_CODES[name], `${code} where the limit ${name} was passed`)
      return
    }
    throw new Fault(`accepted one over the limit ${name}`, JSON.stringify(limits))
  })
}

/** Identity knows no order of Lists and Dicts. */
function checkIdentity(node: Node): void {
  const turned = dagCbor.decode(canonical(node))
  must(key(turned) === key(node), 'sorted, and of another key')
  must(equal(turned, node), 'sorted, and not equal')
  must(same(canonical(turned), canonical(node)), 'canonical bytes that are not stable')
  if (isKind(node, 'dict'))
    for (const [name, value] of node) must(node.get(name) === value, 'an entry that is not under its key')
  if (isKind(node, 'list')) for (const member of node) must(node.has(member), 'a member that is not a member')
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

export function hex(bytes: Uint8Array): string {
  return bytes.length > 400
    ? `${Buffer.from(bytes.subarray(0, 400)).toString('hex')}…`
    : Buffer.from(bytes).toString('hex')
}

export const cborTarget: Target = naturalTarget('dag-cbor', 'cbor', dagCbor, dagJson)
export const jsonTarget: Target = naturalTarget('dag-json', 'json', dagJson, dagCbor)
