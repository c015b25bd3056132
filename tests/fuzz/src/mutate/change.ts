import type { Random } from '@sr/tests-kit/random'
import type { Shape } from '../targets/target.ts'
import { changeBytes, type Stock } from './bytes.ts'
import { changeCbor, itemsOf } from './cbor.ts'
import { changeProtobuf } from './protobuf.ts'
import { changeRecord } from './record.ts'
import { changeText, spansOf } from './text.ts'

/** An input made of another by one change or a few. */
export function change(input: Uint8Array, random: Random, stock: Stock, shape: Shape): Uint8Array {
  let changed = input
  for (let changes = random.small(1, 5); changes > 0; changes--) {
    changed = random.once(3) ? changeBytes(changed, random, stock) : changeShaped(changed, random, stock, shape)
    if (changed.length > stock.most) changed = changed.subarray(0, stock.most)
  }
  return changed
}

function changeShaped(input: Uint8Array, random: Random, stock: Stock, shape: Shape): Uint8Array {
  switch (shape) {
    case 'cbor':
      return changeCbor(input, random, stock)
    case 'protobuf':
      return changeProtobuf(input, random, stock)
    case 'record':
      return changeRecord(input, random, stock)
    default:
      return changeText(input, random, stock, shape)
  }
}

/** The parts of an input that may be inputs themselves. */
export function partsOf(input: Uint8Array, shape: Shape): Uint8Array[] {
  const parts = shape === 'cbor' ? itemsOf(input) : shape === 'protobuf' ? [] : spansOf(input)
  return parts.map(({ from, to }) => input.slice(from, to))
}
