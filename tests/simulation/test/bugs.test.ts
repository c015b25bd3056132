import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { parseBug, plantBug, readBugs } from '@sr/tests-kit/planted-bugs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const BUGS = ['bugs', 'effect-bugs', 'machine-bugs', 'watch-bugs'].flatMap((folder) =>
  readBugs(fileURLToPath(new URL(`../${folder}`, import.meta.url))),
)

describe('planted bugs', () => {
  it.each(BUGS.map((bug) => [bug.id, bug] as const))('%s applies', (_id, bug) => {
    const source = readFileSync(ROOT + bug.file, 'utf8')
    expect(plantBug(bug, source)).not.toBe(source)
  })

  it('are refused when their place has changed', () => {
    const bug = parseBug('x', 'Bug: x\n\n--- a.ts\n+++ a.ts\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n')
    expect(plantBug(bug, 'z\na\nb\nd\n')).toBe('z\na\nc\nd\n')
    expect(() => plantBug(bug, 'a\nx\nd\n')).toThrow('x.patch does not apply to a.ts')
  })
})
