import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { lunch } from '../src/lunch.ts'

it('prints what the README shows', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(/own-grammar\/src\/start\.ts\n(.*)\n```/.exec(readme)?.[1]).toBe(await lunch())
})
