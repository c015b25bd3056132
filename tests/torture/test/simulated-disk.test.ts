import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { SimulatedDisk } from '../src/power/simulated-disk.ts'
import { KINDS } from '../src/power/trace.ts'
import { randomOf } from '../src/random.ts'

const root = mkdtempSync(join(tmpdir(), 'sr-disk-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const none = new Uint8Array(0)
const create = (path: string) => ({ kind: KINDS.create, path, offset: 0, bytes: none })
const write = (path: string, offset: number, size: number, byte: number) => ({
  kind: KINDS.write,
  path,
  offset,
  bytes: new Uint8Array(size).fill(byte),
})
const sync = (path: string) => ({ kind: KINDS.sync, path, offset: 0, bytes: none })

/** The files that some losses of power leave, by seed. */
function losses(disk: SimulatedDisk, count: number): Array<Record<string, Uint8Array>> {
  return Array.from({ length: count }, (_, seed) => {
    const folder = mkdtempSync(join(root, 'loss-'))
    disk.losePower(randomOf(seed), folder)
    return Object.fromEntries(
      readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
    )
  })
}

test('what is synced stays; a later write is kept, dropped or torn', () => {
  const disk = new SimulatedDisk()
  for (const record of [create('a'), write('a', 0, 2048, 1), sync('a'), sync(''), write('a', 1024, 1024, 2)])
    disk.apply(record)
  const found = losses(disk, 200).map(({ a }) => a as Uint8Array)
  expect(found.every((bytes) => bytes.length === 2048 && bytes.subarray(0, 1024).every((byte) => byte === 1))).toBe(
    true,
  )
  const ends = new Set(found.map((bytes) => [bytes[1024], bytes[1536]].join()))
  expect([...ends].sort()).toEqual(['1,1', '1,2', '2,1', '2,2'])
})

test('a name stays once its folder is synced; before, it is kept or not', () => {
  const disk = new SimulatedDisk()
  for (const record of [create('a'), sync(''), create('b'), write('b', 0, 10, 1), sync('b')]) disk.apply(record)
  const names = losses(disk, 100).map((files) => Object.keys(files).join())
  expect([...new Set(names)].sort()).toEqual(['a', 'a,b'])
})

test('a name that was removed comes back until its folder is synced', () => {
  const disk = new SimulatedDisk()
  const unlink = { kind: KINDS.unlink, path: 'a', offset: 0, bytes: none }
  for (const record of [create('a'), sync(''), unlink]) disk.apply(record)
  expect(new Set(losses(disk, 100).map((files) => Object.keys(files).join()))).toEqual(new Set(['', 'a']))
  disk.apply(sync(''))
  expect(new Set(losses(disk, 100).map((files) => Object.keys(files).join()))).toEqual(new Set(['']))
})

test('a call that is not followed is refused', () => {
  expect(() =>
    new SimulatedDisk().apply({ kind: KINDS.unseen, path: 'a', offset: 0, bytes: Buffer.from('mmap') }),
  ).toThrow('a: the trace has a call that is not followed: mmap')
})
