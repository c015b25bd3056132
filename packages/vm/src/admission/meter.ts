import { VmError } from '../errors.ts'
import type { MaybePromise } from '../store/store.ts'
import type { DecodedUpdate } from './codec-port.ts'

/** What an update asks a machine to keep, and how long. */
export interface Charge {
  readonly writer: string
  /** the record's key */
  readonly key: Uint8Array
  /** bytes charged until `retain` */
  readonly bytes: number
  /** from now until `retain`, milliseconds */
  readonly lifetimeMs: number
  /** bytes charged times seconds until `retain` */
  readonly byteSeconds: number
}

/** The price of an update, in the operator's unit. */
export interface Price {
  readonly price: number
  /** whether the machine refuses the update unless the writer has paid; default: no */
  readonly refused?: boolean
}

/** Prices updates before they are admitted; a record waits for it, so that it must settle. The machine tells the price in the receipt, or in the refusal; it collects nothing. */
export interface Meter {
  price(charge: Charge): MaybePromise<Price>
}

/**
 * The price of an update.
 *
 * @throws VmError `VM_PRICE` when the meter refuses it
 */
export async function priceOf(
  meter: Meter,
  { writer, cost, lifetimeMs, update }: { writer: string; cost: number; lifetimeMs: number; update: DecodedUpdate },
): Promise<number> {
  const byteSeconds = (cost * lifetimeMs) / 1000
  const charge = { writer, key: new Uint8Array(update.key), bytes: cost, lifetimeMs, byteSeconds }
  const { price, refused = false } = await meter.price(charge)
  if (!(Number.isFinite(price) && price >= 0)) {
    throw new VmError('VM_INTERNAL', `the meter returned the price ${String(price)}; expected a number from 0`)
  }
  if (refused) {
    const detail = { limit: 'price', max: 0, got: price }
    throw new VmError('VM_PRICE', `the meter asks for ${price}; expected payment`, detail)
  }
  return price
}
