import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { Store } from '@sr/vm'
import { storeCases } from '@sr/vm/conformance'
import { crc32c } from '../src/checksum.ts'
import { groupCommit } from '../src/group-commit.ts'
import { ENGINES, engineStore } from '../src/index.ts'
import { decodeValue, encodeValue } from '../src/value.ts'

const root = mkdtempSync(join(tmpdir(), 'sr-engines-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe.each(Object.entries(ENGINES))('%s', (name, create) => {
  const folders = new WeakMap<Store, string>()
  let last = 0
  const at = (folder: string): Store => {
    const store = engineStore(create({ folder, durable: true }))
    folders.set(store, folder)
    return store
  }
  const setup = {
    create: () => at(join(root, `${name.replace(':', '-')}-${last++}`)),
    reopen: (closed: Store) => at(folders.get(closed) as string),
  }

  test.each(storeCases.map((one) => [one.name, one] as const))('%s', async (_, { run }) => {
    await expect(Promise.resolve(run(setup))).resolves.toBeUndefined()
  })
})

test('the checksum is CRC32C: the test vector of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa')
  expect(crc32c(new TextEncoder().encode('123456789')).toString(16)).toBe('e3069283')
})

test('a value with any bit flipped, or under another key, is refused', () => {
  const value = encodeValue('e/aa/00', { cost: 1 }, Uint8Array.of(1, 2, 3))
  expect(decodeValue('e/aa/00', value)).toEqual({ fields: { cost: 1 }, bytes: Uint8Array.of(1, 2, 3) })
  expect(() => decodeValue('e/ab/00', value)).toThrow('CRC32C')
  for (let bit = 0; bit < value.length * 8; bit++) {
    const damaged = value.slice()
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(() => decodeValue('e/aa/00', damaged)).toThrow('value of e/aa/00')
  }
})

test('decoded bytes are a copy, also of a Buffer', () => {
  const value = Buffer.from(encodeValue('e/aa/00', {}, Uint8Array.of(1, 2, 3)))
  const { bytes } = decodeValue('e/aa/00', value)
  value.fill(0)
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3))
})

test('batches that arrive during a write are one group; a failed group rejects each of its batches', async () => {
  const groups: number[][] = []
  const commit = groupCommit<number>(async (writes) => {
    groups.push([...writes])
    if (groups.length === 2) throw new Error('disk full')
  })
  const first = commit([1])
  await Promise.resolve()
  const second = await Promise.allSettled([commit([2, 3]), commit([4])])
  await first
  await commit([5])
  expect(second.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(groups).toEqual([[1], [2, 3, 4], [5]])
})
