// npm run size: what each subpath of xr weighs in a browser. With --why, also what weighs.
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

const faults: string[] = []
for (const subpath of Object.keys(subpaths).filter((one) => one !== './package.json')) {
  const id = name + subpath.slice(1)
  const { minified, zipped, metafile } = await weigh(id)
  const bound = BOUNDS[id]
  if (bound === undefined) faults.push(`${id} has no bound in browser/sizes.json`)
  else if (zipped > bound) faults.push(`${id} takes ${zipped} bytes, and may take ${bound}`)
  console.log(
    `${id.padEnd(22)} ${String(zipped).padStart(7)} B gzip of ${String(bound ?? '?').padStart(6)}, ${String(minified).padStart(7)} B minified`,
  )
  if (process.argv.includes('--why')) for (const line of weights(metafile)) console.log(`  ${line}`)
}
for (const id of Object.keys(BOUNDS))
  if (subpaths[`.${id.slice(name.length)}`] === undefined)
    faults.push(`browser/sizes.json bounds ${id}, which is not there`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0

async function weigh(id: string): Promise<{ minified: number; zipped: number; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(id)}`, resolveDir: `${ROOT}tests/browser` },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    metafile: true,
    write: false,
  })
  const script = (outputFiles[0] as { contents: Uint8Array }).contents
  return { minified: script.length, zipped: gzipSync(script, { level: BEST }).length, metafile }
}

/** Minified bytes by file, the most first. */
function weights(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return inputs
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(
      ([file, { bytesInOutput }]) =>
        `${String(bytesInOutput).padStart(6)} ${file.replace(/^.*\/node_modules\//, '').replace(/^.*packages\/xr\/dist\//, '')}`,
    )
}
