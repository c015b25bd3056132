import { closeSync, fdatasyncSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from './child.ts'
import { ENGINES } from './index.ts'
import type { Rates, Serving } from './measure-child.ts'

const ROUNDS = 3
const MIB = 2 ** 20

/** Speed, memory and size of the engines: the names of the columns, then a row per figure. Engines take turns. */
export async function compareSpeed(): Promise<string[][]> {
  const root = mkdtempSync(join(tmpdir(), 'sr-engines-'))
  try {
    const names = Object.keys(ENGINES)
    const columns = new Map(names.map((name) => [name, new Map<string, number[]>()]))
    for (const name of names) {
      await run('fill', name, join(root, folderOf(name)), false)
      note(columns.get(name), 'size of 100k entries, MiB', sizeOf(join(root, folderOf(name))) / MIB)
    }
    const syncs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      syncs.push(syncsPerSecond(join(root, 'sync')))
      for (const name of names) {
        for (const [column, value] of await figures(root, name)) note(columns.get(name), column, value)
      }
    }
    const rows = [...(columns.get(names[0] as string) ?? new Map<string, number[]>()).keys()]
    return [
      [`median of ${ROUNDS} rounds`, ...names],
      ...rows.map((row) => [row, ...names.map((name) => format(columns.get(name)?.get(row) ?? []))]),
      ['fdatasync of 4 KiB on this disk, per second', format(syncs), '', ''],
    ]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function figures(root: string, name: string): Promise<Array<[string, number]>> {
  const found: Array<[string, number]> = []
  for (const durable of [true, false]) {
    const folder = join(root, 'rates')
    const { single, concurrent } = await run<Rates>('rates', name, folder, durable)
    const kind = durable ? 'durable' : 'not durable'
    found.push([`puts/s, one at a time, ${kind}`, single], [`puts/s, 64 at once, ${kind}`, concurrent])
    rmSync(folder, { recursive: true, force: true })
  }
  const serving = await run<Serving>('serve', name, join(root, folderOf(name)), true)
  found.push(
    ['read of one record at 100k entries, µs', serving.readUs],
    ['open to first answer at 100k entries, ms', serving.openMs],
    ['index of 100k entries, ms', serving.indexMs],
    ['expiry of 10k entries in slices of 500, durable, ms', serving.expiryMs],
    ['growth of RSS after open and 5000 reads, MiB', serving.rssMiB],
  )
  return found
}

async function run<Output>(mode: string, name: string, folder: string, durable: boolean): Promise<Output> {
  const { output, code, signal, stderr } = await runChild<Output>('./measure-child.ts', [
    mode,
    name,
    folder,
    String(durable),
  ])
  if (output === undefined) throw new Error(`${mode} of ${name} ended with ${signal ?? code}: ${stderr}`)
  return output
}

/** A folder name for an engine; `:` is not allowed on every file system. */
export function folderOf(name: string): string {
  return name.replace(':', '-')
}

function note(column: Map<string, number[]> | undefined, row: string, value: number): void {
  column?.set(row, [...(column.get(row) ?? []), value])
}

function format(values: readonly number[]): string {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
  return middle >= 100 ? middle.toFixed(0) : middle.toPrecision(2)
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).blocks * 512, 0)
}

function syncsPerSecond(file: string): number {
  const block = new Uint8Array(4096)
  const fd = openSync(file, 'w')
  const start = performance.now()
  let count = 0
  for (; performance.now() - start < 300; count++) {
    writeSync(fd, block)
    fdatasyncSync(fd)
  }
  closeSync(fd)
  return (count / (performance.now() - start)) * 1000
}
