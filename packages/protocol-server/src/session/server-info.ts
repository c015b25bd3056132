import type { Refusal, ServedMachine } from '@sr/protocol'
import { MAX_ITEMS, MAX_MESSAGE_BYTES, MAX_PAGE_BYTES, MAX_ROWS, type ServerInfo } from '@sr/protocol/messages'
import { peerBytes } from './peer-ids.ts'

/** Version of the protocol. */
const VERSION = '1.0.0'

const NO_BYTES = new Uint8Array(0)
const NO_EPOCH = new Uint8Array(8)

/** What a server tells `peer` about itself. */
export async function serverInfo(
  machine: ServedMachine,
  { peer, network, limits: own }: { peer: string; network: string; limits: Readonly<Record<string, number>> },
): Promise<ServerInfo> {
  const info = await machine.info?.()
  const usage = await machine.usage?.(peer)
  const ofMachine = Object.entries({ ...machine.limits, ...info?.limits })
  const renamed = Object.fromEntries(ofMachine.map(([name, value]) => [WIRE_LIMITS.get(name) ?? name, value]))
  const limits = numbers({ ...renamed, ...FORM, ...own })
  return {
    version: VERSION,
    self: peerBytes(machine.self) ?? NO_BYTES,
    network,
    now: timeOf(machine),
    epoch: info?.revision.epoch ?? NO_EPOCH,
    merge: info?.merge ?? '',
    can: capabilities(machine),
    limits,
    tags: info?.tags.map((tag) => [tag, new Map()] as const) ?? [],
    you: numbers({
      bytes: usage?.bytes,
      records: usage?.records,
      bytesMax: limits.get('bytesPerWriter'),
      recordsMax: limits.get('recordsPerWriter'),
    }),
  }
}

/** Names of limits on the wire that differ from those of a machine: there `bytes` is the limit of one value. */
const WIRE_LIMITS: ReadonlyMap<string, string> = new Map([
  ['bytes', 'totalBytes'],
  ['keyBytes', 'key'],
  ['updateBytes', 'update'],
])

/** A refusal with the name of its limit as it is on the wire. */
export function withWireLimit(refusal: Refusal): Refusal {
  const { limit, status } = refusal
  const name = limit === 'bytes' && status !== 'E_QUOTA_GLOBAL' ? undefined : WIRE_LIMITS.get(limit ?? '')
  return name === undefined ? refusal : { ...refusal, limit: name }
}

/** Limits of form, the same on every server. */
const FORM = { frame: MAX_MESSAGE_BYTES, items: MAX_ITEMS, pageBytes: MAX_PAGE_BYTES, rows: MAX_ROWS }

/** What a machine can do beyond update, get, info, ping and cancel. */
export function capabilities(machine: ServedMachine): string[] {
  const optional = ['query', 'watch', 'explain'] as const
  return optional.filter((name) => machine[name] !== undefined)
}

/** Milliseconds since 1970. */
export function timeOf(machine: ServedMachine): number {
  return Math.floor(machine.time?.().now ?? Date.now())
}

/** Whole numbers from 0; what is left out, is a fraction or has no end is not told. */
function numbers(values: Readonly<Record<string, unknown>>): Map<string, number> {
  const entries = Object.entries(values).filter(
    (entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && (entry[1] as number) >= 0,
  )
  return new Map(entries)
}
