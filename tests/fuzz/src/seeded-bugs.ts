// The bugs in `bugs/`: one of each sort that the fuzzer's properties are for. `Target` in a patch names the target that must find it.
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { plantBug, type PlantedBug, readBugs } from '@sr/tests-kit/planted-bugs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export const BUGS: readonly PlantedBug[] = readBugs(fileURLToPath(new URL('../bugs', import.meta.url)))

/** The JavaScript of a built module with the bug in it, or undefined when the bug is in another module. */
export function buggyModule(url: string, bug: PlantedBug): string | undefined {
  if (!url.endsWith(bug.file.replace('/src/', '/dist/').replace(/\.ts$/, '.js'))) return undefined
  const source = plantBug(bug, readFileSync(ROOT + bug.file, 'utf8'))
  return stripTypeScriptTypes(source).replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'")
}
