// Writes vectors/merge: node packages/ir/test/vectors/write.ts
import { writeFileSync } from 'node:fs'
import { vectorFiles } from './files.ts'
import { tableFiles } from './tables.ts'

const ROOT = new URL('../../../../', import.meta.url)

for (const [path, content] of [...vectorFiles(), ...tableFiles()]) {
  writeFileSync(new URL(path, ROOT), content)
  console.log(path, content.length)
}
