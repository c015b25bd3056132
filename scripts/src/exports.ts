import { existsSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { ROOT } from '../boot/paths.js'
import { PACKAGES, manifest, type Plan } from './house.ts'

/** The exports map that a plan asks for; a subpath whose source is not there is left out and named. */
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

/** Writes every exports map that differs from its plan; answers the packages it wrote. */
export function writeExports(): string[] {
  const changed: string[] = []
  for (const [name, plan] of Object.entries(PACKAGES)) {
    const pkg = manifest(`packages/${name}`)
    const { map } = exportsOf(name, plan)
    if (same(pkg.exports, map)) continue
    writeFileSync(`${ROOT}packages/${name}/package.json`, `${JSON.stringify({ ...pkg, exports: map }, null, 2)}\n`)
    changed.push(name)
  }
  return changed
}

/** What is wrong with the exports maps, one sentence each. */
export function exportFaults(): string[] {
  return Object.entries(PACKAGES).flatMap(([name, plan]) => {
    const { map, missing } = exportsOf(name, plan)
    const faults = missing.map((file) => `${file} is an entry in scripts/packages.json and does not exist`)
    if (!same(manifest(`packages/${name}`).exports, map)) {
      faults.push(`packages/${name}/package.json: exports differ from scripts/packages.json; run npm run exports`)
    }
    return faults
  })
}

// The order of an exports map counts.
function same(a: Record<string, unknown> = {}, b: Record<string, unknown>): boolean {
  return isDeepStrictEqual(Object.entries(a), Object.entries(b))
}
