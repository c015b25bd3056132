// Where things are, from the place of this file. Plain JavaScript: it must run on Node 20 before anything is installed.
import { fileURLToPath } from 'node:url'

/** The root folder of the repository, with a closing slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The Node 24 that the lockfile pins. */
export const NODE = `${ROOT}node_modules/node/bin/node`
