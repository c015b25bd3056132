import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { ROOT } from '../../../scripts/boot/paths.js'

const PAGE = fileURLToPath(new URL('page/', import.meta.url))
const TESTS = 'packages/xr/test/'

/** The test files that cannot run in a page, with the reason. */
const NOT_HERE = JSON.parse(readFileSync(new URL('../not-here.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>

/** The tests that run in a page alone. */
const PAGE_ONLY = ['idb-store.ts', 'record-client.ts'].map((name) => [name, PAGE + name] as const)

/** Node's modules that jest's matchers load. */
const EMPTY = /^(?:graceful-fs|(?:node:)?(?:fs|util|util\/types|path|url|process|module|assert|stream|constants|os))$/

/** The tests as one script, and which were left out. */
export interface Bundle {
  script: string
  files: string[]
  left: Record<string, string>
}

/** Bundles the tests of xr, and those of a page, for a page. */
export async function bundleTests(): Promise<Bundle> {
  const all = readdirSync(ROOT + TESTS)
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
  const unknown = Object.keys(NOT_HERE).filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Error(`browser/not-here.json names tests that are not there: ${unknown.join(', ')}`)
  const files = all.filter((name) => NOT_HERE[name] === undefined)
  const paths = [...files.map((name) => [name, ROOT + TESTS + name] as const), ...PAGE_ONLY]
  const loads = paths.map(
    ([name, path]) => `await collect(${JSON.stringify(name)}, () => import(${JSON.stringify(path)}))`,
  )
  const { outputFiles } = await build({
    stdin: {
      contents: `import { collect, runAll } from ${JSON.stringify(`${PAGE}harness.ts`)}\n${loads.join('\n')}\nglobalThis.finished = await runAll((line) => console.error(line))\n`,
      resolveDir: ROOT,
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    define: { __dirname: '"/"' },
    inject: [`${PAGE}node-globals.ts`],
    plugins: [stage()],
    write: false,
  })
  return { script: (outputFiles[0] as { text: string }).text, files: paths.map(([name]) => name), left: NOT_HERE }
}

/** Puts our stand-ins where a page has nothing, and keeps the address of each module of ours. */
function stage(): Plugin {
  return {
    name: 'stage',
    setup(setup) {
      setup.onResolve({ filter: /^@jest\/globals$/ }, () => ({ path: `${PAGE}harness.ts` }))
      setup.onResolve({ filter: EMPTY }, ({ path, importer }) => {
        const ours = !importer.includes('/node_modules/')
        if (!ours) return { path: `${PAGE}node-empty.cjs` }
        return path === 'node:fs' ? { path: `${PAGE}node-fs.ts` } : undefined
      })
      setup.onLoad({ filter: /\/packages\/.*\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8')
        return { contents: source.replaceAll('import.meta.url', JSON.stringify(`file://${path}`)), loader: 'ts' }
      })
    },
  }
}
