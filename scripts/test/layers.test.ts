import { describe, expect, it } from '@jest/globals'
import { importsOf, manifestFaults, packageCycle, reachFaults } from '../src/layers.ts'

const plan = { layers: ['xr'], externals: ['multiformats'], entries: {} }

describe('a package.json', () => {
  const pkg = { name: '@sr/ir', version: '1.0.0', dependencies: { '@sr/xr': 'workspace:^', multiformats: '^14.0.0' } }

  it('agrees with its plan', () => {
    expect(manifestFaults('ir', plan, pkg)).toEqual([])
  })

  it('may not depend on what the plan does not name', () => {
    expect(manifestFaults('ir', plan, { ...pkg, dependencies: { ...pkg.dependencies, libp2p: '^3' } })).toEqual([
      expect.stringContaining('libp2p'),
    ])
  })

  it('declares all that the plan names', () => {
    expect(manifestFaults('ir', plan, { ...pkg, dependencies: {} })).toHaveLength(2)
  })

  it('may not test with a package that is not below it', () => {
    expect(manifestFaults('ir', plan, { ...pkg, devDependencies: { '@sr/vm': 'workspace:^', cborg: '6' } })).toEqual([
      expect.stringContaining('@sr/vm'),
    ])
  })
})

describe('cycles among packages', () => {
  const chain = [
    { name: 'a', version: '1', dependencies: { b: '1' } },
    { name: 'b', version: '1', dependencies: { c: '1' } },
  ]

  it('does not find any in a chain', () => {
    expect(packageCycle([...chain, { name: 'c', version: '1', dependencies: { other: '1' } }])).toBeUndefined()
  })

  it('are found through devDependencies', () => {
    expect(packageCycle([...chain, { name: 'c', version: '1', devDependencies: { a: '1' } }])).toEqual([
      'a',
      'b',
      'c',
      'a',
    ])
  })
})

describe('imports', () => {
  it('are found in every form', () => {
    const source = `import a, { b } from 'a'\nimport * as c from "b"\nexport * from './c.ts'\nexport { x } from './d.ts'\nimport 'e'\nconst f = await import('f')\nimport {\n  g,\n} from 'g'\n`
    expect(importsOf(source)).toEqual(['a', 'b', './c.ts', './d.ts', 'e', 'f', 'g'])
  })

  it('are none of types and comments', () => {
    expect(
      importsOf(
        `import type { A } from 'a'\nexport type { B } from 'b'\n/** import x from 'c' */\n// import y from 'd'\n`,
      ),
    ).toEqual([])
  })

  it('are followed through files of the package', () => {
    const files: Record<string, string> = {
      'session.ts': `import './deep/frame.ts'`,
      'deep/frame.ts': `import '../socket.ts'`,
      'socket.ts': `import '@libp2p/utils'`,
    }
    const lean = { ...plan, without: { 'session.ts': ['@libp2p/'] } }
    expect(reachFaults('protocol-server', lean, (file) => files[file])).toEqual([
      'packages/protocol-server/src/socket.ts imports @libp2p/utils, which session.ts must do without',
    ])
    expect(reachFaults('protocol-server', lean, (file) => (file === 'socket.ts' ? '' : files[file]))).toEqual([])
  })
})
