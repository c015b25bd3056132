import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { changeDatabase, filledFolder, newFolder } from './setup.ts'

const COMMAND = fileURLToPath(new URL('../src/bin/sr-store-check.ts', import.meta.url))

function check(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', COMMAND, ...args],
    { encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

test('an intact store: 0', async () => {
  const folder = await filledFolder(3)
  expect(check(folder)).toEqual({ status: 0, stdout: '3 intact updates, 0 damaged, 0 problems\n', stderr: '' })
})

test('a damaged store: 1, and 0 once it is repaired', async () => {
  const folder = await filledFolder(3)
  changeDatabase(folder, 'UPDATE entries SET cost = 1 WHERE id = 2')
  const found = check(folder)
  expect(found.status).toBe(1)
  expect(found.stdout).toMatch(/^damaged: update (0001){16} of record r1: its fields have the checksum/)
  expect(found.stdout).toMatch(/2 intact updates, 1 damaged, 1 problems\n$/)
  const repaired = check(folder, '--repair')
  expect(repaired).toMatchObject({ status: 0, stdout: expect.stringMatching(/, repaired\n$/) })
  const after = check(folder)
  expect(after).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^damaged: .* in the quarantine: [^]*2 intact updates, 1 damaged, 0 problems\n$/),
  })
})

test('a folder without a store: 1, and it stays so', () => {
  const folder = newFolder()
  expect(check(folder)).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^STORE_MISSING: there is no folder/),
  })
  mkdirSync(folder)
  expect(check(folder, '--repair')).toMatchObject({ status: 1, stdout: expect.stringMatching(/^STORE_MISSING/) })
})

test.each([[[]], [['--repair']], [['a', 'b']], [['a', '--fix']]])('wrong arguments %j: 2', (args) => {
  expect(check(...args)).toEqual({ status: 2, stdout: '', stderr: 'usage: sr-store-check FOLDER [--repair]\n' })
})
