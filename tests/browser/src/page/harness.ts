// What tests import from '@jest/globals', in a page: the matchers are jest's own, the rest is what our tests use.
import { expect } from 'expect'

export { expect }

type Body = () => unknown
type Row = readonly unknown[]

interface Suite {
  name: string
  before: Body[]
  after: Body[]
}

interface Test {
  suites: Suite[]
  name: string
  body: Body
  file: string
}

const tests: Test[] = []
let open: Suite[] = []
let file = ''

/** Collects the tests of one file. */
export async function collect(name: string, load: () => Promise<unknown>): Promise<void> {
  file = name
  open = [{ name, before: [], after: [] }]
  await load()
}

function suite(name: string, body: Body): void {
  open = [...open, { name, before: [], after: [] }]
  body()
  open = open.slice(0, -1)
}

function test(name: string, body: Body, _timeout?: number): void {
  tests.push({ suites: open, name, body, file })
}

let skipped = 0

/** A test that cannot be written down here, for want of what it needs. */
function todo(_name: string): void {
  skipped++
}

function inner(): Suite {
  return open.at(-1) as Suite
}

/** `each` of jest: a row is a list of arguments, or one argument. */
function each(
  one: (name: string, body: Body) => void,
): (rows: readonly unknown[]) => (name: string, body: (...row: unknown[]) => unknown) => void {
  return (rows) => (name, body) => {
    for (const row of rows.map((row) => (Array.isArray(row) ? row : [row]) as Row))
      one(named(name, row), () => body(...row))
  }
}

function named(name: string, row: Row): string {
  let at = 0
  return name.replace(/%[sijdpo]/g, (mark) => {
    const value = row[at++]
    return mark === '%j' ? JSON.stringify(value) : String(value)
  })
}

export const describe: typeof suite & { each: ReturnType<typeof each> } = Object.assign(suite, { each: each(suite) })
export const it: typeof test & { each: ReturnType<typeof each>; todo: typeof todo } = Object.assign(test, {
  each: each(test),
  todo,
})
export const beforeAll = (body: Body): void => {
  inner().before.push(body)
}
export const afterAll = (body: Body): void => {
  inner().after.push(body)
}

/** What became of the tests. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Runs all that was collected, in order. */
export async function runAll(say: (line: string) => void): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped }
  const begun = new Set<Suite>()
  for (const [at, one] of tests.entries()) {
    const fault = await faultOf(one, begun)
    if (fault === undefined) {
      counts.passed++
    } else {
      counts.failed++
      say(`FAILED ${one.file} › ${[...one.suites.slice(1).map(({ name }) => name), one.name].join(' › ')}\n${fault}`)
    }
    for (const ended of one.suites.toReversed()) {
      if (tests[at + 1]?.suites.includes(ended) !== true) for (const body of ended.after) await body()
    }
  }
  return counts
}

async function faultOf({ suites, body }: Test, begun: Set<Suite>): Promise<string | undefined> {
  try {
    for (const one of suites) {
      if (begun.has(one)) continue
      begun.add(one)
      for (const before of one.before) await before()
    }
    await body()
    return undefined
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error)
  }
}
