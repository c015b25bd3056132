import { readFileSync } from 'node:fs'
import { ROOT } from './paths.js'

/** The published packages: which of each other they may import, and the file behind every subpath. */
export const PACKAGES = JSON.parse(readFileSync(`${ROOT}tooling/packages.json`, 'utf8'))

/** The package.json of a workspace folder, parsed. */
export function manifest(place) {
  return JSON.parse(readFileSync(`${ROOT}${place}/package.json`, 'utf8'))
}
