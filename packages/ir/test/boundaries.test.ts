import { describe, expect, it } from '@jest/globals'
import { Dict, from, type Node, Predicate, print } from '@sr/xr'
import {
  assemble,
  copyBytes,
  createDocument,
  createGrammar,
  defineRule,
  disassemble,
  effectContext,
  ttl,
  validateDraft,
  validateUpdate,
} from '../src/index.ts'

const life = { seq: 1_000_000, hash: 'ab'.repeat(32), expires: 60_000, retain: 60_000 }
const grammar = createGrammar([
  defineRule({
    tags: ['blob'],
    parse: ({ positional: [bytes] }) => bytes as Uint8Array,
    format: (bytes) => new Predicate('blob', [bytes]),
  }),
])

describe('Bytes that a caller hands in may be reused as soon as the call returns', () => {
  it.each<[string, (bytes: Uint8Array) => () => unknown]>([
    [
      'validateUpdate and apply',
      (bytes) => {
        const document = createDocument()
        document.apply(
          validateUpdate({
            ...life,
            body: Dict.from([
              ['a', bytes],
              ['l', ttl(Dict.from([['b', bytes]]), 5)],
            ]),
          }),
        )
        return () => print(document.show(1000) as Node)
      },
    ],
    [
      'validateDraft',
      (bytes) => {
        const draft = validateDraft({ ...life, body: Dict.from([['a', new Predicate('p', [bytes])]]) })
        return () => print(draft.withHash(life.hash).body)
      },
    ],
    [
      'copyBytes',
      (bytes) => {
        const copied = copyBytes(Dict.from([[bytes, bytes]]))
        return () => print(copied)
      },
    ],
    [
      'effectContext',
      (bytes) => {
        const record = new Map([['ann', Dict.from([['a', bytes]])]])
        const signal = new AbortController().signal
        const context = effectContext({
          key: bytes,
          writer: 'ann',
          self: 's',
          now: 0,
          observed: undefined,
          record,
          signal,
          permit: () => {},
        })
        context.record.get('ann')
        record.clear()
        return () => [print(context.key), print(context.record.get('ann') as Node)]
      },
    ],
  ])('%s', (_name, make) => {
    const bytes = Uint8Array.of(1, 2)
    const result = make(bytes)
    const before = JSON.stringify(result())
    bytes.fill(0xee)
    expect(JSON.stringify(result())).toBe(before)
  })

  it('objects and arrays as well', () => {
    const update = { ...life, body: from({ a: 1 }) }
    const validated = validateUpdate(update)
    update.body = from({ a: 2 })
    expect(print(validated.body)).toBe('{a=1}')
    const rules = [...grammar.rules]
    const other = createGrammar(rules)
    rules.length = 0
    expect(other.rules).toHaveLength(1)
    const node = from({ x: new Predicate('blob', [Uint8Array.of(7)]) })
    const { smart } = assemble(grammar, node)
    expect(print(disassemble({ node, smart, problems: [] }))).toBe('{x=blob(0x07)}')
  })
})
