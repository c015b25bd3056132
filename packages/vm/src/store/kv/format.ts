import { StoreError } from '../store-error.ts'
import type { MaybePromise } from '../store.ts'
import { encodeTotals } from './draft.ts'
import type { Engine } from './engine.ts'
import { FORMAT_KEY, TOTALS_KEY } from './keys.ts'
import { decodeNumbers, encodeNumbers, FORMAT } from './value.ts'

/**
 * Rewrites the content of an engine from one version of the format to the next. An interruption repeats it, so that it must have the
 * same effect after a part of itself.
 */
export type Migration = (engine: Engine) => MaybePromise<void>

/** The migrations of this version, by the version that they begin with. */
const MIGRATIONS: Readonly<Record<number, Migration>> = {}

/** How {@link openFormat} treats what it finds. */
export interface FormatOptions {
  /** whether an engine without any content becomes a new store; if not, it is missing */
  readonly create: boolean
  /** whether a store without a readable version is one of this version */
  readonly recover: boolean
  /** replaces the migrations of this version, for tests */
  readonly migrations?: Readonly<Record<number, Migration>> | undefined
}

/**
 * Initialises an engine without content, and brings one of an older version to this one.
 *
 * @throws StoreError `STORE_MISSING` without content, unless `create`; `STORE_VERSION` for a version without a migration;
 *   `STORE_DAMAGED` when the version cannot be read, unless `recover`
 */
export async function openFormat(
  engine: Engine,
  { create, recover, migrations = MIGRATIONS }: FormatOptions,
): Promise<void> {
  const [value] = await engine.getMany([FORMAT_KEY])
  if (value === undefined && (await isEmpty(engine))) {
    if (!create) {
      throw new StoreError('STORE_MISSING', 'the store has no content; it was initialised before')
    }
    const totals = encodeTotals({ entries: 0, bytes: 0, documents: 0, written: 0 })
    await engine.write([[TOTALS_KEY, totals]])
    await engine.write([[FORMAT_KEY, encodeNumbers(FORMAT_KEY, [FORMAT])]])
    return
  }
  let version = value === undefined ? undefined : readVersion(value)
  if (version === undefined) {
    if (!recover) {
      throw new StoreError(
        'STORE_DAMAGED',
        `the version of the store is ${value === undefined ? 'missing' : 'damaged'}`,
      )
    }
    await engine.write([[FORMAT_KEY, encodeNumbers(FORMAT_KEY, [FORMAT])]])
    return
  }
  for (; version !== FORMAT; version++) {
    const migrate = version < FORMAT ? migrations[version] : undefined
    if (migrate === undefined) {
      throw new StoreError('STORE_VERSION', `the store has format ${version}; this version reads format ${FORMAT}`)
    }
    await migrate(engine)
    if (version + 1 < FORMAT) {
      await engine.write([[FORMAT_KEY, Uint8Array.of(version + 1)]])
    } else {
      await engine.write([[FORMAT_KEY, encodeNumbers(FORMAT_KEY, [FORMAT])]])
    }
  }
}

/** The version is the first byte, in every version of the format; undefined when a value of this version is damaged. */
function readVersion(value: Uint8Array): number | undefined {
  const [version] = value
  if (version !== FORMAT) {
    return version
  }
  try {
    return decodeNumbers(FORMAT_KEY, 1, value)[0] === FORMAT ? FORMAT : undefined
  } catch {
    return undefined
  }
}

/** Whether an engine has no keys; keys begin with a lower-case letter. A new store that was interrupted has its totals. */
async function isEmpty(engine: Engine): Promise<boolean> {
  const pairs = await engine.range({ gt: 'a', lt: '{', limit: 2 })
  return pairs.every(([key]) => key === TOTALS_KEY)
}
