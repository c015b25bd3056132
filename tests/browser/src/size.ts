// npm run size: what each subpath of xr, and the client, weigh in a browser. With --why, also what weighs.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { ROOT } from '../../../scripts/boot/paths.js'

const BEST = 9

/** The most that each subpath may take, bytes after gzip. */
const BOUNDS = JSON.parse(readFileSync(new URL('../sizes.json', import.meta.url), 'utf8')) as Record<string, number>

interface Manifest {
  name: string
  exports: Record<string, unknown>
}
const { name, exports: subpaths } = JSON.parse(readFileSync(`${ROOT}packages/xr/package.json`, 'utf8')) as Manifest

/** What a page has that runs libp2p: the client as a service is weighed without it. */
const LIBP2P = [
  '@libp2p/*',
  '@multiformats/*',
  'multiformats',
  'multiformats/*',
  'uint8arrays/*',
  'interface-datastore/*',
]

const ENTRIES: ReadonlyArray<readonly [id: string, external: readonly string[], contents?: string]> = [
  ...Object.keys(subpaths)
    .filter((one) => one !== './package.json')
    .map((subpath): readonly [string, string[]] => [name + subpath.slice(1), []]),
  ['@sr/protocol-client', LIBP2P, "export { smartRecordClient } from '@sr/protocol-client'"],
  ['@sr/protocol-client/session', [], "export { recordClientProtocol } from '@sr/protocol-client/session'"],
]

const faults: string[] = []
for (const [id, external, contents = `export * from ${JSON.stringify(id)}`] of ENTRIES) {
  const { minified, zipped, metafile } = await weigh(contents, external)
  const bound = BOUNDS[id]
  if (bound === undefined) faults.push(`${id} has no bound in browser/sizes.json`)
  else if (zipped > bound) faults.push(`${id} takes ${zipped} bytes, and may take ${bound}`)
  console.log(
    `${id.padEnd(22)} ${String(zipped).padStart(7)} B gzip of ${String(bound ?? '?').padStart(6)}, ${String(minified).padStart(7)} B minified`,
  )
  if (process.argv.includes('--why')) for (const line of weights(metafile)) console.log(`  ${line}`)
}
for (const id of Object.keys(BOUNDS))
  if (!ENTRIES.some(([entry]) => entry === id)) faults.push(`browser/sizes.json bounds ${id}, which is not there`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0

async function weigh(
  contents: string,
  external: readonly string[],
): Promise<{ minified: number; zipped: number; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: `${ROOT}tests/browser` },
    bundle: true,
    external: [...external],
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    metafile: true,
    // what is loaded on demand is not part of the page's first script
    splitting: true,
    outdir: 'out',
    write: false,
  })
  const names = firstScripts(metafile)
  const scripts = names.map((one) => outputFiles.find(({ path }) => path.endsWith(one)) as { contents: Uint8Array })
  const script = Buffer.concat(scripts.map(({ contents }) => contents))
  const outputs = Object.fromEntries(Object.entries(metafile.outputs).filter(([one]) => names.includes(one)))
  return {
    minified: script.length,
    zipped: gzipSync(script, { level: BEST }).length,
    metafile: { ...metafile, outputs },
  }
}

/** The entry and what it imports statically, as names of outputs. */
function firstScripts(metafile: Metafile): string[] {
  const names = Object.keys(metafile.outputs)
  const wanted = names.filter((one) => metafile.outputs[one]?.entryPoint === '<stdin>')
  for (const one of wanted)
    for (const { path, kind } of metafile.outputs[one]?.imports ?? [])
      if (kind === 'import-statement' && names.includes(path) && !wanted.includes(path)) wanted.push(path)
  return wanted
}

/** Minified bytes by file, the most first. */
function weights(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return inputs
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(
      ([file, { bytesInOutput }]) =>
        `${String(bytesInOutput).padStart(6)} ${file.replace(/^.*\/node_modules\//, '').replace(/^.*packages\//, '')}`,
    )
}
