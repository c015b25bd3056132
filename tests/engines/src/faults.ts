import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BATCH, stateAfter, WRITERS } from './batches.ts'
import { runChild } from './child.ts'
import { folderOf } from './compare.ts'
import type { Inspection, States } from './fault-child.ts'
import { ENGINES } from './index.ts'

const KILL_CYCLES = 20
const FLIPS = 100
const SEED = 1
/** Inspections at once: one per core of a small machine. */
const AT_ONCE = 2

/** What faults do to the engines: the names of the columns, then a row per count. */
export async function compareFaults(): Promise<string[][]> {
  const root = mkdtempSync(join(tmpdir(), 'sr-faults-'))
  try {
    const names = Object.keys(ENGINES)
    const columns: Array<ReadonlyArray<readonly [string, number]>> = []
    for (const name of names) {
      columns.push([...(await kills(name, join(root, 'kills'))), ...(await damages(name, root))])
    }
    return [
      [`faults, seed ${SEED}`, ...names],
      ...(columns[0] ?? []).map(([row], n) => [row, ...columns.map((column) => String(column[n]?.[1]))]),
    ]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Kills a process while eight writers commit, over the same files each time, and compares what is visible afterwards. */
async function kills(name: string, folder: string): Promise<Array<[string, number]>> {
  const random = randomOf(SEED)
  let [acknowledged, lost, half, unopened] = [0, 0, 0, 0]
  const last: number[] = Array.from({ length: WRITERS }, () => -1)
  for (let cycle = 0; cycle < KILL_CYCLES; cycle++) {
    const starts = last.map((batch) => batch + 1).join(',')
    await runChild('./fault-child.ts', ['write', name, folder, starts], {
      killAfterMs: 250 + random() * 350,
      onLine(line) {
        const [writer, batch] = JSON.parse(line) as [number, number]
        last[writer] = batch
        acknowledged++
      },
    })
    const { output } = await runChild<States>('./fault-child.ts', ['states', name, folder])
    if (output === undefined) {
      unopened++
      break
    }
    for (const [writer, found] of output.writers.entries()) {
      const batch = last[writer] as number
      const visible = JSON.stringify(found)
      // the batch after the acknowledged one may be on disk, whole
      if (visible === JSON.stringify(stateAfter(batch + 1))) last[writer] = batch + 1
      else if (visible !== JSON.stringify(stateAfter(batch))) {
        if (found.some(([, entries]) => entries !== BATCH)) half++
        else lost++
      }
    }
    if (output.indexed !== output.writers.flat().reduce((sum, [, entries]) => sum + entries, 0)) half++
  }
  rmSync(folder, { recursive: true, force: true })
  return [
    [`kill -9, ${KILL_CYCLES} cycles: batches acknowledged`, acknowledged],
    ['  writers with acknowledged batches lost', lost],
    ['  half batches visible', half],
    ['  cycles after which it does not open', unopened],
  ]
}

type Outcome = 'no effect' | 'refused to open' | 'reported' | 'lost unreported' | 'wrong' | 'crash'
const OUTCOMES: readonly Outcome[] = ['no effect', 'refused to open', 'reported', 'lost unreported', 'wrong', 'crash']

/** Flips single bits, then deletes single files, each on a copy of the same store. */
async function damages(name: string, root: string): Promise<Array<[string, number]>> {
  const random = randomOf(SEED)
  const original = join(root, folderOf(name))
  await runChild('./fault-child.ts', ['build', name, original])
  const files = readdirSync(original)
  const undamaged = await inspectCopy(name, original, () => {})
  if (undamaged !== 'no effect') throw new Error(`${name}: an undamaged copy counts as '${undamaged}'`)

  const flips: Outcome[] = []
  while (flips.length < FLIPS) {
    const some = Array.from({ length: AT_ONCE }, () => inspectCopy(name, original, (copy) => flipBit(copy, random)))
    flips.push(...(await Promise.all(some)))
  }
  const deletions: Outcome[] = []
  for (const file of files) deletions.push(await inspectCopy(name, original, (copy) => rmSync(join(copy, file))))
  const count = (outcomes: readonly Outcome[], one: Outcome): number => outcomes.filter((other) => other === one).length
  return [
    ...OUTCOMES.map((one): [string, number] => [`a bit flipped, ${FLIPS} times: ${one}`, count(flips, one)]),
    ['files', files.length],
    ...OUTCOMES.map((one): [string, number] => [`each file deleted: ${one}`, count(deletions, one)]),
  ]
}

async function inspectCopy(name: string, original: string, damage: (copy: string) => void): Promise<Outcome> {
  const copy = mkdtempSync(`${original}-copy-`)
  cpSync(original, copy, { recursive: true })
  damage(copy)
  const { output } = await runChild<Inspection>('./fault-child.ts', ['inspect', name, copy], { killAfterMs: 20_000 })
  rmSync(copy, { recursive: true, force: true })
  return outcomeOf(output)
}

/** An inspection ends without output when the process crashes or hangs. */
function outcomeOf(found: Inspection | undefined): Outcome {
  if (found === undefined) return 'crash'
  if (found.refused) return 'refused to open'
  if (found.wrong > 0) return 'wrong'
  if (found.absent > 0 && found.errors === 0) return 'lost unreported'
  return found.errors + found.inconsistent > 0 ? 'reported' : 'no effect'
}

/** Flips one bit, each byte of the folder with the same probability. */
function flipBit(folder: string, random: () => number): void {
  const files = readdirSync(folder).map((file) => join(folder, file))
  let at = Math.floor(random() * files.reduce((sum, file) => sum + statSync(file).size, 0))
  for (const file of files) {
    const { size } = statSync(file)
    if (at < size) {
      const bytes = readFileSync(file)
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random() * 8))
      writeFileSync(file, bytes)
      return
    }
    at -= size
  }
}

/** Numbers from 0 to 1, the same for the same seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
