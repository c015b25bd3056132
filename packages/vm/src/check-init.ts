import {
  type Check,
  type Checks,
  checkConfig,
  ConfigError,
  func,
  optional,
  partial,
  port,
  text,
  where,
} from '@sr/runtime'
import { LIMIT_CHECKS, MAX_WRITER_CHARS } from './limits.ts'
import type { MachineInit } from './machine.ts'

const ifGiven = (check: Check): Check => optional(check)

const CHECKS: Checks<MachineInit> = {
  self: text({ max: MAX_WRITER_CHARS }),
  updates: port({
    parse: func,
    verify: func,
    decode: func,
    encode: func,
    sign: ifGiven(func),
    isWriter: ifGiven(func),
    signer: ifGiven(text()),
  }),
  grammar: optional(port({ rules: where('an array', Array.isArray), rule: func })),
  store: optional(
    port({
      open: func,
      commit: func,
      read: func,
      get: func,
      index: func,
      due: func,
      resumed: func,
      usage: func,
      totals: func,
      quarantine: func,
      saveTime: func,
      loadTime: func,
      close: func,
      check: ifGiven(func),
    }),
  ),
  clock: optional(port({ now: func, monotonic: func, after: func, uptime: ifGiven(func) })),
  meter: optional(port({ price: func })),
  random: optional(func),
  observe: optional(func),
  logger: optional(port({ forComponent: func })),
  metrics: optional(port({ registerCounterGroup: func })),
  limits: optional(partial(LIMIT_CHECKS)),
}

/**
 * Checks what `createMachine` is given.
 *
 * @throws ConfigError for an unknown name, a wrong type or range, and for a `self` other than the codec signs as
 */
export function checkInit(init: MachineInit): void {
  checkConfig<MachineInit>('createMachine', init, CHECKS)
  const { self, updates } = init
  if (updates.isWriter?.(self) === false) {
    throw new ConfigError('CONFIG_RANGE', {
      of: 'createMachine',
      field: 'self',
      expected: 'a peer id as text',
      got: self,
    })
  }
  if (updates.signer !== undefined && updates.signer !== self) {
    const expected = `${updates.signer}, which updates signs as`
    throw new ConfigError('CONFIG_CONFLICT', { of: 'createMachine', field: 'self', expected, got: self })
  }
}
