import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { hostileInputs } from './memory/inputs.ts'

/** Bytes of garbage that no collection may have seen: the young generation of the measuring process. */
const YOUNG = 1024 * 1024

const FLAGS = ['--expose-gc', '--single-threaded-gc', '--min-semi-space-size=1', '--max-semi-space-size=1']

interface Result {
  name: string
  form: string
  bytes: number
  taken: number
  code: string
}

describe('the memory a refusal takes', () => {
  let results: Result[] = []

  beforeAll(async () => {
    const script = fileURLToPath(new URL('memory/refuse.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, script], { maxBuffer: YOUNG })
    results = JSON.parse(stdout) as Result[]
  }, 120_000)

  it.each(hostileInputs().map(({ form, name }) => [form, name]))('%s: %s', (form, name) => {
    const result = results.find((one) => one.form === form && one.name === name)
    expect(result?.code).toMatch(/^XR_/)
    expect(result?.taken).toBeLessThan(2 * (result?.bytes ?? 0) + YOUNG)
  })

  it('is below twice the input, except where every byte is a node', () => {
    const ratios = results
      .filter(({ name }) => !name.includes('many'))
      .map(({ taken, bytes }) => Math.max(0, taken) / bytes)
    expect(ratios.length).toBeGreaterThan(40)
    expect(Math.max(...ratios)).toBeLessThan(1)
  })
})
