import { createMachine, factOn } from '@sr/vm'
import { plainUpdates } from '@sr/vm/testing'
import { Dict, from, Predicate, print } from '@sr/xr'
import { polls } from './polls.ts'

/** Three writers vote and a fourth requests the count; returns the answer of the server. */
export async function lunch(): Promise<string> {
  const machine = createMachine({ self: 'server', updates: plainUpdates('server'), grammar: polls })
  await machine.start()
  const key = new TextEncoder().encode('office')

  for (const [writer, choice] of Object.entries({ ann: 'soup', bob: 'fish', cid: 'soup' })) {
    await machine.updateUnsigned({
      key,
      writer,
      body: from({ vote: new Predicate('ballot', ['lunch', choice]) }),
      ttl: 3600,
    })
  }
  const request = new Predicate('count', ['lunch'])
  const { effects } = await machine.updateUnsigned({ key, writer: 'dan', body: from({ asks: request }), ttl: 3600 })
  await effects

  const own = (await machine.get(key)).documents.get('server')?.document ?? Dict.empty
  await machine.close()
  return print(factOn(own, request) ?? 'not counted')
}
