import { createGrammar, type Effect, type EffectContext, type Grammar, type Verdict } from '@sr/ir'
import { type Dict, Predicate, print } from '@sr/xr'
import { type Bench, KEY, SELF } from './setup.ts'

type Run = (n: bigint, context: EffectContext) => Promise<Verdict | undefined>

export const ask = (n: number): Predicate => new Predicate('ask', [BigInt(n)])
export const yes = (ttl = 30): Verdict => ({ value: 'yes', ttl })

/** `ask(n)`, which an effect answers. */
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
      effect: { external: true, ...kind, run: async (value, context) => await run(value as bigint, context) },
    },
  ])
}

/** the server's facts as text: request → verdict and what is left of its life, seconds */
export async function facts({ machine }: Bench, key = KEY): Promise<Record<string, string>> {
  const own = (await machine.get(key)).get(SELF)?.document.get('facts')
  return own === undefined
    ? {}
    : Object.fromEntries(Array.from(own as Dict, ([request, verdict]) => [print(request), print(verdict)]))
}

export function count({ machine }: Bench, name: string): number {
  return machine.counters().get(name as never) ?? 0
}

/** time enough for effects that answer at once */
export const soon = async (at: Bench): Promise<void> => {
  await at.clock.advance(0)
}
