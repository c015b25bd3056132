import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ROOT } from '../boot/paths.js'

/** The texts of the files under version control that match a git pathspec, by their paths from the root. */
export function trackedFiles(...patterns: string[]): Map<string, string> {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const present = files.split('\0').filter((file) => file !== '')
  return new Map(present.sort().map((file) => [file, readFileSync(ROOT + file, 'utf8')]))
}
