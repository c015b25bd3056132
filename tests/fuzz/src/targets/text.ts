import { type Dict, isKind, type Node, print } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import { parse } from '@sr/xr/text'
import { Fault, must } from '../fault.ts'
import { checkForm, checkNode, textForm } from './natural.ts'
import { checkRefusal } from './refusal.ts'
import { due, type Outcome, REFUSED, type Target } from './target.ts'

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const E = 0xed

/** The text that bytes stand for: UTF-8 in which halves of surrogate pairs may stand alone, since JavaScript's strings may hold them. */
export function textOf(bytes: Uint8Array): string {
  let from = 0
  let out = ''
  for (let at = bytes.indexOf(E); at !== -1 && at + 2 < bytes.length; at = bytes.indexOf(E, at + 1)) {
    const second = bytes[at + 1] as number
    const third = bytes[at + 2] as number
    if (second < 0xa0 || second > 0xbf || (third & 0xc0) !== 0x80) continue
    out +=
      fromUtf8.decode(bytes.subarray(from, at)) + String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f))
    from = at + 3
  }
  return out + fromUtf8.decode(bytes.subarray(from))
}

interface Place {
  line: number
  column: number
  found: string
  expected: string
  excerpt: string
}

function checkPlace(error: unknown, text: string): void {
  const { code, offset } = checkRefusal(error, text.length)
  const place = (error as { place?: Place }).place
  if (place === undefined || offset === undefined) throw new Fault(`${code} without its place in the text`)
  const before = text.slice(0, offset).split('\n')
  must(
    place.line === before.length && place.column === (before.at(-1) as string).length + 1,
    `${code} with the wrong line or column`,
    () => `${place.line}:${place.column} for offset ${offset}`,
  )
  must(place.found !== '' && place.expected !== '', `${code} without what was found and expected`)
  const [line = '', caret = '', ...more] = place.excerpt.split('\n')
  must(
    more.length === 0 && /^ *\^$/.test(caret) && caret.length <= line.length + 1,
    `${code} with a caret that points nowhere`,
    () => JSON.stringify(place.excerpt),
  )
}

/** A node as text that `print` does not make: every key and tag in quotes, colons and commas. */
function quoted(node: Node): string {
  if (isKind(node, 'list')) return `[${Array.from(node, quoted).join()}]`
  if (isKind(node, 'dict')) return `{${entriesOf(node).join()}}`
  if (isKind(node, 'predicate'))
    return `${JSON.stringify(node.tag)}(${[...node.positional.map(quoted), ...entriesOf(node.named)].join()})`
  return typeof node === 'string' ? JSON.stringify(node) : print(node)
}

function entriesOf(dict: Dict): string[] {
  return Array.from(dict, ([name, value]) => `${quoted(name)}:${quoted(value)}`)
}

export const textTarget: Target = {
  name: 'text',
  shape: 'text',
  most: 160,
  run(input, turn): Outcome {
    const text = textOf(input)
    let node: Node
    try {
      node = parse(text)
    } catch (error) {
      checkPlace(error, text)
      return REFUSED
    }
    checkForm(node, textForm, 'the text syntax')
    checkNode(node, textForm, turn)
    if (due(turn, 1, 4)) checkForm(node, dagCbor, 'dag-cbor')
    return { accepted: true, node }
  },
  decode(input) {
    parse(textOf(input))
  },
  writers: [
    (node) => utf8.encode(print(node)),
    (node) => utf8.encode(print(node, { indent: '\t' })),
    (node) => utf8.encode(quoted(node)),
  ],
}
