import { existsSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { PACKAGES, manifest } from './house.js'
import { ROOT } from './paths.js'

/** The exports map that `tooling/packages.json` asks for; a subpath whose source is not there is left out and named. */
export function exportsOf(name) {
  const map = {}
  const missing = []
  for (const [subpath, file] of Object.entries(PACKAGES[name].entries)) {
    if (!existsSync(`${ROOT}packages/${name}/src/${file}`)) {
      missing.push(`packages/${name}/src/${file}`)
      continue
    }
    const stem = `./dist/${file.replace(/\.ts$/, '')}`
    map[subpath] = { types: `${stem}.d.ts`, default: `${stem}.js` }
  }
  return { map: { ...map, './package.json': './package.json' }, missing }
}

/** Writes every exports map; answers the packages that changed. */
export function writeExports() {
  return Object.keys(PACKAGES).filter((name) => {
    const pkg = manifest(`packages/${name}`)
    const { map } = exportsOf(name)
    if (isDeepStrictEqual(Object.entries(pkg.exports), Object.entries(map))) return false
    writeFileSync(`${ROOT}packages/${name}/package.json`, `${JSON.stringify({ ...pkg, exports: map }, null, 2)}\n`)
    return true
  })
}

/** What is wrong with the exports maps, one sentence each. */
export function checkExports() {
  return Object.keys(PACKAGES).flatMap((name) => {
    const { map, missing } = exportsOf(name)
    const faults = missing.map((file) => `${file} is an entry in tooling/packages.json and does not exist`)
    if (!isDeepStrictEqual(Object.entries(manifest(`packages/${name}`).exports), Object.entries(map))) {
      faults.push(`packages/${name}/package.json: exports differ from tooling/packages.json; run npm run exports`)
    }
    return faults
  })
}
