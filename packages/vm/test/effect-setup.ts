import { createGrammar, type Effect, type EffectContext, type Grammar, type Verdict } from '@sr/ir'
import { type Dict, Predicate, print } from '@sr/xr'
import { type TestMachine, KEY, SELF } from './setup.ts'

type Run = (n: bigint, context: EffectContext) => Promise<Verdict | undefined>

export const ask = (n: number): Predicate => new Predicate('ask', [BigInt(n)])
export const yes = (ttl = 30): Verdict => ({ value: 'yes', ttl })

/** A grammar with an effect for `ask(n)`. */
export function asking(run: Run, kind: Partial<Effect<bigint>> = { external: true, blocking: true }): Grammar {
  return createGrammar([
    {
      tags: ['ask'],
      parse: ({ positional: [n] }) => {
        if (typeof n !== 'bigint') {
          throw new Error('ask takes an Int')
        }
        return n
      },
      format: (n) => new Predicate('ask', [n as bigint]),
      effect: {
        external: true,
        ...kind,
        run: async (value, context) => {
          if (kind.external !== false) {
            context.permit()
          }
          return await run(value as bigint, context)
        },
      },
    },
  ])
}

/** the facts of the machine as text: request → verdict */
export async function facts({ machine }: TestMachine, key = KEY): Promise<Record<string, string>> {
  const own = (await machine.get(key)).documents.get(SELF)?.document.get('facts')
  return own === undefined
    ? {}
    : Object.fromEntries(Array.from(own as Dict, ([request, verdict]) => [print(request), print(verdict)]))
}

export function count({ machine }: TestMachine, name: string): number {
  return machine.counters().get(name as never) ?? 0
}

/** Lets effects that answer at once finish. */
export const soon = async (at: TestMachine): Promise<void> => {
  await at.clock.advance(0)
}
