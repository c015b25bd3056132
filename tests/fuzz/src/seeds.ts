import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Node } from '@sr/xr'
import type { Target } from './targets/target.ts'

const VECTORS = fileURLToPath(new URL('../../../vectors/', import.meta.url))

/** Longest seed: what is larger slows every execution down and shows little more. */
const LONGEST = 1024

/** Every input that the vectors hold, in whatever form: their bytes, and the texts and hex digits in them. */
export function vectorInputs(): Uint8Array[] {
  const found = new Map<string, Uint8Array>()
  const add = (bytes: Uint8Array): void => {
    if (bytes.length <= LONGEST) found.set(Buffer.from(bytes).toString('latin1'), bytes)
  }
  const addText = (text: string): void => {
    add(new TextEncoder().encode(text))
    if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return
    const bytes = Uint8Array.from(Buffer.from(text, 'hex'))
    add(bytes)
    // a frame: what is in it, without its length
    const prefix = bytes.findIndex((byte) => byte < 0x80) + 1
    if (prefix > 0 && prefix <= 3) add(bytes.subarray(prefix))
  }
  for (const file of readdirSync(VECTORS, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.json')) strings(JSON.parse(readFileSync(VECTORS + file, 'utf8')), addText)
    // lines that end with the input as a quoted string
    if (file.endsWith('.txt'))
      for (const [, quoted = ''] of readFileSync(VECTORS + file, 'utf8').matchAll(/<- ("(?:[^"\\]|\\.)*")$/gm))
        addText(unquoted(quoted))
  }
  return [...found.values()]
}

function strings(value: unknown, add: (text: string) => void): void {
  if (typeof value === 'string') add(value)
  else if (Array.isArray(value)) for (const one of value) strings(one, add)
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) {
      add(name)
      strings(one, add)
    }
}

// Go quotes as JSON does, but for bytes as \x.. and a few letters
function unquoted(text: string): string {
  try {
    return JSON.parse(
      text
        .replace(/\\x([0-9a-f]{2})/g, '\\u00$1')
        .replaceAll('\\a', '\\u0007')
        .replaceAll('\\v', '\\u000b'),
    ) as string
  } catch {
    return text
  }
}

/**
 * The seeds of a target: all inputs of the vectors, and every node that any target reads from one
 * of them, written in this target's form.
 */
export function seedsFor(target: Target, targets: readonly Target[]): Uint8Array[] {
  const inputs = vectorInputs()
  const [write] = target.writers
  if (write === undefined) return inputs
  const seeds = new Map(inputs.map((input) => [Buffer.from(input).toString('latin1'), input]))
  for (const input of inputs) {
    for (const one of targets) {
      const node = nodeIn(one, input)
      const bytes = node === undefined ? undefined : write(node)
      if (bytes !== undefined && bytes.length <= LONGEST) seeds.set(Buffer.from(bytes).toString('latin1'), bytes)
    }
  }
  return [...seeds.values()]
}

// A property that fails on a seed is found again when the seed is run for its own target.
function nodeIn(target: Target, input: Uint8Array): Node | undefined {
  try {
    return target.run(input, 0).node
  } catch {
    return undefined
  }
}
