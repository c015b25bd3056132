import { runAtOnce, type SlicedWork } from '@sr/protocol'
import { type Limits, limitsOf, type Node } from '@sr/xr'
import { build } from './build.ts'
import { Lexer } from './lexer.ts'
import { Scan } from './scan.ts'
import { ByteWriter } from '@sr/xr/codec-kit'
import { writeNode } from './write.ts'

/** Initial size of the buffer of a document, bytes. */
const EXPECT = 1024
const LINE_END = 0x0a

/** Writes a document: the text and the line end that Go puts behind it. */
export function* writeDocument(node: Node, writer: ByteWriter): SlicedWork<void> {
  yield* writeNode(node, 0, writer)
  writer.byte(LINE_END)
}

function encode(node: Node): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(EXPECT)
  runAtOnce(writeDocument(node, writer))
  return writer.take()
}

/** As `goDocument.decode`, in slices. */
export function* readDocument(bytes: Uint8Array, limits?: Partial<Limits>): SlicedWork<Node> {
  const lexer = new Lexer(bytes)
  const tape = yield* new Scan(lexer, limitsOf(limits)).run()
  return yield* build(tape, lexer)
}

function decode(bytes: Uint8Array, limits?: Partial<Limits>): Node {
  return runAtOnce(readDocument(bytes, limits))
}

/**
 * A node in the form of the Go peers, byte for byte: pretty-printed JSON with a member of a union
 * around every node. What Go cannot read back is written so that it can (a Float 1.0 as `1.0`), and
 * an Int beyond 64 bits as the predicate `bigint("…")`, which reads back as that Int.
 *
 * `decode` takes what Go peers write, in any release: any white space, fields in any order, every JSON escape, base64
 * with and without padding, an integer for a Float. All else that is not JSON is refused (`XR_SYNTAX`), even where Go's
 * own reader tolerates it: missing and trailing commas, `t…` for `true`, NULs behind the document. It also refuses what
 * Go reads as something else: `XR_VALUE` for half a surrogate pair and for invalid UTF-8, `XR_DUPLICATE` for equal keys.
 * Equal members of a List collapse to the first. Sizes are counted as in natural dag-cbor, so space between tokens is
 * free.
 *
 * @example
 * ```ts
 * import { from, print } from '@sr/xr'
 * import { goDocument } from '@sr/protocol-go'
 *
 * const bytes = goDocument.encode(from({ nick: 'bob' }))
 * console.log(bytes.length, print(goDocument.decode(bytes))) // 144 {nick="bob"}
 * ```
 */
export const goDocument: {
  encode(node: Node): Uint8Array<ArrayBuffer>
  decode(bytes: Uint8Array, limits?: Partial<Limits>): Node
} = { encode, decode }
