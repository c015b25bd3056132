import { spawnSync } from 'node:child_process'
import { expect, it } from '@jest/globals'
import { NODE, ROOT } from '../boot/paths.js'

// The whole program of tests and examples is checked at once, next to other tests on two cores.
const TYPE_CHECK_MS = 120_000

it(
  'every test, tool and documentation example type-checks',
  () => {
    const { stdout, status } = spawnSync(
      NODE,
      [`${ROOT}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.test.json', '--pretty', 'false'],
      { cwd: ROOT, encoding: 'utf8' },
    )
    expect(stdout).toBe('')
    expect(status).toBe(0)
  },
  TYPE_CHECK_MS,
)
