import type { Engine, EnginePair } from './engine.ts'
import { allOf } from './keys.ts'

/** Pairs of the index, or of another kind without bytes, read at once. */
export const PAGE = 500
/** Updates read at once: at 264 KiB each, 17 MiB. */
export const ENTRY_PAGE = 64

/** All pairs whose key begins with a letter and `/`, in pages. */
export async function* scan(engine: Engine, letter: string, limit: number): AsyncGenerator<readonly EnginePair[]> {
  const { lt } = allOf(letter)
  let { gt } = allOf(letter)
  for (;;) {
    const page = await engine.range({ gt, lt, limit })
    if (page.length > 0) {
      yield page
    }
    if (page.length < limit) {
      return
    }
    gt = (page.at(-1) as EnginePair)[0]
  }
}
