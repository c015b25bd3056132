// Matches values against a schema in CDDL (RFC 8610): the part of the language that `smart-record-1.0.0.cddl` uses.

import type { CborValue } from '@sr/xr/cbor'

/** Whether a value has the type of a rule. */
export type Matcher = (rule: string, value: CborValue) => boolean

type Type = (value: CborValue) => boolean

/** An entry of a list or map. */
interface Entry {
  readonly min: number
  readonly max: number
  /** of a map: the key that this entry is for; `any` for all keys without an entry of their own */
  readonly key: string | undefined
  readonly type: Type
}

const TOKEN = /\s+|;[^\n]*|("[^"]*"|=>|\.\.|\.size\b|\d+|[A-Za-z][\w-]*|[^\s])/g

const PRELUDE: Readonly<Record<string, Type>> = {
  any: () => true,
  bstr: (value) => value instanceof Uint8Array,
  null: (value) => value === null,
  true: (value) => value === true,
  tstr: (value) => typeof value === 'string',
  uint: (value) => typeof value === 'number' && value >= 0,
}

/** Reads a schema. Throws for what is not of this part of CDDL, and for a rule that is used and not defined. */
export function readSchema(text: string): Matcher {
  const rules = new SchemaReader(text).rules()
  return (rule, value) => named(rules, rule)(value)
}

function named(rules: ReadonlyMap<string, Type>, name: string): Type {
  const type = rules.get(name) ?? PRELUDE[name]
  if (type === undefined) {
    throw new Error(`the schema has no rule ${name}`)
  }
  return type
}

class SchemaReader {
  readonly #tokens: readonly string[]
  readonly #rules = new Map<string, Type>()
  readonly #used: string[] = []
  #at = 0

  constructor(text: string) {
    this.#tokens = Array.from(text.matchAll(TOKEN), ([, token]) => token).filter((token) => token !== undefined)
  }

  rules(): ReadonlyMap<string, Type> {
    while (this.#at < this.#tokens.length) {
      const name = this.#take()
      this.#expect('=')
      this.#rules.set(name, this.#type())
    }
    this.#used.forEach((name) => named(this.#rules, name))
    return this.#rules
  }

  #type(): Type {
    const choices = [this.#single()]
    while (this.#accept('/')) {
      choices.push(this.#single())
    }
    return (value) => choices.some((choice) => choice(value))
  }

  #single(): Type {
    const token = this.#take()
    if (token === '[') {
      const entries = this.#entries(']')
      return (value) => Array.isArray(value) && matchesList(entries, value)
    }
    if (token === '{') {
      const entries = this.#entries('}')
      return (value) => value instanceof Map && matchesMap(entries, value as ReadonlyMap<string, CborValue>)
    }
    if (/^\d/.test(token)) {
      const min = Number(token)
      const max = this.#accept('..') ? this.#number() : min
      return (value) => typeof value === 'number' && value >= min && value <= max
    }
    this.#used.push(token)
    const type: Type = (value) => named(this.#rules, token)(value)
    return this.#accept('.size') ? sized(type, ...this.#size()) : type
  }

  #size(): [number, number] {
    const isRange = this.#accept('(')
    const min = this.#number()
    const max = isRange ? (this.#expect('..'), this.#number()) : min
    if (isRange) {
      this.#expect(')')
    }
    return [min, max]
  }

  #entries(end: string): Entry[] {
    const entries: Entry[] = []
    while (!this.#accept(end)) {
      entries.push(this.#entry())
      if (this.#tokens[this.#at] !== end) {
        this.#expect(',')
      }
    }
    return entries
  }

  #entry(): Entry {
    const [min, max] = this.#occurrence()
    const next = this.#tokens[this.#at + 1]
    const key = next === ':' || next === '=>' ? this.#take() : undefined
    if (key !== undefined) {
      this.#at++
    }
    return { min, max, key: next === '=>' ? 'any' : key, type: this.#type() }
  }

  #occurrence(): [number, number] {
    if (this.#accept('?')) {
      return [0, 1]
    }
    if (this.#accept('*')) {
      return [0, Infinity]
    }
    if (this.#tokens[this.#at + 1] !== '*' || !/^\d/.test(this.#tokens[this.#at] as string)) {
      return [1, 1]
    }
    const min = this.#number()
    this.#expect('*')
    return [min, this.#number()]
  }

  #take(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) {
      throw new Error('the schema ends inside a rule')
    }
    return token
  }

  #number(): number {
    const token = this.#take()
    if (!/^\d+$/.test(token)) {
      throw new Error(`expected a number, found ${token}`)
    }
    return Number(token)
  }

  #accept(token: string): boolean {
    const found = this.#tokens[this.#at] === token
    this.#at += found ? 1 : 0
    return found
  }

  #expect(token: string): void {
    const found = this.#take()
    if (found !== token) {
      throw new Error(`expected ${token}, found ${found}`)
    }
  }
}

/** The size of a byte string or text, in bytes. */
function sized(type: Type, min: number, max: number): Type {
  return (value) => {
    const bytes = typeof value === 'string' ? Buffer.byteLength(value) : (value as Uint8Array | null)?.length
    return type(value) && bytes !== undefined && bytes >= min && bytes <= max
  }
}

/** Whether the items are what the entries say, in their order. */
function matchesList(entries: readonly Entry[], items: readonly CborValue[]): boolean {
  const [entry, ...rest] = entries
  if (entry === undefined) {
    return items.length === 0
  }
  let count = 0
  while (count < entry.max && count < items.length && entry.type(items[count] as CborValue)) {
    count++
  }
  for (; count >= entry.min; count--) {
    if (matchesList(rest, items.slice(count))) {
      return true
    }
  }
  return false
}

function matchesMap(entries: readonly Entry[], map: ReadonlyMap<string, CborValue>): boolean {
  const others = entries.find(({ key }) => key === 'any')
  const own = new Map(
    entries.filter((entry) => entry !== others).map((entry) => [JSON.parse(entry.key as string), entry]),
  )
  const inRange = others === undefined || (map.size - own.size <= others.max && map.size >= others.min)
  return (
    inRange &&
    [...own].every(([key, { min }]) => min === 0 || map.has(key)) &&
    [...map].every(([key, value]) => (own.get(key) ?? others)?.type(value) === true)
  )
}
