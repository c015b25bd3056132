import type { Row } from '../report/row.ts'
import { documentRows } from './documents.ts'
import { closeRecordPairs } from './pair.ts'
import { refusalRows } from './refusals.ts'
import { closeVectorsPeer, vectorRows } from './vectors.ts'
import { watchRows } from './watches.ts'

/** Every row of `/smart-record/1.0.0`. */
export const recordRows: Row[] = [...vectorRows, ...documentRows, ...watchRows, ...refusalRows]

/** Ends the peers of these rows. */
export async function closeRecordPeers(): Promise<void> {
  await Promise.all([closeRecordPairs(), closeVectorsPeer()])
}
