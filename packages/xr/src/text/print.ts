import { kindOf, unreachable } from '../model/kind.ts'
import type { Dict, List, Node, Predicate } from '../model/node.ts'
import { printFloat } from './float.ts'
import { isBareWord } from './word.ts'

/** The layout of {@link print}. */
export interface PrintOptions {
  /** indentation of one level; without it the text is one line */
  indent?: string
  /** with `indent`: longest container, in characters, that is printed on one line; default 0 */
  width?: number
}

/**
 * Prints a node in the text syntax. `parse(print(node))` equals `node`. Invisible characters (controls,
 * line separators, direction marks) are escaped.
 *
 * @throws XrError `XR_KIND` when the argument is not a node
 * @example
 * ```ts
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ nick: 'bob', key: Uint8Array.of(222, 173) }))) // {nick="bob" key=0xdead}
 * ```
 */
export function print(node: Node, options: PrintOptions = {}): string {
  const out: string[] = []
  write(node, { indent: options.indent, width: options.width ?? 0 }, '\n', out)
  return out.join('')
}

/** Iterates over the content of a container; may be called several times. */
type Entries = () => Iterable<readonly [Node | undefined, Node]>

interface Layout {
  indent: string | undefined
  width: number
}

const ONE_LINE: Layout = { indent: undefined, width: 0 }

function write(node: Node, layout: Layout, line: string, out: string[]): void {
  const kind = kindOf(node)
  switch (kind) {
    case 'bool':
      out.push(node === true ? 'true' : 'false')
      return
    case 'string':
      out.push(quote(node as string))
      return
    case 'int':
      out.push((node as bigint).toString())
      return
    case 'float':
      out.push(printFloat(node as number))
      return
    case 'bytes':
      out.push(hex(node as Uint8Array))
      return
    case 'list':
      writeAll('[', () => entriesOf(node as List), ' ', ']', layout, line, out)
      return
    case 'dict':
      writeAll('{', () => node as Dict, ' ', '}', layout, line, out)
      return
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      out.push(isBareWord(tag) ? tag : quote(tag))
      writeAll('(', () => argumentsOf(positional, named), ', ', ')', layout, line, out)
      return
    }
    default:
      unreachable(kind)
  }
}

function* entriesOf(members: Iterable<Node>): IterableIterator<[undefined, Node]> {
  for (const member of members) {
    yield [undefined, member]
  }
}

function* argumentsOf(positional: readonly Node[], named: Dict): IterableIterator<[Node | undefined, Node]> {
  yield* entriesOf(positional)
  yield* named
}

function writeAll(
  open: string,
  entries: Entries,
  separator: string,
  close: string,
  layout: Layout,
  line: string,
  out: string[],
): void {
  const { indent, width } = layout
  if (indent !== undefined && width > 0) {
    const short = shortForm(open, entries, separator, close, width)
    if (short !== undefined) {
      out.push(short)
      return
    }
  }
  const inner = indent === undefined ? line : line + indent
  out.push(open)
  let first = true
  for (const [name, value] of entries()) {
    if (indent !== undefined) {
      out.push(inner)
    } else if (!first) {
      out.push(separator)
    }
    first = false
    writeEntry(name, value, layout, inner, out)
  }
  if (indent !== undefined && !first) {
    out.push(line)
  }
  out.push(close)
}

function writeEntry(name: Node | undefined, value: Node, layout: Layout, line: string, out: string[]): void {
  if (name !== undefined) {
    if (typeof name === 'string' && isBareWord(name)) {
      out.push(name)
    } else {
      write(name, layout, line, out)
    }
    out.push('=')
  }
  write(value, layout, line, out)
}

/** A container on one line, or undefined when that is longer than `width`. */
function shortForm(
  open: string,
  entries: Entries,
  separator: string,
  close: string,
  width: number,
): string | undefined {
  const parts: string[] = []
  let length = open.length + close.length
  for (const [name, value] of entries()) {
    // each node takes at least one character, so a container with more nodes than that need not be printed
    if (sizeOf(value) > width - length) {
      return undefined
    }
    const out: string[] = []
    writeEntry(name, value, ONE_LINE, '', out)
    const part = out.join('')
    length += part.length + (parts.length === 0 ? 0 : separator.length)
    if (length > width) {
      return undefined
    }
    parts.push(part)
  }
  return `${open}${parts.join(separator)}${close}`
}

function sizeOf(node: Node): number {
  return typeof node === 'string' ? node.length : typeof node === 'object' && 'size' in node ? node.size : 1
}

// Escaped besides what JSON escapes, since they would hide or reorder text: DEL and C1 controls, soft hyphen,
// zero-width space, direction marks, line and paragraph separator, byte order mark. Not the joiners: scripts and emoji need them.
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** A String between double quotes. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text)
  return quoted.search(UNSEEN) === -1
    ? quoted
    : quoted.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(bytes: Uint8Array): string {
  const parts: string[] = ['0x']
  for (const byte of bytes) {
    parts.push(HEX[byte] as string)
  }
  return parts.join('')
}
