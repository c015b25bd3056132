import type { Position } from '@sr/ir'
import { fromLatin1, latin1 } from '@sr/xr/codec-kit'
import { CborReader, CborWriter, encode, type CborValue } from '@sr/xr/cbor'
import { VmError } from '../errors.ts'
import { STEP_BYTES } from './page-limits.ts'

/** Most bytes of a cursor. */
export const MAX_CURSOR_BYTES: number = 256 * 1024

/** Bytes of a cursor besides the positions, at most: the check 9, a writer's id and its head 517, the other heads. */
const OTHER_BYTES = 1024

/** Longest writer id in a cursor, UTF-8 bytes. */
const MAX_WRITER_BYTES = 512

/** Most bytes of the steps of a cursor, heads included. */
const MAX_POSITION_BYTES: number = MAX_CURSOR_BYTES - OTHER_BYTES

/** Most steps of a position: the deepest document. */
const MAX_STEPS = 64

/** Where a read of a record ended: all of it that a server remembers, and it remembers it in the client. */
export interface Cursor {
  /** the writer whose document is read */
  readonly writer: string
  /** where in it; undefined when it begins with this writer */
  readonly position: Position | undefined
  /** see `RowPosition` */
  readonly inside: Position | undefined
}

/**
 * The eight bytes by which a cursor is known to belong to a key and to what was asked. No protection against forgery: a
 * forged cursor only changes where its owner reads on. FNV-1a twice, http://www.isthe.com/chongo/tech/comp/fnv/
 *
 * @param request what may not change between two pages, such as the path, the selector and the tags
 */
export function cursorCheck(key: Uint8Array, request: CborValue): Uint8Array<ArrayBuffer> {
  const bytes = encode([key, request])
  let [a, b] = [0x811c9dc5, 0x9e3779b9]
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul(b ^ byte ^ (a >>> 24), 0x01000193)
  }
  const check = new Uint8Array(8)
  const view = new DataView(check.buffer)
  view.setUint32(0, a)
  view.setUint32(4, b)
  return check
}

/**
 * Encodes a cursor, canonically: equal cursors have equal bytes, different ones different bytes. Steps beyond the first
 * 255 KiB of the positions are shortened; then the next page begins behind all leaves whose path begins so.
 *
 * @throws VmError `VM_WRITER` for a writer id above 512 bytes
 */
export function encodeCursor(cursor: Cursor, check: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new TextEncoder().encode(cursor.writer)
  if (writer.length > MAX_WRITER_BYTES) {
    throw new VmError('VM_WRITER', `a writer in a cursor is limited to ${MAX_WRITER_BYTES} bytes, got ${writer.length}`)
  }
  const { position, inside } = shorten(cursor)
  const out = new CborWriter()
  out.list(2 + (position === undefined ? 0 : 1) + (inside === undefined ? 0 : 1))
  out.bytes(check)
  out.text(cursor.writer)
  for (const steps of [position, inside]) {
    if (steps !== undefined) {
      out.list(steps.length)
      for (const step of steps) {
        out.bytes(fromLatin1(step))
      }
    }
  }
  return out.take()
}

/**
 * Decodes a cursor.
 *
 * @throws VmError `VM_CURSOR` for bytes that `encodeCursor` did not write (`limit: 'cursor'` when they are too many), and with
 * `limit: 'cursorCheck'` for a cursor of another key or request
 */
export function decodeCursor(bytes: Uint8Array, check: Uint8Array): Cursor {
  if (bytes.length > MAX_CURSOR_BYTES) {
    throw new VmError('VM_CURSOR', `a cursor is limited to ${MAX_CURSOR_BYTES} bytes, got ${bytes.length}`, {
      limit: 'cursor',
      max: MAX_CURSOR_BYTES,
      got: bytes.length,
    })
  }
  const { found, cursor } = parse(bytes)
  if (found.some((byte, i) => byte !== check[i])) {
    throw new VmError('VM_CURSOR', 'the cursor belongs to another key or to another request', { limit: 'cursorCheck' })
  }
  return cursor
}

function parse(bytes: Uint8Array): { found: Uint8Array; cursor: Cursor } {
  try {
    const reader = new CborReader(bytes)
    const fields = reader.list()
    const found = reader.bytes()
    if (fields < 2 || fields > 4 || found.length !== 8) {
      throw new RangeError(`a cursor has 2 to 4 fields and a check of 8 bytes, not ${fields} and ${found.length}`)
    }
    const writer = reader.text()
    const position = fields > 2 ? readPosition(reader) : undefined
    const inside = fields > 3 ? readPosition(reader) : undefined
    reader.end()
    return { found, cursor: { writer, position, inside } }
  } catch (cause) {
    throw new VmError('VM_CURSOR', 'not a cursor of this machine', { cause })
  }
}

function readPosition(reader: CborReader): string[] {
  const count = reader.list()
  if (count > MAX_STEPS) {
    throw new RangeError(`a position has at most ${MAX_STEPS} steps, not ${count}`)
  }
  return Array.from({ length: count }, () => latin1(reader.bytes()))
}

/** The positions of a cursor within `MAX_POSITION_BYTES`. */
function shorten({ position, inside }: Cursor): Pick<Cursor, 'position' | 'inside'> {
  if (position === undefined) {
    return { position, inside: undefined }
  }
  const left = MAX_POSITION_BYTES - sizeOf(position)
  if (left < 0) {
    return { position: shortened(position, MAX_POSITION_BYTES), inside: undefined }
  }
  return { position, inside: inside === undefined || sizeOf(inside) <= left ? inside : shortened(inside, left) }
}

/** A position behind all that begin as this one does within `max` bytes. */
function shortened(position: Position, max: number): Position {
  const steps: string[] = []
  let left = max - STEP_BYTES
  for (const step of position) {
    if (step.length > left) {
      const prefix = step.slice(0, Math.max(left, 0)).replace(/\xff+$/, '')
      return prefix === '' ? behind(steps) : [...steps, nextPrefix(prefix)]
    }
    steps.push(step)
    left -= step.length + STEP_BYTES
  }
  return steps
}

/** The first string behind all that begin with `prefix`. */
function nextPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

/** The position behind a part and all that is in it: no canonical encoding begins with another one. */
function behind(position: readonly string[]): Position {
  return [...position.slice(0, -1), `${position.at(-1) ?? ''}\0`]
}

function sizeOf(position: Position): number {
  return position.reduce((sum, step) => sum + step.length + STEP_BYTES, 0)
}
