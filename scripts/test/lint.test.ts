import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { NODE, ROOT } from '../boot/paths.js'

const LINES = 400

// One file per offence, each where it would stand in the repository, and the rule that has to object.
const OFFENCES: [what: string, file: string, code: string, rule: string][] = [
  [
    'the client imports the machine',
    'packages/protocol-client/src/a.ts',
    `export { createMachine } from '@sr/vm'`,
    'no-restricted-imports',
  ],
  [
    'the data model imports a Node module',
    'packages/xr/src/a.ts',
    `export { readFileSync } from 'node:fs'`,
    'no-restricted-imports',
  ],
  [
    'the data model imports a Node module without its scheme',
    'packages/xr/src/b.ts',
    `export { readFileSync } from 'fs'`,
    'no-restricted-imports',
  ],
  [
    'a grammar imports libp2p, though only its types',
    'packages/grammar-base/src/a.ts',
    `export type { Libp2p } from 'libp2p'`,
    'no-restricted-imports',
  ],
  [
    'the machine imports a grammar',
    'packages/vm/src/a.ts',
    `import '@sr/grammar-base/dialable'`,
    'no-restricted-imports',
  ],
  [
    'the machine imports the wire later',
    'packages/vm/src/b.ts',
    `export const wire = import('@sr/protocol')`,
    'no-restricted-imports',
  ],
  [
    'a package imports the files of another',
    'packages/ir/src/a.ts',
    `export { key } from '../../xr/src/key.ts'`,
    'no-restricted-imports',
  ],
  ['a name only begins like an allowed one', 'packages/ir/src/b.ts', `import '@sr/xrx'`, 'no-restricted-imports'],
  [
    'a file imports the file that imports it',
    'packages/ir/src/round.ts',
    `import { trip } from './trip.ts'\nexport const round = (): number => trip()`,
    'no-cycle',
  ],
  [
    'the other half of that',
    'packages/ir/src/trip.ts',
    `import { round } from './round.ts'\nexport const trip = (): number => round()`,
    'no-cycle',
  ],
  [
    'a pure package reads the clock',
    'packages/ir/src/c.ts',
    `export const now = (): number => Date.now()`,
    'no-restricted-properties',
  ],
  [
    'a pure package rolls dice',
    'packages/grammar-base/src/b.ts',
    `export const die = (): number => Math.random()`,
    'no-restricted-properties',
  ],
  ['a pure package sets a timer', 'packages/xr/src/c.ts', `setTimeout(() => {}, 1)`, 'no-restricted-globals'],
  ['a package prints', 'packages/vm/src/c.ts', `console.log(1)`, 'no-console'],
  ['a file is too long', 'packages/vm/src/d.ts', '// why\n'.repeat(LINES + 1), 'max-lines'],
  ['a type is switched off', 'packages/vm/src/e.ts', `export const x: any = 1`, 'no-explicit-any'],
  [
    'a test runs alone',
    'packages/vm/test/a.test.ts',
    `import { it } from '@jest/globals'\nit.only('x', () => {})`,
    'no-focused-tests',
  ],
  [
    'a test does not run',
    'packages/vm/test/b.test.ts',
    `import { it } from '@jest/globals'\nit.skip('x', () => {})`,
    'no-disabled-tests',
  ],
]

const ALLOWED: [what: string, file: string, code: string][] = [
  [
    'a layer below',
    'packages/ir/src/allowed.ts',
    `export { key } from '@sr/xr'\nexport { encode } from '@sr/xr/dag-cbor'`,
  ],
  ['a declared package of others', 'packages/xr/src/allowed.ts', `export { CID } from 'multiformats/cid'`],
  ['its own files', 'packages/xr/src/codec/allowed.ts', `export { CID } from '../allowed.ts'`],
]

describe('the linter', () => {
  let folder = ''
  const found = new Map<string, string[]>()

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sr-lint-'))
    writeFileSync(join(folder, 'oxlint.config.ts'), `export { default } from '${ROOT}oxlint.config.ts'\n`)
    symlinkSync(`${ROOT}node_modules`, join(folder, 'node_modules'))
    for (const [, file, code] of [...OFFENCES, ...ALLOWED]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), `${code}\n`)
    }
    const { stdout, stderr } = spawnSync(NODE, [`${ROOT}node_modules/oxlint/bin/oxlint`, '-f', 'unix'], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (stderr !== '') throw new Error(stderr)
    for (const [, file = '', rule = ''] of stdout.matchAll(/^([^:\n]+):\d+:\d+: .*\[\w+\/[\w-]+\(([\w-]+)\)\]$/gm))
      found.set(file, [...(found.get(file) ?? []), rule])
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it.each(OFFENCES)('objects when %s', (_, file, _code, rule) => {
    expect(found.get(file)).toContain(rule)
  })

  it.each(ALLOWED)('accepts %s', (_, file) => {
    expect(found.get(file)).toBeUndefined()
  })
})
