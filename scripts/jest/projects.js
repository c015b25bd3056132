import { existsSync, readdirSync } from 'node:fs'
import { ROOT } from '../boot/paths.js'
import { EXAMPLES } from './examples.js'

/** One jest project for every workspace folder, named by its path from the root, and one for the documentation. */
export function projects() {
  const places = [...inside('packages'), 'scripts', ...inside('tests'), ...inside('examples')]
  const there = places
    .filter((place) => existsSync(`${ROOT}${place}/package.json`))
    .map((place) => project(place, place))
  return existsSync(ROOT + EXAMPLES) ? [...there, project(EXAMPLES, 'documentation')] : there
}

/** @param {string} folder */
function inside(folder) {
  if (!existsSync(ROOT + folder)) return []
  return readdirSync(ROOT + folder)
    .sort()
    .map((name) => `${folder}/${name}`)
}

/**
 * @param {string} place
 * @param {string} displayName
 */
function project(place, displayName) {
  return {
    displayName,
    rootDir: ROOT + place,
    testMatch: ['<rootDir>/**/*.test.ts'],
    testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/\\.examples/'],
    testEnvironment: `${ROOT}scripts/jest/environment.js`,
    extensionsToTreatAsEsm: ['.ts'],
    moduleFileExtensions: ['ts', 'js', 'json', 'node'],
    transform: { '\\.ts$': ['@swc/jest', SWC] },
    // dist, and everything from npm, is JavaScript already.
    transformIgnorePatterns: ['/node_modules/', '/dist/'],
    cacheDirectory: `${ROOT}.cache/jest`,
  }
}

const SWC = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript' },
    transform: { verbatimModuleSyntax: true },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
}
