import type { Random } from '@sr/tests-kit/random'
import type { Stock } from './bytes.ts'
import { edited, type Edit } from './splice.ts'
import { changeText, type Span, spansOf } from './text.ts'

/** Shortest string that is taken for a document in base64; peer ids are shorter. */
const LEAST = 60

/** One change of a document within a record, or of the record around them. */
export function changeRecord(input: Uint8Array, random: Random, stock: Stock): Uint8Array {
  const documents = documentsIn(input)
  const document = random.pick(documents)
  if (document === undefined || random.once(4)) return changeText(input, random, stock, 'json')
  const other = random.pick(documentsIn(stock.donor))
  const donor = other === undefined ? stock.donor : contentOf(stock.donor, other)
  const edit: Edit = {
    from: document.from + 1,
    to: document.to - 1,
    bytes: inBase64(changeText(contentOf(input, document), random, { ...stock, donor }, 'json')),
  }
  return edited(input, [edit])
}

function documentsIn(input: Uint8Array): Span[] {
  return spansOf(input).filter(({ kind, from, to }) => kind === 'string' && to - from > LEAST)
}

function contentOf(input: Uint8Array, { from, to }: Span): Uint8Array {
  return Uint8Array.from(Buffer.from(Buffer.from(input.subarray(from + 1, to - 1)).toString('latin1'), 'base64'))
}

function inBase64(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.from(Buffer.from(bytes).toString('base64'), 'latin1'))
}
