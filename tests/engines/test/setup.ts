import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { Store, StoreRef } from '@sr/vm'
import { missingNeeds, type StoreCase, storeCases, type StoreSetup } from '@sr/vm/conformance'
import { type Engine, type EngineWrite, kvStore } from '@sr/vm/store'

const root = mkdtempSync(join(tmpdir(), 'sr-engines-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Where one store of a test is, and what it is over. */
interface Place {
  readonly open: () => Engine
  readonly interrupt: (writes: number) => void
}

/**
 * Runs the kit over an engine that keeps its data in a folder. Where it is not atomic, the cases of a crash fail it in the middle of a
 * write; where it is, that is what the engine prevents, and `npm run bench -- engines` ends a process instead.
 */
export function describeEngine(name: string, create: (folder: string) => Engine): void {
  const places = new WeakMap<Store, Place>()
  let last = 0

  const at = (open: () => Engine): Store => {
    const { engine, interrupt } = interruptible(open())
    const store = kvStore(engine)
    places.set(store, { open, interrupt })
    return store
  }
  const isAtomic = create(join(root, `${name.replaceAll(/\W/g, '-')}-probe`)).atomic
  const setup: StoreSetup = {
    supports: ['persistent', 'damage', 'check', ...(isAtomic ? [] : (['atomic'] as const))],
    create() {
      const folder = join(root, `${name.replaceAll(/\W/g, '-')}-${last++}`)
      mkdirSync(folder)
      return at(() => create(folder))
    },
    reopen: (closed) => at((places.get(closed) as Place).open),
    crashAfter(open, writes) {
      places.get(open)?.interrupt(writes)
    },
    damage: async (closed, ref) => await damage((places.get(closed) as Place).open(), ref),
  }

  const isSupported = (one: StoreCase): boolean => missingNeeds(one, setup).length === 0
  describe.each([{ name }])('$name', () => {
    test.each(storeCases.filter(isSupported))('$name', async ({ run }) => {
      await expect(Promise.resolve(run(setup))).resolves.toBeUndefined()
    })
    test('passes all cases but those that need what it lacks', () => {
      const missing = storeCases.flatMap((one) => missingNeeds(one, setup))
      expect([...new Set(missing)].sort()).toEqual(isAtomic ? ['atomic', 'durable'] : ['durable'])
    })
  })
}

/** An engine that fails after some writes, when a test wants it. */
function interruptible(inner: Engine): { engine: Engine; interrupt: (writes: number) => void } {
  let left = Infinity
  const write = async (writes: readonly EngineWrite[]): Promise<void> => {
    const count = Math.min(left, writes.length)
    left -= count
    if (count > 0) await inner.write(writes.slice(0, count))
    if (count < writes.length) throw new Error(`failed after ${count} of ${writes.length} writes`)
  }
  const engine: Engine = {
    atomic: inner.atomic,
    durable: inner.durable,
    open: () => inner.open(),
    getMany: (keys) => inner.getMany(keys),
    range: (range) => inner.range(range),
    write,
    close: () => inner.close(),
  }
  return {
    engine,
    interrupt(writes) {
      left = writes
    },
  }
}

/** Flips a bit of the last byte of an update. */
async function damage(engine: Engine, { record, hash }: StoreRef): Promise<void> {
  await engine.open()
  const key = `e/${record}/${hash}`
  const [found] = await engine.getMany([key])
  const value = Uint8Array.from(found as Uint8Array)
  value[value.length - 1] = (value.at(-1) as number) ^ 1
  await engine.write([[key, value]])
  await engine.close()
}
