import type { DamagedEntry, StoreIndex, StoreRef, StoreReport } from '../store.ts'
import { quarantineChange, rawChange } from './changes.ts'
import { Counts } from './counts.ts'
import { type Change, decodeTotals, decodeUsage, encodeTotals, encodeUsage, intactIndex } from './draft.ts'
import type { Engine, EnginePair, EngineWrite } from './engine.ts'
import {
  FORMAT_KEY,
  entryKey,
  indexKey,
  JOURNAL_KEY,
  parseKey,
  resumedKey,
  TIME_KEY,
  TOTALS_KEY,
  usageKey,
  usageWriter,
} from './keys.ts'
import { ENTRY_PAGE, PAGE, scan } from './scan.ts'
import { decodeIndex, decodeNumbers, decodeText, encodeEntry } from './value.ts'

/** Letters of the keys that have parts. */
const LETTERS = 'exruq'
const SINGLE_KEYS: ReadonlySet<string> = new Set([TOTALS_KEY, TIME_KEY, FORMAT_KEY, JOURNAL_KEY])

interface CheckInit {
  /** problems that were found before */
  readonly known: readonly string[]
  /** makes a change; without it, nothing is mended */
  readonly repair: ((change: Change) => Promise<void>) | undefined
}

/** Compares everything in a store, and mends it with `repair`. */
export async function checkStore(engine: Engine, init: CheckInit): Promise<StoreReport> {
  return await new Check(engine, init).run()
}

class Check {
  readonly #engine: Engine
  readonly #repair: CheckInit['repair']
  readonly #problems: string[]
  readonly #damaged: DamagedEntry[] = []
  readonly #counts = new Counts()
  /** what was found and not mended */
  #left = 0

  constructor(engine: Engine, { known, repair }: CheckInit) {
    this.#engine = engine
    this.#repair = repair
    this.#problems = [...known]
    this.#left = repair === undefined ? known.length : 0
  }

  async run(): Promise<StoreReport> {
    await this.#checkQuarantine()
    await this.#checkEntries()
    await this.#checkReferences('x', indexKey)
    await this.#checkReferences('r', resumedKey)
    await this.#checkUsage()
    await this.#checkTotals()
    await this.#checkKeys()
    const { entries } = this.#counts.totals
    return { entries, damaged: this.#damaged, problems: this.#problems, repaired: this.#left === 0 }
  }

  async #checkEntries(): Promise<void> {
    let record: string | undefined
    let writers = new Set<string>()
    for await (const page of scan(this.#engine, 'e', ENTRY_PAGE)) {
      const intact: StoreIndex[] = []
      for (const pair of page) {
        const index = await this.#checkEntry(pair)
        if (index !== undefined) {
          writers = index.record === record ? writers : new Set()
          record = index.record
          this.#counts.add(index, !writers.has(index.writer))
          writers.add(index.writer)
          intact.push(index)
        }
      }
      await this.#checkReferred(intact)
    }
  }

  /** A key that cannot be read is found by {@link #checkKeys}. */
  async #checkEntry([key, value]: EnginePair): Promise<StoreIndex | undefined> {
    const ref = parseKey(key)
    if (ref === undefined) {
      return undefined
    }
    try {
      return decodeIndex(key, ref, value)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      this.#damaged.push({ record: ref.record, hash: ref.hash, reason })
      await this.#mend(quarantineChange(ref, reason))
      return undefined
    }
  }

  /** Compares what refers to updates with the updates. */
  async #checkReferred(indexes: readonly StoreIndex[]): Promise<void> {
    const expected = indexes.flatMap((index): EnginePair[] => {
      const key = indexKey(index)
      const resumed: EnginePair[] = index.resumed ? [[resumedKey(index), new Uint8Array(0)]] : []
      return [[key, encodeEntry(key, index)], ...resumed]
    })
    const found = await this.#engine.getMany(expected.map(([key]) => key))
    for (const [n, [key, value]] of expected.entries()) {
      await this.#compare(key, found[n], value)
    }
  }

  async #compare(key: string, found: Uint8Array | undefined, expected: Uint8Array): Promise<void> {
    if (found === undefined || !isSame(found, expected)) {
      await this.#problem(`${key} is ${found === undefined ? 'missing' : 'damaged'}`, [[key, expected]])
    }
  }

  /** Finds keys that refer to an update that does not exist, or that has another key of this kind. */
  async #checkReferences(letter: string, keyOf: (index: StoreIndex) => string): Promise<void> {
    for await (const page of scan(this.#engine, letter, PAGE)) {
      const refs = page.flatMap(([key]) => {
        const ref = parseKey(key)
        return ref === undefined ? [] : [[key, ref] as const]
      })
      for (let n = 0; n < refs.length; n += ENTRY_PAGE) {
        await this.#checkOrphans(refs.slice(n, n + ENTRY_PAGE), letter === 'r', keyOf)
      }
    }
  }

  async #checkOrphans(
    refs: ReadonlyArray<readonly [key: string, ref: StoreRef]>,
    needsResumed: boolean,
    keyOf: (index: StoreIndex) => string,
  ): Promise<void> {
    const values = await this.#engine.getMany(refs.map(([, ref]) => entryKey(ref)))
    for (const [n, [key, ref]] of refs.entries()) {
      const value = values[n]
      const index = value === undefined ? undefined : intactIndex(entryKey(ref), value)
      // without repair a damaged update is still there, and so is what refers to it
      const isDamaged = value !== undefined && index === undefined
      const isRight = index !== undefined && keyOf(index) === key && (index.resumed || !needsResumed)
      if (!isRight && !(isDamaged && this.#repair === undefined)) {
        await this.#problem(`${key} refers to no update`, [[key, undefined]])
      }
    }
  }

  async #checkUsage(): Promise<void> {
    const missing = new Map(this.#counts.usage)
    for await (const page of scan(this.#engine, 'u', PAGE)) {
      for (const [key, value] of page) {
        const writer = usageWriter(key)
        if (usageKey(writer) === key) {
          missing.delete(writer)
          await this.#compareUsage(writer, key, value)
        }
      }
    }
    for (const writer of missing.keys()) {
      await this.#compareUsage(writer, usageKey(writer), undefined)
    }
  }

  async #compareUsage(writer: string, key: string, value: Uint8Array | undefined): Promise<void> {
    const expected = this.#counts.of(writer)
    const mended: EngineWrite = [
      key,
      expected.bytes === 0 && expected.records === 0 ? undefined : encodeUsage(key, expected),
    ]
    try {
      const { bytes, records } = decodeUsage(key, value)
      if (bytes !== expected.bytes) {
        await this.#problem(`usage of ${writer} is ${bytes} bytes; its updates cost ${expected.bytes}`, [mended])
      }
      if (records !== expected.records) {
        await this.#problem(`usage of ${writer} is ${records} records; it has updates in ${expected.records}`, [mended])
      }
    } catch (cause) {
      await this.#problem(cause instanceof Error ? cause.message : String(cause), [mended])
    }
  }

  async #checkTotals(): Promise<void> {
    const [value] = await this.#engine.getMany([TOTALS_KEY])
    const { totals } = this.#counts
    const expected = JSON.stringify(totals)
    let found = 'missing'
    let written = 0
    if (value !== undefined) {
      try {
        const { written: before, ...rest } = decodeTotals(value)
        written = before + 1
        found = JSON.stringify(rest)
      } catch {
        found = 'damaged'
      }
    }
    if (found !== expected) {
      await this.#problem(`the totals are ${found}; expected ${expected}`, [
        [TOTALS_KEY, encodeTotals({ ...totals, written })],
      ])
    }
  }

  async #checkQuarantine(): Promise<void> {
    for await (const page of scan(this.#engine, 'q', ENTRY_PAGE)) {
      for (const [key, value] of page) {
        const ref = parseKey(key)
        if (ref !== undefined) {
          this.#damaged.push({ record: ref.record, hash: ref.hash, reason: reasonOf(key, value) })
        }
      }
    }
  }

  /** Finds keys that no store of this version writes, and damage of the time. They are left where they are. */
  async #checkKeys(): Promise<void> {
    for await (const key of this.#otherKeys()) {
      this.#problems.push(`${key} is no key of a store`)
      this.#left++
    }
    const [time] = await this.#engine.getMany([TIME_KEY])
    if (time !== undefined) {
      try {
        decodeNumbers(TIME_KEY, 1, time)
      } catch (cause) {
        await this.#problem(cause instanceof Error ? cause.message : String(cause), [[TIME_KEY, undefined]])
      }
    }
  }

  async *#otherKeys(): AsyncGenerator<string> {
    for (const letter of LETTERS) {
      for await (const page of scan(this.#engine, letter, PAGE)) {
        yield* page
          .map(([key]) => key)
          .filter((key) => (letter === 'u' ? usageKey(usageWriter(key)) !== key : parseKey(key) === undefined))
      }
    }
    // between the keys of the letters there are the single keys alone
    const places = [' ', ...[...LETTERS].sort().flatMap((letter) => [`${letter}/`, `${letter}0`]), '~']
    for (let n = 0; n < places.length; n += 2) {
      const between = await this.#engine.range({ gt: places[n] as string, lt: places[n + 1] as string, limit: PAGE })
      yield* between.map(([key]) => key).filter((key) => !SINGLE_KEYS.has(key))
    }
  }

  async #problem(found: string, writes: readonly EngineWrite[]): Promise<void> {
    this.#problems.push(found)
    await this.#mend(rawChange(writes))
  }

  async #mend(change: Change): Promise<void> {
    if (this.#repair === undefined) {
      this.#left++
    } else {
      await this.#repair(change)
    }
  }
}

function reasonOf(key: string, value: Uint8Array): string {
  try {
    return decodeText(key, value).text
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n])
}
