import {
  after as processTimer,
  checkConfig,
  func,
  listOf,
  optional,
  type OptionalCheck,
  text,
  where,
} from '@sr/runtime'
import type { Prober } from './ports.ts'

/** A {@link Prober} that records its calls. */
export interface MemoryProber extends Prober {
  /** every probe so far: the address, and whether it asked for a dial */
  readonly probes: ReadonlyArray<{ readonly address: string; readonly reuse: boolean }>
}

/** The network that a memory prober sees. */
export interface MemoryNetwork {
  /** addresses that can be dialled */
  readonly reachable?: Iterable<string>
  /** one address of each peer with which a connection is open */
  readonly connected?: Iterable<string>
  /** addresses that never answer: the probe ends after its `timeoutMs` */
  readonly silent?: Iterable<string>
  /** addresses that cannot be dialled from here: the probe throws */
  readonly failing?: Iterable<string>
  /** runs `work` after `ms`; default: a timer of the process */
  readonly after?: (ms: number, work: () => void) => () => void
}

/**
 * The in-memory twin of {@link Prober}, for tests.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts
 * import { memoryProber } from '@sr/grammar-base'
 *
 * const address = '/ip4/1.2.3.4/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
 * const prober = memoryProber({ reachable: [address] })
 * console.log(await prober.probe(address, { signal: new AbortController().signal, reuse: false, timeoutMs: 5000 })) // true
 * ```
 */
export function memoryProber(network: MemoryNetwork = {}): MemoryProber {
  const { reachable, connected, silent, failing, after } = readNetwork(network)
  const open = new Set(reachable)
  const peers = new Set(connected.map(peerOf))
  const mute = new Set(silent)
  const broken = new Set(failing)
  const probes: Array<{ address: string; reuse: boolean }> = []
  return {
    probes,
    async probe(address, { signal, reuse, timeoutMs }) {
      probes.push({ address, reuse })
      signal.throwIfAborted()
      if (reuse) {
        return peers.has(peerOf(address))
      }
      if (broken.has(address)) {
        throw new Error('the network is unreachable')
      }
      if (mute.has(address)) {
        await new Promise<void>((resolve) => {
          const cancel = after(timeoutMs, resolve)
          signal.addEventListener('abort', () => {
            cancel()
            resolve()
          })
        })
        signal.throwIfAborted()
      }
      return open.has(address)
    },
  }
}

const iterable: OptionalCheck = optional(
  where(
    'an iterable of multiaddrs',
    (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
  ),
)
const addresses: OptionalCheck = optional(listOf(text()))

/** Checks the options, and reads each iterable once. */
function readNetwork(network: MemoryNetwork) {
  checkConfig<MemoryNetwork>('memoryProber', network, {
    reachable: iterable,
    connected: iterable,
    silent: iterable,
    failing: iterable,
    after: optional(func),
  })
  const { reachable = [], connected = [], silent = [], failing = [], after = processTimer } = network
  const lists = { reachable: [...reachable], connected: [...connected], silent: [...silent], failing: [...failing] }
  checkConfig<typeof lists>('memoryProber', lists, {
    reachable: addresses,
    connected: addresses,
    silent: addresses,
    failing: addresses,
  })
  return { ...lists, after }
}

function peerOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1)
}
