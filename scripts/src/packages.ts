import { readFileSync } from 'node:fs'
import { ROOT } from '../boot/paths.js'

/** What `scripts/packages.json` says of a published package. */
export interface Plan {
  /** The packages of ours it may import. */
  layers: string[]
  /** The packages of others it may import. */
  externals: string[]
  /** The modules of Node it may import; a package with some does not run in a browser. */
  builtins?: string[]
  /** The Node versions that run it, when they are fewer than for the others. */
  node?: string
  /** The source file of every subpath. */
  entries: Record<string, string>
  /** Keywords besides those of all packages. */
  keywords?: string[]
  /** Files that, with all they import of their own package, may not import what starts with one of these names. */
  without?: Record<string, string[]>
}

/** The parts of a package.json that are read here. */
export interface Manifest {
  name: string
  version: string
  private?: boolean
  exports?: Record<string, unknown>
  repository?: unknown
  keywords?: string[]
  homepage?: string
  bugs?: string
  license?: string
  engines?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** The published packages by folder name. */
export const PACKAGES: Record<string, Plan> = JSON.parse(readFileSync(`${ROOT}scripts/packages.json`, 'utf8'))

/** The package.json of a workspace folder. */
export function manifest(place: string): Manifest {
  return JSON.parse(readFileSync(`${ROOT}${place}/package.json`, 'utf8'))
}
