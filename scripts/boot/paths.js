// Where things are, seen from this file. This folder is plain JavaScript: it runs on Node 20 before anything is installed.
import { fileURLToPath } from 'node:url'

/** The root folder of the repository, with a closing slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The Node that the lockfile pins; the repository's own code runs on it. */
export const NODE = `${ROOT}node_modules/node/bin/node`
