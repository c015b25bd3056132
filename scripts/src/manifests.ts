import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { ROOT } from '../boot/paths.js'
import { PACKAGES, manifest, type Manifest, type Plan } from './packages.ts'

/** Node versions that run a published package: libp2p 3 needs 22. */
const ENGINES = { node: '>=22' }
const KEYWORDS = ['smart-records', 'libp2p', 'ipld', 'crdt']

/** The address of the repository: `repository` in the package.json of the root, the one place that names it. */
export function repositoryAddress(): string {
  return String(manifest('.').repository)
}

/** The exports map that a plan asks for; a subpath whose source is missing is left out and named. */
export function exportsOf(name: string, plan: Plan): { map: Record<string, unknown>; missing: string[] } {
  const map: Record<string, unknown> = {}
  const missing: string[] = []
  for (const [subpath, file] of Object.entries(plan.entries)) {
    const source = `packages/${name}/src/${file}`
    if (!existsSync(ROOT + source)) {
      missing.push(source)
      continue
    }
    const stem = `./dist/${file.replace(/\.ts$/, '')}`
    map[subpath] = { types: `${stem}.d.ts`, default: `${stem}.js` }
  }
  map['./package.json'] = './package.json'
  return { map, missing }
}

/** The fields of a package.json that follow from scripts/packages.json and the address of the repository. */
export function generatedFields(name: string, plan: Plan): Record<string, unknown> {
  const address = repositoryAddress()
  return {
    keywords: [...KEYWORDS, ...(plan.keywords ?? [])].sort(),
    homepage: `${address}/tree/main/packages/${name}#readme`,
    bugs: `${address}/issues`,
    license: 'MIT',
    repository: { type: 'git', url: `git+${address}.git`, directory: `packages/${name}` },
    exports: exportsOf(name, plan).map,
    engines: plan.node === undefined ? ENGINES : { node: plan.node },
  }
}

/** Writes every package.json that differs from its plan; returns the names of the packages written. */
export function writeManifests(): string[] {
  const stale = Object.entries(PACKAGES).filter(([name, plan]) => staleFields(name, plan).length > 0)
  for (const [name, plan] of stale) {
    const pkg = { ...manifest(`packages/${name}`), ...generatedFields(name, plan) }
    writeFileSync(`${ROOT}packages/${name}/package.json`, `${JSON.stringify(pkg, null, 2)}\n`)
  }
  return stale.map(([name]) => name)
}

/** What is wrong with the manifests and with links to the repository, one sentence each. */
export function manifestFieldFaults(): string[] {
  const faults = Object.entries(PACKAGES).flatMap(([name, plan]) => [
    ...exportsOf(name, plan).missing.map((file) => `${file} is an entry in scripts/packages.json and does not exist`),
    ...staleFields(name, plan).map(
      (field) => `packages/${name}/package.json: ${field} differs from scripts/packages.json; run npm run manifests`,
    ),
  ])
  const advisories = `${repositoryAddress()}/security/advisories/new`
  if (!readFileSync(`${ROOT}SECURITY.md`, 'utf8').includes(advisories))
    faults.push(`SECURITY.md does not link to ${advisories}`)
  return faults
}

function staleFields(name: string, plan: Plan): string[] {
  const pkg: Manifest = manifest(`packages/${name}`)
  return Object.entries(generatedFields(name, plan))
    .filter(([field, value]) => !same(pkg[field as keyof Manifest], value))
    .map(([field]) => field)
}

// The order of an exports map counts.
function same(a: unknown, b: unknown): boolean {
  return typeof a === 'object' && a !== null && typeof b === 'object' && b !== null
    ? isDeepStrictEqual(Object.entries(a), Object.entries(b))
    : isDeepStrictEqual(a, b)
}
