import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** What `record.c` records, and the acknowledgements that the writing process adds. */
export const KINDS = {
  write: 1,
  truncate: 2,
  sync: 3,
  create: 4,
  unlink: 5,
  rename: 6,
  unseen: 7,
  acknowledged: 8,
} as const

const HEADER_BYTES = 16

/** One call that changed a file, or an acknowledged update. */
export interface TraceRecord {
  readonly kind: number
  /** the file in the folder of the store; empty for the folder; the stream of an acknowledged update */
  readonly path: string
  /** where it writes, the size it truncates to, or the number of the acknowledged update */
  readonly offset: number
  readonly bytes: Uint8Array
}

/** The records of a trace in their order. */
export function* readTrace(file: string): Iterable<TraceRecord> {
  const all = readFileSync(file)
  for (let at = 0; at < all.length;) {
    const [kind, pathLength] = [all.readUInt8(at), all.readUInt8(at + 1)]
    const [length, offset] = [all.readUInt32LE(at + 4), Number(all.readBigUInt64LE(at + 8))]
    const bytesAt = at + HEADER_BYTES + pathLength
    yield {
      kind,
      offset,
      path: all.toString('utf8', at + HEADER_BYTES, bytesAt),
      bytes: all.subarray(bytesAt, bytesAt + length),
    }
    at = bytesAt + length
  }
}

/** Adds acknowledgements to a trace; the records before one are of calls that were made before it. */
export class Acknowledgements {
  readonly #descriptor: number

  constructor(file: string) {
    this.#descriptor = openSync(file, 'a')
  }

  add(stream: number, n: number): void {
    const path = Buffer.from(String(stream))
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt8(KINDS.acknowledged, 0)
    header.writeUInt8(path.length, 1)
    header.writeBigUInt64LE(BigInt(n), 8)
    writeSync(this.#descriptor, Buffer.concat([header, path]))
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
