// Planted bugs: small patches, a file each, that put a mistake into a source file. A patch finds its place by the
// lines around it, so it survives changes elsewhere in the file; `refreshBug` carries it over a change of those lines.
import { readdirSync, readFileSync } from 'node:fs'
import { applyPatch } from 'diff'

/** A mistake to be found by a simulator, a fuzzer or a test. */
export interface PlantedBug {
  /** name of the patch file, without its ending */
  readonly id: string
  /** what is wrong with the code, in words */
  readonly name: string
  /** the patched source file, by its path from the root of the repository */
  readonly file: string
  /** further fields of the header, by their lower-case names */
  readonly fields: Readonly<Record<string, string>>
  readonly patch: string
}

/** Reads all patches of a folder, in the order of their names. */
export function readBugs(folder: string): PlantedBug[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map((name) => parseBug(name.slice(0, -'.patch'.length), readFileSync(`${folder}/${name}`, 'utf8')))
}

/**
 * A patch file is a header (`Bug: …`, further `Name: value` lines, an empty line) and a unified diff of one file.
 *
 * @throws Error when a part is missing
 */
export function parseBug(id: string, text: string): PlantedBug {
  const [header = '', patch = ''] = text.split(/\n\n(?=--- )/)
  const fields = Object.fromEntries(
    header.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]
    }),
  )
  const file = /^--- (\S+)$/m.exec(patch)?.[1]
  const { bug: name, ...others } = fields
  if (name === undefined || file === undefined)
    throw new Error(`${id}.patch needs a line "Bug: …" and a diff of a file`)
  return { id, name, file, fields: others, patch }
}

/**
 * The source with the bug in it.
 *
 * @throws Error when the patch does not apply
 */
export function plantBug({ id, file, patch }: PlantedBug, source: string): string {
  const planted = applyPatch(source, patch)
  if (planted === false || planted === source) throw new Error(`${id}.patch does not apply to ${file}`)
  return planted
}
