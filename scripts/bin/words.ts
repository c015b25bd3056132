// node scripts/bin/words.ts: what is not plain technical English, file by file, and how many by folder.
import { execFileSync } from 'node:child_process'
import { ROOT } from '../boot/paths.js'
import { wordFaultsIn } from '../src/words.ts'

const files = execFileSync('git', ['ls-files', '*.ts', '*.js', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.startsWith('scripts/src/words') && !file.startsWith('scripts/test/words'))
const faults = wordFaultsIn(ROOT, files)
const byFolder = new Map<string, number>()
for (const fault of faults) {
  console.log(fault)
  const folder = /^(?:(?:packages|tests|examples)\/[^/]+|[^/:]+)/.exec(fault)?.[0] ?? ''
  byFolder.set(folder, (byFolder.get(folder) ?? 0) + 1)
}
for (const [folder, count] of byFolder) console.log(`${folder}: ${count}`)
