import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { environment } from '../boot/prepare.js'
import { NODE, ROOT } from '../boot/paths.js'
import { manifest } from './packages.ts'

const PACKS = `${ROOT}.cache/tarballs`

/** Packs the packages as they would be published; answers the path of each tarball by package folder. */
export function pack(names: string[]): Map<string, string> {
  rmSync(PACKS, { recursive: true, force: true })
  return new Map(
    names.map((name) => {
      const folder = `${PACKS}/${name}`
      mkdirSync(folder, { recursive: true })
      must(
        NODE,
        [`${ROOT}node_modules/pnpm/bin/pnpm.cjs`, 'pack', '--pack-destination', folder],
        `${ROOT}packages/${name}`,
      )
      const [file = ''] = readdirSync(folder)
      return [name, join(folder, file)]
    }),
  )
}

/** What publint says against a tarball. */
export async function publintFaults(name: string, tarball: string): Promise<string[]> {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball)
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer },
  })
  return messages
    .filter(({ type }) => type !== 'suggestion')
    .map((message) => `@sr/${name}: ${formatMessage(message, pkg, { color: false })}`)
}

/** What are-the-types-wrong says against a tarball. */
export function typeFaults(name: string, tarball: string): string[] {
  const { status, output } = command(
    NODE,
    [
      `${ROOT}scripts/node_modules/@arethetypeswrong/cli/dist/index.js`,
      tarball,
      '--profile',
      'esm-only',
      '--no-color',
      '--no-emoji',
    ],
    ROOT,
  )
  return status === 0 ? [] : [`@sr/${name}: ${output}`]
}

/** What in a tarball is missing, or has no business there. */
export function contentFaults(name: string, tarball: string): string[] {
  const files = must('tar', ['-tzf', tarball], ROOT)
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
  const stray = files.filter(
    (file) => !/^(dist\/.*\.(js|d\.ts)(\.map)?|src\/.*\.(ts|md)|package\.json|[A-Z]+(\.md)?)$/.test(file),
  )
  // tsc never deletes the output of a source that was renamed or removed
  const stale = files.filter((file) => {
    const [, module] = /^dist\/(.*?)\.(?:d\.ts|js)(?:\.map)?$/.exec(file) ?? []
    return module !== undefined && !files.includes(`src/${module}.ts`)
  })
  const missing = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts'].filter(
    (file) => !files.includes(file),
  )
  return [
    ...stray.map((file) => `@sr/${name}: ${file} is in the tarball`),
    ...stale.map((file) => `@sr/${name}: ${file} is in the tarball, but its source is gone: delete dist and build`),
    ...missing.map((file) => `@sr/${name}: ${file} is not in the tarball`),
  ]
}

/** Installs all tarballs together into an empty folder and imports every subpath there; answers how many, and what failed. */
export function importFaults(tarballs: Map<string, string>): { imported: number; faults: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'sr-tarballs-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    must(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...tarballs.values()],
      folder,
    )
    const ids = [...tarballs.keys()].flatMap((name) => subpaths(name))
    const faults = ids.flatMap((id) => {
      const { status, output } = command(
        NODE,
        ['--input-type=module', '-e', `await import(${JSON.stringify(id)})`],
        folder,
      )
      return status === 0 ? [] : [`import '${id}': ${output}`]
    })
    return { imported: ids.length, faults }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function subpaths(name: string): string[] {
  const keys = Object.keys(manifest(`packages/${name}`).exports ?? {})
  return keys.filter((key) => key !== './package.json').map((key) => `@sr/${name}${key.slice(1)}`)
}

function command(file: string, args: string[], cwd: string): { status: number | null; stdout: string; output: string } {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env: environment(), encoding: 'utf8' })
  return { status, stdout, output: error?.message ?? `${stdout}${stderr}` }
}

function must(file: string, args: string[], cwd: string): string {
  const { status, stdout, output } = command(file, args, cwd)
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}\n${output}`)
  return stdout
}
