import type { Store, StoreBatch, StoreEntry, StoreIndex } from '@sr/vm'
import type { Engine, Write } from './engine.ts'
import { groupCommit } from './group-commit.ts'
import { DamagedValueError, decodeValue, encodeValue } from './value.ts'

type Fields = Omit<StoreIndex, 'record' | 'hash'>

/** A change of one key: its encoded value and, of an update, its fields. A removal has neither. */
interface Change {
  readonly key: string
  readonly value?: Uint8Array
  readonly fields?: Fields
}

const TIME_KEY = 't'
/** Pairs of the expiry index read at once. */
const PAGE = 1000
const NO_BYTES = new Uint8Array(0)

/**
 * A store of the machine over an engine. `e/<record>/<hash>` is an update, `x/<second>/<record>/<hash>` its entry of the
 * expiry index; record keys are base32, so that `/` does not occur in them and each key has one reading.
 */
export function engineStore(engine: Engine): Store {
  const group = groupCommit<Change>((changes) => write(engine, changes))

  return {
    open: () => engine.open(),
    close: () => engine.close(),
    commit: (batch) => group(encodeBatch(batch)),
    async read(record) {
      const pairs = await engine.range({ gt: `e/${record}/`, lt: `e/${record}0` })
      return pairs.map(([key, value]): StoreEntry => {
        const { fields, bytes } = decodeValue<Fields>(key, value)
        return { record, hash: key.slice(key.lastIndexOf('/') + 1), ...fields, bytes }
      })
    },
    index: () => readIndex(engine),
    saveTime: (time) => group([{ key: TIME_KEY, value: encodeValue(TIME_KEY, { time }, NO_BYTES) }]),
    async loadTime() {
      const [value] = await engine.getMany([TIME_KEY])
      return value === undefined ? undefined : decodeValue<{ time: number }>(TIME_KEY, value).fields.time
    },
  }
}

/** Removals and values of the updates; the index follows from them. */
function encodeBatch({ put, drop }: StoreBatch): Change[] {
  const dropped = drop.map(({ record, hash }): Change => ({ key: `e/${record}/${hash}` }))
  const written = put.map(({ record, hash, bytes, retain, writer, chargedTo, cost, resumed }): Change => {
    const key = `e/${record}/${hash}`
    const fields: Fields = { retain, writer, chargedTo, cost, resumed }
    return { key, fields, value: encodeValue(key, fields, bytes) }
  })
  return [...dropped, ...written]
}

/** Writes updates with their entries of the index. An update that replaces another may expire in a different second. */
async function write(engine: Engine, changes: readonly Change[]): Promise<void> {
  const last = [...new Map(changes.map((change) => [change.key, change])).values()]
  const before = await engine.getMany(last.map(({ key }) => key))
  const writes: Write[] = []
  for (const [n, { key, value, fields }] of last.entries()) {
    const old = before[n]
    if (old !== undefined && key !== TIME_KEY) {
      writes.push([indexKey(key, decodeValue<Fields>(key, old).fields), undefined])
    }
    if (fields !== undefined) {
      const index = indexKey(key, fields)
      writes.push([index, encodeValue(index, fields, NO_BYTES)])
    }
    if (old !== undefined || value !== undefined) writes.push([key, value])
  }
  if (writes.length > 0) await engine.write(writes)
}

/** Digits of the last second that a number of milliseconds can express exactly. */
const SECOND_DIGITS = 13

function indexKey(key: string, { retain }: Fields): string {
  return `x/${Math.floor(retain / 1000)
    .toString()
    .padStart(SECOND_DIGITS, '0')}${key.slice(1)}`
}

async function* readIndex(engine: Engine): AsyncGenerator<StoreIndex> {
  let gt = 'x/'
  let second = ''
  let sameSecond: StoreIndex[] = []
  for (;;) {
    const page = await engine.range({ gt, lt: 'x0', limit: PAGE })
    for (const [key, value] of page) {
      const [, found = '', record, hash] = key.split('/')
      if (record === undefined || hash === undefined) throw new DamagedValueError(key, 'not a key of the index')
      if (found !== second) {
        yield* sameSecond.sort((a, b) => a.retain - b.retain)
        ;[second, sameSecond] = [found, []]
      }
      sameSecond.push({ record, hash, ...decodeValue<Fields>(key, value).fields })
      gt = key
    }
    if (page.length < PAGE) break
  }
  yield* sameSecond.sort((a, b) => a.retain - b.retain)
}
