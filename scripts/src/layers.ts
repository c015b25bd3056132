import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { ROOT } from '../boot/paths.js'
import { manifest, type Manifest, type Plan } from './packages.ts'

const OURS = '@sr/'

/** Where a package.json and the plan of scripts/packages.json disagree, one sentence each. */
export function manifestFaults(name: string, plan: Plan, pkg: Manifest): string[] {
  const faults: string[] = []
  const planned = new Set([...plan.layers.map((layer) => OURS + layer), ...plan.externals])
  const declared = new Set(Object.keys(pkg.dependencies ?? {}))
  for (const id of declared)
    if (!planned.has(id)) faults.push(`packages/${name} depends on ${id}, which scripts/packages.json does not allow`)
  for (const id of planned)
    if (!declared.has(id)) faults.push(`packages/${name} does not declare ${id}, which scripts/packages.json names`)
  // What a package's tests need from above belongs into `test`; turbo refuses cycles, also those through devDependencies.
  for (const id of Object.keys(pkg.devDependencies ?? {})) {
    if (id.startsWith(OURS) && !planned.has(id))
      faults.push(`packages/${name} has ${id} in devDependencies, which is not below it`)
  }
  return faults
}

/** A cycle among the packages, development dependencies included, as a path; undefined without a cycle. */
export function packageCycle(manifests: Manifest[]): string[] | undefined {
  const edges = new Map(
    manifests.map((pkg) => [
      pkg.name,
      Object.keys({ ...pkg.dependencies, ...pkg.devDependencies, ...pkg.peerDependencies }),
    ]),
  )
  const done = new Set<string>()
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next, [...path, name])
      if (cycle !== undefined) return cycle
    }
    done.add(name)
    return undefined
  }
  for (const name of edges.keys()) {
    const cycle = visit(name, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

/**
 * The imports that break a plan's `without`: what the named file reaches through files of its own package. An entry is a
 * module id, or with `/` at its end all ids that begin with it.
 */
export function reachFaults(
  name: string,
  plan: Plan,
  read: (file: string) => string | undefined = readSource(name),
): string[] {
  return Object.entries(plan.without ?? {}).flatMap(([start, banned]) => {
    const faults: string[] = []
    const seen = new Set([start])
    for (const file of seen) {
      for (const id of importsOf(read(file) ?? '')) {
        if (id.startsWith('.')) seen.add(join(file, '..', id))
        else if (banned.some((ban) => id === ban || (ban.endsWith('/') && id.startsWith(ban))))
          faults.push(`packages/${name}/src/${file} imports ${id}, which ${start} must do without`)
      }
    }
    return faults
  })
}

/** The specifiers a source text imports at run time; types are no part of it. */
export function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const found = code.matchAll(
    /\b(?:import|export)\s+(type\b)?(?:[\w$*{}\s,]*?\bfrom\s*)?['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  )
  return [...found].flatMap(([, type, id, dynamic]) => (type === undefined ? [id ?? dynamic ?? ''] : []))
}

/** All faults of the packages as they are on disk. */
export function layerFaults(plans: Record<string, Plan>): string[] {
  const names = Object.keys(plans)
  const cycle = packageCycle(names.map((name) => manifest(`packages/${name}`)))
  return [
    ...Object.entries(plans).flatMap(([name, plan]) => [
      ...manifestFaults(name, plan, manifest(`packages/${name}`)),
      ...reachFaults(name, plan),
    ]),
    ...(cycle === undefined ? [] : [`packages depend on each other: ${cycle.join(' → ')}`]),
  ]
}

function readSource(name: string): (file: string) => string | undefined {
  return (file) => {
    const path = `${ROOT}packages/${name}/src/${file}`
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
}
