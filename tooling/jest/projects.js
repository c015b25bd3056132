import { existsSync, readdirSync } from 'node:fs'
import { ROOT } from '../src/paths.js'

/** One jest project for every workspace folder that holds tests; its name is its path from the root. */
export function projects() {
  const places = [...inside('packages'), 'tooling', 'test', 'interop', 'bench', 'fuzz', ...inside('examples')]
  return places.filter((place) => existsSync(`${ROOT}${place}/package.json`)).map(project)
}

function inside(folder) {
  if (!existsSync(ROOT + folder)) return []
  return readdirSync(ROOT + folder).sort().map((name) => `${folder}/${name}`)
}

function project(place) {
  return {
    displayName: place,
    rootDir: ROOT + place,
    testMatch: ['<rootDir>/**/*.test.ts'],
    testPathIgnorePatterns: ['/node_modules/', '/dist/'],
    testEnvironment: `${ROOT}tooling/jest/environment.js`,
    extensionsToTreatAsEsm: ['.ts'],
    moduleFileExtensions: ['ts', 'js', 'json', 'node'],
    transform: { '\\.ts$': ['@swc/jest', SWC] },
    // dist, and everything from npm, is ESM or CommonJS already.
    transformIgnorePatterns: ['/node_modules/', '/dist/'],
    cacheDirectory: `${ROOT}.cache/jest`,
  }
}

const SWC = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: false },
    transform: { verbatimModuleSyntax: true },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
}
