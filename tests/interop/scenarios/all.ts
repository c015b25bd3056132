import { recordRows } from '../record/rows.ts'
import type { Row } from '../report/row.ts'
import { answerRows } from './answers.ts'
import { codec } from './codec.ts'
import { documents } from './documents.ts'
import { frames } from './frames.ts'
import { life } from './life.ts'
import { replay } from './replay.ts'
import { sizes } from './sizes.ts'
import { streams } from './streams.ts'
import { verdicts } from './verdicts.ts'
import { waiting } from './waiting.ts'

/** Every row there is. */
export function allRows(seed: number): Row[] {
  return [
    ...documents,
    ...life,
    ...verdicts,
    ...frames,
    ...streams,
    ...sizes,
    ...answerRows,
    ...codec(seed),
    ...waiting,
    ...replay,
    ...recordRows,
  ]
}
