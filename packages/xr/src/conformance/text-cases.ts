import { equal } from '../model/equal.ts'
import type { Limits } from '../model/limits.ts'
import type { Node } from '../model/node.ts'
import type { PrintOptions } from '../text/print.ts'
import type { Case } from './case.ts'
import { LIMITS as LIMIT_VECTORS } from './data/limits.ts'
import { TEXT_REFUSED } from './data/text-refused.ts'
import { TEXT_SPELLINGS } from './data/text-spellings.ts'
import { VALUES } from './data/values.ts'
import { defaultLimits } from './default-limits.ts'
import { same, verdictOf } from './expect.ts'
import { nodeOf } from './spec.ts'
import type { RefusedTextVector, ValueVector } from './vectors.ts'

/** An implementation of the text syntax; `@sr/xr/text` is one. */
export interface TextSyntax {
  parse(text: string, limits?: Partial<Limits>): Node
  print(node: Node, options?: PrintOptions): string
}

/**
 * Checks of an implementation of the text syntax. Some need `limits`: parse accepts limits.
 *
 * @example
 * ```ts
 * import { casesFor, textCases } from '@sr/xr/conformance'
 * import * as text from '@sr/xr/text'
 *
 * casesFor(textCases, ['limits']).forEach(({ run }) => run(text))
 * ```
 */
export const textCases: ReadonlyArray<Case<TextSyntax>> = [
  ...VALUES.flatMap(valueCases),
  ...TEXT_SPELLINGS.map(({ name, text, prints }): Case<TextSyntax> => ({
    name: `text reads ${name}`,
    run(syntax) {
      same(text, syntax.print(syntax.parse(text)), prints)
    },
  })),
  ...TEXT_REFUSED.map(refusedCase),
  ...limitCases(),
]

function valueCases(vector: ValueVector): Array<Case<TextSyntax>> {
  const cases: Array<Case<TextSyntax>> = [
    {
      name: `text prints ${vector.name}`,
      run(syntax) {
        same('text', syntax.print(nodeOf(vector.spec)), vector.text)
      },
    },
    {
      name: `text reads ${vector.name}`,
      run(syntax) {
        const node = nodeOf(vector.spec)
        same('equal to the value', equal(syntax.parse(vector.text), node), true)
        for (const indent of ['  ', '\t', '']) {
          same(
            `equal to the value, indented by ${JSON.stringify(indent)}`,
            equal(syntax.parse(syntax.print(node, { indent })), node),
            true,
          )
        }
      },
    },
  ]
  // escapes, links and Bytes of dag-json mean something else in the text syntax
  const plain = !vector.dagJson.includes('[null') && !vector.dagJson.includes('{"/":')
  return plain
    ? [
        ...cases,
        {
          name: `text reads ${vector.name} as JSON`,
          run(syntax) {
            same('equal to the value', equal(syntax.parse(vector.dagJson), nodeOf(vector.spec)), true)
          },
        },
      ]
    : cases
}

function refusedCase({ name, text, code, line, column, reason }: RefusedTextVector): Case<TextSyntax> {
  return {
    name: `text refuses ${name}: ${reason}`,
    run(syntax) {
      same(
        text,
        verdictOf(() => syntax.parse(text)),
        code,
      )
      const place = placeOf(syntax, text)
      same('line', place.line, line)
      same('column', place.column, column)
    },
  }
}

function placeOf(syntax: TextSyntax, text: string): { line?: unknown; column?: unknown } {
  try {
    syntax.parse(text)
    return {}
  } catch (err) {
    return (err as { place?: { line?: unknown; column?: unknown } }).place ?? {}
  }
}

function limitCases(): Array<Case<TextSyntax>> {
  return [
    ...LIMIT_VECTORS.map(({ name, limits, spec, verdict }): Case<TextSyntax> => ({
      name: `text under ${name}: ${verdict}`,
      needs: ['limits'],
      run(syntax) {
        same(
          name,
          verdictOf(() => syntax.parse(syntax.print(nodeOf(spec)), limits)),
          verdict,
        )
      },
    })),
    ...defaultLimits().map(({ name, node, verdict }): Case<TextSyntax> => ({
      name: `text by default, ${name}: ${verdict}`,
      run(syntax) {
        same(
          name,
          verdictOf(() => syntax.parse(syntax.print(node()))),
          verdict,
        )
      },
    })),
    {
      name: 'text counts the nodes, depth and size of every value',
      needs: ['limits'],
      run(syntax) {
        for (const { name, text, nodes, depth, size } of VALUES) {
          same(
            `${name} within its measures`,
            verdictOf(() => syntax.parse(text, { nodes, depth, size })),
            'accepted',
          )
          same(
            `${name} with a node less`,
            verdictOf(() => syntax.parse(text, { nodes: nodes - 1 })),
            'XR_NODES',
          )
          same(
            `${name} with a byte less`,
            verdictOf(() => syntax.parse(text, { size: size - 1 })),
            'XR_SIZE',
          )
        }
      },
    },
  ]
}
