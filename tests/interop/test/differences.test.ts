import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { faultsOf, parseDifferences } from '../report/differences.ts'
import { judge } from '../report/judge.ts'
import { type Direction, needs, type Row } from '../report/row.ts'
import { allRows } from '../scenarios/all.ts'

const row = (name: string, direction: Direction, wanted: string): Row => ({
  name,
  direction,
  wanted,
  waits: false,
  run: async () => '',
})

const LIST = `# Words

| other | table |
|---|---|
| a | b |

| row | direction | Go | seen | why |
|---|---|---|---|---|
| one | Go → ours, raw → ours | \`a \\| b\` | \`c\` | because |
`

describe('the list of known differences', () => {
  it('is read from its tables, and from no other', () => {
    const common = { row: 'one', go: 'a | b', seen: 'c', why: 'because' }
    expect(parseDifferences(LIST)).toEqual([
      { ...common, direction: 'Go → ours' },
      { ...common, direction: 'raw → ours' },
    ])
  })

  it.each([['| one | codec | a | b |'], ['| one | codec | a |  | why |'], ['| one | codec | a | b | why | more |']])(
    'refuses %s',
    (line) => {
      expect(() => parseDifferences(`${LIST}${line}\n`)).toThrow(SyntaxError)
    },
  )

  it('names only rows there are, once, and says of Go what they say', () => {
    const rows = [row('one', 'Go → ours', 'a | b'), row('one', 'raw → ours', 'x')]
    const list = parseDifferences(
      `${LIST}| none | codec | a | b | why |\n| one | Go → ours | a \\| b | a \\| b | why |\n`,
    )
    expect(faultsOf(list, rows)).toEqual([
      'one (raw → ours): of Go it says a | b, and the row x',
      'none (codec): there is no such row',
      'one (Go → ours): listed twice',
      'one (Go → ours): there is no difference',
    ])
  })

  it('as it stands has no fault', () => {
    const text = readFileSync(new URL('../known-differences.md', import.meta.url), 'utf8')
    const list = parseDifferences(text)
    expect(list.length).toBeGreaterThan(100)
    expect(faultsOf(list, allRows(1))).toEqual([])
  })
})

describe('a verdict', () => {
  const list = parseDifferences(LIST)
  const listed = row('one', 'Go → ours', 'a | b')

  it('takes what is as Go, and what differs as listed', () => {
    expect(judge(row('two', 'codec', 'x'), 'x', list)).toEqual({ verdict: 'as wanted' })
    expect(judge(listed, 'c', list)).toEqual({ verdict: 'as listed' })
  })

  it('is against a change in either direction', () => {
    expect(judge(row('two', 'codec', 'x'), 'y', list)).toMatchObject({ verdict: 'WRONG' })
    expect(judge(listed, 'd', list)).toMatchObject({ verdict: 'WRONG' })
    expect(judge(listed, 'a | b', list)).toMatchObject({
      verdict: 'WRONG',
      fault: 'listed as a difference, and does not differ any more',
    })
    // another direction of a listed row is not listed
    expect(judge(row('one', 'ours → Go', 'a | b'), 'c', list)).toMatchObject({ verdict: 'WRONG' })
  })
})

describe('the rows', () => {
  const rows = allRows(1)

  it('have names of their own in each direction', () => {
    const names = rows.map(({ name, direction }) => `${name} (${direction})`)
    expect(names.length).toBe(new Set(names).size)
  })

  it("need the reference where Go's own server or client takes part, and Go at all but for the replay", () => {
    expect(needs('ours → Go')).toBe('record')
    expect(needs('Go → script')).toBe('record')
    expect(needs('codec of records')).toBe('record')
    expect(needs('raw → ours')).toBe('stack')
    expect(needs('ours → script')).toBe('stack')
    expect(needs('codec')).toBe('stack')
    expect(needs('ours → v1')).toBe('v1')
    expect(needs('vectors → v1')).toBe('v1')
    expect(needs('replay')).toBeUndefined()
  })
})
