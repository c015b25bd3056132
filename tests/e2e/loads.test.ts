import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The files that importing something loads, from a process that has loaded nothing else. */
function filesOf(specifier: string): string[] {
  const script = `
    import { registerHooks } from 'node:module'
    const urls = []
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context) } })
    await import(${JSON.stringify(specifier)})
    console.log(JSON.stringify(urls))
  `
  const urls = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: HERE, encoding: 'utf8' }),
  ) as string[]
  return urls.filter((url) => url.startsWith('file:'))
}

/** The packages that importing something loads. */
function loads(specifier: string): string[] {
  const names = filesOf(specifier).map(
    (url) =>
      /\/packages\/([^/]+)\/dist\//.exec(url)?.[1] ?? /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? url,
  )
  return [...new Set(names)].sort()
}

describe('what a program loads', () => {
  it('is no server with a client', () => {
    const loaded = loads('@sr/protocol-client')
    expect(loaded).toEqual(expect.arrayContaining(['xr', 'protocol', 'protocol-client']))
    expect(loaded.filter((name) => ['vm', 'update', 'grammar-base', 'protocol-server'].includes(name))).toEqual([])
    const ofDocuments = filesOf('@sr/protocol-client').filter((file) => /\/ir\/dist\/(document|grammar)\//.test(file))
    expect(ofDocuments).toEqual([])
    expect(loaded).not.toContain('libp2p')
  })

  it.each(['@sr/protocol-go/server', '@sr/protocol-go/client', '@sr/protocol', '@sr/protocol-go'])(
    'is no libp2p with %s',
    (specifier) => {
      const loaded = loads(specifier)
      expect(loaded).toContain('protocol')
      expect(loaded.filter((name) => name.includes('libp2p') || name.includes('multiaddr'))).toEqual([])
    },
  )
})
