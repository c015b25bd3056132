import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { below, pick, type Random } from '../random.ts'

const PAGE = 4096

/** Damages one file of a folder; returns what was done. */
export function damage(folder: string, random: Random): string {
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).size > 0)
  const kind = random()
  if (kind < 0.8) {
    const file = random() < 0.7 ? bySize(folder, files, random) : pick(random, files)
    const bytes = readFileSync(join(folder, file))
    const [at, bit] = [below(random, bytes.length), below(random, 8)]
    bytes[at] = (bytes[at] as number) ^ (1 << bit)
    writeFileSync(join(folder, file), bytes)
    return `bit ${bit} of byte ${at} of ${file} flipped`
  }
  const file = pick(random, files)
  const path = join(folder, file)
  if (kind < 0.95) {
    const { size } = statSync(path)
    const to = random() < 0.5 ? below(random, size) : Math.floor(below(random, size) / PAGE) * PAGE
    truncateSync(path, to)
    return `${file} truncated from ${size} to ${to} bytes`
  }
  rmSync(path)
  return `${file} deleted`
}

/** A file, each byte of the folder with the same probability. */
function bySize(folder: string, files: readonly string[], random: Random): string {
  let at = below(
    random,
    files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0),
  )
  for (const file of files) {
    at -= statSync(join(folder, file)).size
    if (at < 0) return file
  }
  throw new Error(`no file in ${folder}`)
}
