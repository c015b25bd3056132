import { statusOfCode } from '@sr/protocol'
import type { Node } from '@sr/xr'
import { decode, encode } from '@sr/xr/dag-cbor'
import { startGoV1, type GoPeer } from '../peer.mjs'
import { ask } from '../peers/go-peer.ts'
import {
  ANSWER_MS,
  type Event,
  type KeyType,
  type Part,
  type ReadOptions,
  type RecordClient,
  type RecordServer,
  type Result,
  type Revision,
  type SignFields,
  type Transport,
  type Verdict,
  type WatchOptions,
} from './peer.ts'

/** The Go peer as a server. */
export async function goRecordServer(): Promise<RecordServer> {
  const peer = await startGoV1({ serve: true })
  const [tcp = '', ws = ''] = peer.addrs
  return {
    id: peer.peerId,
    addresses: { tcp, ws },
    close: async () => {
      await peer.close()
    },
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const nodeOf = (text: string): Node => decode(unhex(text))

interface RevisionForm {
  epoch: string
  counter: number
}

const revisionOf = ({ epoch, counter }: RevisionForm): Revision => ({ epoch: unhex(epoch), counter })
const revisionForm = (one: Revision | undefined): RevisionForm | undefined =>
  one && { epoch: hex(one.epoch), counter: one.counter }

interface StatusForm {
  code: number
  detail: Record<string, unknown>
}

function nameOf({ code }: StatusForm): string {
  return statusOfCode(code) ?? `status ${code}`
}

/** Fails for a request that was refused as a whole. */
function answered<T extends object>(answer: T | StatusForm): T {
  if ('detail' in answer) {
    throw new Error(nameOf(answer))
  }
  return answer
}

/** The Go peer as a client, connected. */
export async function goRecordClient(server: RecordServer, transport: Transport, key?: KeyType): Promise<RecordClient> {
  const peer = await startGoV1(key === undefined ? {} : { key })
  await ask(peer, 'connect', { addr: server.addresses[transport] })
  return {
    id: peer.peerId,
    async update(items) {
      const forms = items.map((one) =>
        'signed' in one
          ? { ...one, signed: hex(one.signed) }
          : { ...one, key: hex(one.key), body: hex(encode(one.body)) },
      )
      return answered(await ask<object[]>(peer, 'update', { items: forms })).map((one) =>
        resultOf(one as Parameters<typeof resultOf>[0]),
      )
    },
    get: async (name, options) => await get(peer, name, options),
    async getUpdates(name) {
      const fields = { key: hex(name), options: { as: 1 } }
      return answered(await ask<{ updates: string[] }>(peer, 'get', fields)).updates.map(unhex)
    },
    watch: async (name, options) => await watch(peer, name, options),
    ping: async () => await ask<number>(peer, 'ping'),
    async info() {
      const { id, net, merge, can } = await ask<{ id: string; net: string; merge: string; can: string[] }>(peer, 'info')
      return { id, network: net, merge, can }
    },
    sign: async (fields) => await sign(peer, fields),
    verify: async (envelope) => await verify(peer, envelope),
    async raw(bytes, count) {
      const fields = { hex: hex(bytes), frames: Number.isFinite(count) ? count : -1 }
      const { frames, end } = await ask<{ frames: string[]; end: string | null }>(peer, 'raw', fields)
      return { frames: frames.map(unhex), ended: end === 'eof' }
    },
    close: async () => {
      await peer.close()
    },
  }
}

function resultOf(one: { flags: number; seq: number; counter: number } | StatusForm): Result {
  if ('detail' in one) {
    return { refused: nameOf(one), seq: one.detail.seq as number | undefined }
  }
  return { stored: (one.flags & 1) === 1, seq: one.seq, counter: one.counter }
}

interface GotForm {
  rev: RevisionForm
  unchanged: boolean
  pages: number
  docs: Array<{ peer: string; flags: number; tree: string; next: number; ends: number }>
}

async function get(peer: GoPeer, name: Uint8Array, options: ReadOptions = {}): ReturnType<RecordClient['get']> {
  const { have, at, writers, pageBytes } = options
  const form = {
    have: revisionForm(have),
    at: at?.map((node) => hex(encode(node))),
    w: writers,
    max: pageBytes,
  }
  const got = answered(await ask<GotForm>(peer, 'getAll', { key: hex(name), options: form }))
  const documents = new Map(
    got.docs.map(({ peer: id, flags, tree, next, ends }) => [
      id,
      { node: nodeOf(tree), signed: (flags & 1) === 1, next, ends },
    ]),
  )
  return { revision: revisionOf(got.rev), unchanged: got.unchanged, documents, pages: got.pages }
}

const KINDS = ['snapshot', 'marker', 'changes', 'gap', 'reset', 'updates'] as const
const CAUSES = ['set', 'removed', 'expired', 'renewed'] as const
const RESETS = ['unknown-epoch', 'too-old', 'too-large']
const MEMBER = 4

interface PartForm {
  kind: number
  counter: number
  why: number
  rev: RevisionForm | null
  docs: Array<{ peer: string; tree: string }>
  changes: Array<{ peer: string; events: Array<{ cause: number; path: string[]; value: string | null }> }>
  updates: string[]
}

async function watch(peer: GoPeer, name: Uint8Array, options: WatchOptions = {}): ReturnType<RecordClient['watch']> {
  const { at, writers, as, renewed, from, credit = 1 << 18 } = options
  const number = await ask<number>(peer, 'watch', {
    key: hex(name),
    credit,
    auto: true,
    options: {
      at: at?.map((node) => hex(encode(node))),
      w: writers,
      as: as === 'updates' ? 1 : undefined,
      renewed,
      from: revisionForm(from),
    },
  })
  const next = async (): Promise<Part | string> => {
    const part = await ask<PartForm | StatusForm | null>(peer, 'part', { watch: number, timeoutMs: ANSWER_MS })
    if (part === null) {
      throw new Error(`no part in ${ANSWER_MS} ms`)
    }
    return 'detail' in part ? nameOf(part) : partOf(part)
  }
  return {
    next,
    async cancel() {
      await ask(peer, 'cancel', { watch: number })
      for (;;) {
        const part = await next()
        if (typeof part === 'string') {
          return part
        }
      }
    },
  }
}

function partOf(form: PartForm): Part {
  const kind = KINDS[form.kind]
  if (kind === undefined) {
    throw new Error(`a part of kind ${form.kind}`)
  }
  return {
    kind,
    counter: form.counter,
    ...(form.rev && { revision: revisionOf(form.rev) }),
    ...(kind === 'reset' && { why: RESETS[form.why] ?? String(form.why) }),
    documents: form.docs.map(({ peer, tree }) => ({ writer: peer, node: nodeOf(tree) })),
    changes: form.changes.map(({ peer, events }) => ({ writer: peer, events: events.map(eventOf) })),
    updates: form.updates.map(unhex),
  }
}

function eventOf({ cause, path, value }: { cause: number; path: string[]; value: string | null }): Event {
  const name = CAUSES[cause % MEMBER]
  if (name === undefined) {
    throw new Error(`an event of cause ${cause}`)
  }
  return {
    cause: name,
    isMember: cause >= MEMBER,
    path: path.map(nodeOf),
    value: value === null ? undefined : nodeOf(value),
  }
}

async function sign(peer: GoPeer, { key, body, lifeMs, retainMs, network }: SignFields): Promise<Uint8Array> {
  const fields = { key: hex(key), body: hex(encode(body)), lifeMs, retainMs, network }
  return unhex((await ask<{ envelope: string }>(peer, 'sign', fields)).envelope)
}

async function verify(peer: GoPeer, envelope: Uint8Array): Promise<Verdict> {
  const found = await ask<
    { code: 0; writer: string; key: string; seq: number; body: string; hash: string } | StatusForm
  >(peer, 'verify', { envelope: hex(envelope) })
  if ('detail' in found) {
    return { refused: nameOf(found) }
  }
  const { writer, key, seq, body, hash } = found
  return { writer, key: Buffer.from(key, 'hex').toString(), seq, body: nodeOf(body), hash }
}
