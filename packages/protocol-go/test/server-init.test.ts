import { describe, expect, it } from '@jest/globals'
import { goServerProtocol } from '../src/server/server-protocol.ts'

function problem(init: unknown): unknown {
  try {
    goServerProtocol(init as never)
    return 'accepted'
  } catch (err) {
    return [(err as { code: string }).code, (err as { field: string }).field]
  }
}

const verdicts = new Map()

describe('goServerProtocol', () => {
  const timeouts = ['idle', 'frame', 'handler', 'write', 'effects']
  const rows: Array<[string, unknown, unknown]> = [
    ['nothing', undefined, ['CONFIG_MISSING', '']],
    ['no verdicts', {}, ['CONFIG_MISSING', 'verdicts']],
    ['verdicts that are no Map', { verdicts: {} }, ['CONFIG_MISSING', 'verdicts.get']],
    ['an unknown option', { verdicts, timeout: 5 }, ['CONFIG_UNKNOWN', 'timeout']],
    ['an unknown timeout', { verdicts, timeouts: { idel: 5 } }, ['CONFIG_UNKNOWN', 'timeouts.idel']],
    ['a wrong normalizeAddress', { verdicts, normalizeAddress: 'x' }, ['CONFIG_TYPE', 'normalizeAddress']],
    ...timeouts.flatMap((name): Array<[string, unknown, unknown]> => [
      [`${name}: NaN`, { verdicts, timeouts: { [name]: NaN } }, ['CONFIG_RANGE', `timeouts.${name}`]],
      [`${name}: -1`, { verdicts, timeouts: { [name]: -1 } }, ['CONFIG_RANGE', `timeouts.${name}`]],
      [`${name}: undefined`, { verdicts, timeouts: { [name]: undefined } }, ['CONFIG_MISSING', `timeouts.${name}`]],
      [`${name}: Infinity`, { verdicts, timeouts: { [name]: Infinity } }, 'accepted'],
      [`${name}: 30 days`, { verdicts, timeouts: { [name]: 30 * 86_400_000 } }, 'accepted'],
    ]),
    ['all options', { verdicts, normalizeAddress: (text: string) => text, timeouts: {} }, 'accepted'],
  ]
  it.each(rows)('given %s', (_title, init, expected) => {
    expect(problem(init)).toEqual(expected)
  })
})
