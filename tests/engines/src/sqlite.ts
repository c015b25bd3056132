import { Worker } from 'node:worker_threads'
import type { Engine, EngineRange, EngineWrite } from '@sr/vm/store'
import type { EngineOptions } from './engine.ts'
import type { SqliteAnswer, SqliteRequest } from './sqlite-thread.ts'

/** SQLite, by `node:sqlite` in a worker thread. */
export function sqliteEngine(options: EngineOptions): Engine {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let thread: Worker
  let last = 0

  const call = (name: SqliteRequest['call'], argument?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++last
      pending.set(id, { resolve, reject })
      thread.postMessage({ id, call: name, argument })
    })

  const settle = ({ id, value, error }: SqliteAnswer): void => {
    const { resolve, reject } = pending.get(id) ?? {}
    pending.delete(id)
    if (error === undefined) resolve?.(value)
    else reject?.(new Error(error))
  }

  return {
    atomic: true,
    durable: options.durable,
    async open() {
      thread = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData: options })
      thread.on('message', settle)
      thread.on('error', (error) => pending.forEach(({ reject }) => reject(error)))
      try {
        await call('open')
      } catch (error) {
        await thread.terminate()
        throw error
      }
    },
    getMany: async (keys) => (await call('getMany', keys)) as Array<Uint8Array | undefined>,
    range: async (range: EngineRange) => (await call('range', range)) as Array<[string, Uint8Array]>,
    write: async (writes: readonly EngineWrite[]) => void (await call('write', writes)),
    async close() {
      await call('close')
      await thread.terminate()
    },
  }
}
