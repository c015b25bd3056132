/** What hostile peers do at once. */
export interface Flood {
  readonly name: string
  readonly peers: number
  /** streams of each peer */
  readonly streams: number
  readonly sends: 'get' | 'getLarge' | 'update' | 'updateWide' | 'updateTags'
  /** whether answers are read */
  readonly reads: boolean
  /** whether 300 KiB of requests are sent at once, or 100 by peers that never read, instead of one batch after the other */
  readonly once: boolean
  /** whether the quick run has it */
  readonly quick: boolean
}

const flood = (
  name: string,
  peers: number,
  streams: number,
  sends: Flood['sends'],
  more: Partial<Flood> = {},
): Flood => ({
  name,
  peers,
  streams,
  sends,
  reads: true,
  once: false,
  quick: false,
  ...more,
})

/** The rows of the bench. */
export const FLOODS: readonly Flood[] = [
  flood('20 peers, GET, tiny', 20, 4, 'get', { quick: true }),
  flood('20 peers, GET, 3.4 MB', 20, 4, 'getLarge', { quick: true }),
  flood('20 peers, UPDATE, tiny', 20, 4, 'update'),
  flood('20 peers, UPDATE, 10,000 nodes', 20, 4, 'updateWide', { quick: true }),
  flood('20 peers, UPDATE, 250 tags', 20, 4, 'updateTags'),
  flood('64 sessions', 4, 16, 'get'),
  flood('320 sessions', 10, 32, 'get'),
  flood('2,000 sessions', 32, 62, 'get', { quick: true }),
  flood('1,920 streams pipeline 300 KiB', 30, 64, 'get', { once: true }),
  flood('4 peers never read 3.6 MB', 4, 64, 'getLarge', { reads: false, once: true }),
]
