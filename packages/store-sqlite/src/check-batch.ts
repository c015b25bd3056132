import type { StoreBatch } from '@sr/vm'
import { StoreError } from './errors.ts'

const HASH = /^[0-9a-f]{64}$/

/**
 * Refuses what the database would not return as it was given: text that is not well-formed Unicode, numbers that are not whole,
 * hashes that are not SHA-256.
 *
 * @throws StoreError `STORE_FAILED`
 */
export function assertBatch({ put, usage }: StoreBatch): void {
  for (const { record, hash, retain, writer, chargedTo, cost } of put) {
    if (!HASH.test(hash)) {
      throw refused(`the hash of an update is ${JSON.stringify(hash)}`, '64 lower-case hex digits')
    }
    if (!record.isWellFormed() || !writer.isWellFormed() || !chargedTo.isWellFormed()) {
      throw refused(`the record or a writer of update ${hash} has an unpaired surrogate`, 'well-formed Unicode')
    }
    if (!Number.isSafeInteger(retain) || !Number.isSafeInteger(cost)) {
      throw refused(`retain and cost of update ${hash} are ${retain} and ${cost}`, 'whole numbers')
    }
  }
  for (const { writer, bytes, records } of usage) {
    if (!writer.isWellFormed() || !Number.isSafeInteger(bytes) || !Number.isSafeInteger(records)) {
      throw refused(`the usage of ${JSON.stringify(writer)} changes by ${bytes} and ${records}`, 'whole numbers')
    }
  }
}

function refused(found: string, expected: string): StoreError {
  return new StoreError('STORE_FAILED', `${found}; expected ${expected}`)
}
