import { StoreError } from '../store-error.ts'
import type { StoreRef } from '../store.ts'

/*
 * The keys of a store, one letter for each kind:
 *
 *   e/<record>/<hash>            an update
 *   x/<retain>/<record>/<hash>   its entry of the index; `retain` in milliseconds, 16 digits, so that keys are in the order of the index
 *   r/<record>/<hash>            an update that is `resumed`
 *   u/<writer>                   the usage of a writer
 *   q/<record>/<hash>            an update in the quarantine
 *   t, c, m                      totals; confirmed time; version of the format
 *   j                            the last batch, where the engine is not atomic
 *
 * Record ids and hashes are lower-case letters and digits, which are above `/` in ASCII: all keys of a record are between `e/<record>/`
 * and `e/<record>0`, and records are in the order of their ids.
 */

export const TOTALS_KEY = 't'
export const TIME_KEY = 'c'
export const FORMAT_KEY = 'm'
export const JOURNAL_KEY = 'j'

/** Digits of 2^53. */
const RETAIN_DIGITS = 16

type EntryId = Pick<StoreRef, 'record' | 'hash'>

export function entryKey({ record, hash }: EntryId): string {
  return `e/${record}/${hash}`
}

export function indexKey({ record, hash, retain }: StoreRef): string {
  return `x/${retainDigits(retain)}/${record}/${hash}`
}

export function resumedKey({ record, hash }: EntryId): string {
  return `r/${record}/${hash}`
}

export function quarantineKey({ record, hash }: EntryId): string {
  return `q/${record}/${hash}`
}

/**
 * The key of a writer's usage. Every string has another one, also where upper and lower case do not differ: `_a` is `A`, and `-` with the
 * code of a UTF-16 unit in four digits is any other character.
 */
export function usageKey(writer: string): string {
  const encoded = writer.replaceAll(/[^a-z0-9]/gs, (char) =>
    char >= 'A' && char <= 'Z' ? `_${char.toLowerCase()}` : `-${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `u/${encoded === '' ? '-' : encoded}`
}

/** The writer of a key that {@link usageKey} made. */
export function usageWriter(key: string): string {
  return key
    .slice('u/'.length)
    .replaceAll(/_(.)|-(.{4})?/g, (_, letter: string | undefined, code: string | undefined) =>
      letter !== undefined
        ? letter.toUpperCase()
        : code === undefined
          ? ''
          : String.fromCharCode(Number.parseInt(code, 16)),
    )
}

/** The place in the index of the first key with this `retain`, or a later one. */
export function indexPlace(retain: number): string {
  return `x/${retainDigits(Math.min(Math.max(0, Math.ceil(retain)), Number.MAX_SAFE_INTEGER + 1))}`
}

/** Reads a key of an update, of the index, or of the quarantine; undefined when it is no such key. */
export function parseKey(key: string): StoreRef | undefined {
  const match = KEY.exec(key)
  if (match === null) {
    return undefined
  }
  const [, , retain = '0', record = '', hash = ''] = match
  return { record, hash, retain: Number(retain) }
}

const KEY = /^(?:[erq]|(x)\/(\d{16}))\/([a-z0-9]+)\/([a-z0-9]+)$/

/** Bounds of all keys that begin with a letter and `/`. */
export function allOf(letter: string): { readonly gt: string; readonly lt: string } {
  return { gt: `${letter}/`, lt: `${letter}0` }
}

const ID = /^[a-z0-9]+$/

/** @throws StoreError `STORE_FAILED` unless the parts of a reference can be parts of a key */
export function assertRef({ record, hash, retain }: StoreRef): void {
  if (!ID.test(record) || !ID.test(hash)) {
    throw new StoreError(
      'STORE_FAILED',
      `expected a record and a hash of lower-case letters and digits; found ${record}, ${hash}`,
    )
  }
  if (!Number.isSafeInteger(retain) || retain < 0) {
    throw new StoreError('STORE_FAILED', `expected a retain of whole milliseconds from 0; found ${retain}`)
  }
}

function retainDigits(retain: number): string {
  return retain.toString().padStart(RETAIN_DIGITS, '0')
}
