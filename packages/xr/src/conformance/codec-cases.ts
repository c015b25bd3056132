import type { Codec } from '../codec/codec.ts'
import { equal } from '../model/equal.ts'
import { MAX_INT_BITS } from '../model/limits.ts'
import { List } from '../model/list.ts'
import type { Node } from '../model/node.ts'
import { print } from '../text/print.ts'
import { toUtf8 } from '../bytes/utf8.ts'
import type { Case } from './case.ts'
import { DAG_CBOR_REFUSED } from './data/dag-cbor-refused.ts'
import { DAG_JSON_REFUSED } from './data/dag-json-refused.ts'
import { LIMITS as LIMIT_VECTORS } from './data/limits.ts'
import { VALUES } from './data/values.ts'
import { defaultLimits } from './default-limits.ts'
import { same, verdictOf } from './expect.ts'
import { bytesOf, hexOf, nodeOf } from './spec.ts'
import type { RefusedVector, ValueVector } from './vectors.ts'

/** What sets the cases of one form apart. */
interface Form {
  readonly name: string
  readonly code: number
  readonly refused: readonly RefusedVector[]
  bytes(vector: ValueVector): Uint8Array
}

const FORMS: readonly Form[] = [
  { name: 'dag-cbor', code: 0x71, refused: DAG_CBOR_REFUSED, bytes: ({ dagCbor }) => bytesOf(dagCbor) },
  { name: 'dag-json', code: 0x0129, refused: DAG_JSON_REFUSED, bytes: ({ dagJson }) => toUtf8(dagJson) },
]

/** Values that are not nodes, or are outside their kind. */
const NO_NODES: ReadonlyArray<readonly [string, unknown, string]> = [
  ['undefined', undefined, 'XR_KIND'],
  ['null', null, 'XR_KIND'],
  ['an object', {}, 'XR_KIND'],
  ['an array', [1n], 'XR_KIND'],
  ['a Date', new Date(0), 'XR_KIND'],
  ['a Map', new Map(), 'XR_KIND'],
  ['a symbol', Symbol.iterator, 'XR_KIND'],
  ['a function', () => 1, 'XR_KIND'],
  ['NaN', Number.NaN, 'XR_VALUE'],
  ['Infinity', Infinity, 'XR_VALUE'],
  ['-Infinity', -Infinity, 'XR_VALUE'],
  ['a high surrogate', '\ud800', 'XR_VALUE'],
  ['a low surrogate', 'a\udc00', 'XR_VALUE'],
  ['an Int of 1025 bits', 1n << BigInt(MAX_INT_BITS), 'XR_INT'],
  ['a negative Int of 1025 bits', -(1n << BigInt(MAX_INT_BITS)), 'XR_INT'],
]

/**
 * Checks of a codec for the natural form. Each needs the form it is of, `dag-cbor` or `dag-json`;
 * some need `limits`: decode accepts limits.
 *
 * @example
 * ```ts
 * import { casesFor, codecCases } from '@sr/xr/conformance'
 * import * as dagCbor from '@sr/xr/dag-cbor'
 *
 * const cases = casesFor(codecCases, ['dag-cbor', 'limits'])
 * cases.forEach(({ run }) => run(dagCbor))
 * console.log(cases[0]?.name) // dag-cbor writes true
 * ```
 */
export const codecCases: ReadonlyArray<Case<Codec>> = FORMS.flatMap((form) => [
  ...VALUES.flatMap((vector) => valueCases(form, vector)),
  ...form.refused.map((vector) => refusedCase(form, vector)),
  ...lawCases(form),
  ...limitCases(form),
])

function valueCases(form: Form, vector: ValueVector): Array<Case<Codec>> {
  const needs = [form.name]
  return [
    {
      name: `${form.name} writes ${vector.name}`,
      needs,
      run(codec) {
        same('bytes', hexOf(codec.encode(nodeOf(vector.spec))), hexOf(form.bytes(vector)))
      },
    },
    {
      name: `${form.name} reads ${vector.name}`,
      needs,
      run(codec) {
        const bytes = form.bytes(vector)
        const node = codec.decode(bytes)
        same('equal to the value', equal(node, nodeOf(vector.spec)), true)
        same('bytes when written again', hexOf(codec.encode(node)), hexOf(bytes))
      },
    },
  ]
}

function refusedCase(form: Form, vector: RefusedVector): Case<Codec> {
  return {
    name: `${form.name} refuses ${vector.name}: ${vector.reason}`,
    needs: [form.name],
    run(codec) {
      same(
        vector.json ?? vector.bytes,
        verdictOf(() => codec.decode(bytesOf(vector.bytes))),
        vector.code,
      )
    },
  }
}

function lawCases(form: Form): Array<Case<Codec>> {
  const needs = [form.name]
  return [
    {
      name: `${form.name} has its name and code`,
      needs,
      run(codec) {
        same('name', codec.name, form.name)
        same('code', codec.code, form.code)
      },
    },
    {
      name: `${form.name} refuses every beginning of every value`,
      needs,
      run(codec) {
        for (const vector of VALUES) {
          const bytes = form.bytes(vector)
          for (let length = 0; length < bytes.length; length++) {
            refusesBeginning(codec, vector.name, bytes.subarray(0, length))
          }
        }
      },
    },
    {
      name: `${form.name} refuses a byte after any value`,
      needs,
      run(codec) {
        for (const vector of VALUES) {
          const bytes = form.bytes(vector)
          for (const byte of [0x00, 0x0a, 0x20, 0xf6, 0xff]) {
            same(
              `${vector.name}, and ${byte}`,
              verdictOf(() => codec.decode(Uint8Array.of(...bytes, byte))),
              'XR_SYNTAX',
            )
          }
        }
      },
    },
    ...inputCases(form),
    ...noNodeCases(form),
  ]
}

function refusesBeginning(codec: Codec, name: string, bytes: Uint8Array): void {
  let node: Node
  try {
    node = codec.decode(bytes)
  } catch {
    return
  }
  // a prefix of a number may be a number: 1 of 12
  same(`${name} cut to ${bytes.length} bytes`, hexOf(codec.encode(node)), hexOf(bytes))
  same(`${name} cut to ${bytes.length} bytes is a number`, typeof node === 'bigint' || typeof node === 'number', true)
}

function inputCases(form: Form): Array<Case<Codec>> {
  const needs = [form.name]
  const vector = VALUES.find(({ name }) => name === 'list of every kind') as ValueVector
  return [
    {
      name: `${form.name} reads a part of a buffer, and a whole one`,
      needs,
      run(codec) {
        const bytes = form.bytes(vector)
        const around = new Uint8Array(bytes.length + 7)
        around.set(bytes, 3)
        same('part', print(codec.decode(around.subarray(3, -4))), vector.text)
        same('whole', print(codec.decode(bytes.slice().buffer as ArrayBuffer)), vector.text)
      },
    },
    {
      name: `${form.name} keeps nothing of its input`,
      needs,
      run(codec) {
        const bytes = form.bytes(vector)
        const node = codec.decode(bytes)
        bytes.fill(0)
        same('value after the input has changed', print(node), vector.text)
      },
    },
  ]
}

function noNodeCases(form: Form): Array<Case<Codec>> {
  return [
    ...NO_NODES.map(([name, value, code]): Case<Codec> => ({
      name: `${form.name} does not write ${name}`,
      needs: [form.name],
      run(codec) {
        same(
          name,
          verdictOf(() => codec.encode(value as Node)),
          code,
        )
      },
    })),
    {
      name: `${form.name} writes minus zero as zero`,
      needs: [form.name],
      run(codec) {
        same('a leaf', hexOf(codec.encode(-0)), hexOf(codec.encode(0)))
        same('a member', hexOf(codec.encode(List.of(-0))), hexOf(codec.encode(List.of(0))))
      },
    },
  ]
}

function limitCases(form: Form): Array<Case<Codec>> {
  const needs = [form.name, 'limits']
  return [
    ...LIMIT_VECTORS.map(({ name, limits, spec, verdict }): Case<Codec> => ({
      name: `${form.name} under ${name}: ${verdict}`,
      needs,
      run(codec) {
        same(
          name,
          verdictOf(() => codec.decode(codec.encode(nodeOf(spec)), limits)),
          verdict,
        )
      },
    })),
    ...defaultLimits().map(({ name, node, verdict }): Case<Codec> => ({
      name: `${form.name} by default, ${name}: ${verdict}`,
      needs: [form.name],
      run(codec) {
        same(
          name,
          verdictOf(() => codec.decode(codec.encode(node()))),
          verdict,
        )
      },
    })),
    {
      name: `${form.name} counts the nodes, depth and size of every value`,
      needs,
      run(codec) {
        for (const { name, spec, nodes, depth, size } of VALUES) {
          const bytes = codec.encode(nodeOf(spec))
          same(
            `${name} within its measures`,
            verdictOf(() => codec.decode(bytes, { nodes, depth, size })),
            'accepted',
          )
          same(
            `${name} with a node less`,
            verdictOf(() => codec.decode(bytes, { nodes: nodes - 1 })),
            'XR_NODES',
          )
          same(
            `${name} with a byte less`,
            verdictOf(() => codec.decode(bytes, { size: size - 1 })),
            'XR_SIZE',
          )
          if (depth > 0) {
            same(
              `${name} with a level less`,
              verdictOf(() => codec.decode(bytes, { depth: depth - 1 })),
              'XR_DEPTH',
            )
          }
        }
      },
    },
  ]
}
