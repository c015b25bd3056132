import { registerHooks } from 'node:module'
import type { PlantedBug } from '@sr/tests-kit/planted-bugs'
import { counters } from './coverage.ts'
import { instrument } from './instrument.ts'
import { buggyModule } from './seeded-bugs.ts'

/** The built packages under test, by the end of their address. */
const UNDER_TEST = /\/packages\/(?:xr|protocol|protocol-go)\/dist\/.*\.js$/

/** What loading has brought in so far. */
export interface Loaded {
  edges: number
  strings: Set<string>
}

/**
 * From now on the modules under test are instrumented as they are loaded.
 *
 * @param bug put into the module it belongs to, to see that it is found
 */
export function instrumentLoads(bug?: PlantedBug): Loaded {
  const loaded: Loaded = { edges: 0, strings: new Set() }
  Object.assign(globalThis, { $edges: counters })
  registerHooks({
    load(url, context, next) {
      const result = next(url, context)
      if (!UNDER_TEST.test(url)) return result
      const planted = bug === undefined ? undefined : buggyModule(url, bug)
      const { code, edges, strings } = instrument(planted ?? String(result.source), loaded.edges)
      loaded.edges += edges
      for (const one of strings) loaded.strings.add(one)
      if (loaded.edges > counters.length) throw new Error(`more than ${counters.length} edges`)
      return { ...result, source: code }
    },
  })
  return loaded
}
