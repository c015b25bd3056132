import { validateUpdate, MAX_RETAIN_MS, seqTime, type UpdateStats } from '@sr/ir'
import type { Node } from '@sr/xr'
import { keyRefusal, refusal, sizeRefusal, ttlRefusal } from './admission.ts'
import type { EffectiveTime } from './effective-time.ts'
import { VmError } from './errors.ts'
import type { ExpiryQueue } from './expiry-queue.ts'
import { touchesFacts, withdrawalBody } from './facts.ts'
import type { KeyedLock } from './keyed-lock.ts'
import type { Ledger } from './ledger.ts'
import type { MachineLimits } from './limits.ts'
import { chargeOf, type Demand, replacesAll } from './quota.ts'
import type { Receipt, UnsignedUpdate, View } from './receipt.ts'
import { recordId, recordKey } from './record-id.ts'
import type { Holding, Records, RecordState } from './records.ts'
import { refuse, refusing } from './refuse.ts'
import type { DecodedUpdate, UpdateCodec } from './update-codec.ts'

/** Stands for the hash of an update that has no bytes yet. */
const NO_HASH = '0'.repeat(64)

/** What an intake works with. */
export interface IntakeParts {
  readonly self: string
  readonly updates: UpdateCodec
  readonly limits: MachineLimits
  readonly random: () => number
  readonly time: EffectiveTime
  readonly lock: KeyedLock
  readonly records: Records
  readonly ledger: Ledger
  readonly queue: ExpiryQueue
}

/** An update that was let in. */
export interface Taken {
  readonly id: string
  readonly update: DecodedUpdate
  readonly receipt: Omit<Receipt, 'problems' | 'effects'>
}

/** A fact to be taken back, and who pays for what reminds of it. */
export interface Withdrawal {
  readonly request: Node
  readonly payer: string
}

/** A statement that is yet to become an update. */
interface Draft {
  readonly key: Uint8Array
  readonly writer: string
  readonly body: Node
  /** when it ends, given when it is said, both milliseconds */
  readonly ends: (said: number) => number
}

/** Where updates come in: one at a time per record, whole or not at all, in the store before they are acknowledged. */
export class Intake {
  readonly #parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** Takes verbatim bytes that their author signed. */
  async signed(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<Taken> {
    const { limits, updates } = this.#parts
    refuse(sizeRefusal(bytes, limits))
    const update = await refusing(async () => await updates.decode(bytes))
    if (!update.signed) {
      throw new VmError('VM_SIG', 'nobody signed this update')
    }
    refuse(keyRefusal(update.key))
    return await this.#locked(
      recordId(update.key),
      signal,
      async (record) => await this.#admit(record, update, bytes, update.writer, false),
    )
  }

  /** Takes what somebody says unsigned: it is stamped and encoded here. */
  async unsigned({ key, writer, body, ttl }: UnsignedUpdate, signal: AbortSignal | undefined): Promise<Taken> {
    const { limits, self } = this.#parts
    refuse(keyRefusal(key))
    refuse(ttlRefusal(ttl, limits))
    if (writer === self && touchesFacts(body)) {
      throw new VmError('VM_WRITER', 'facts are stated by effects alone')
    }
    const draft: Draft = { key, writer, body, ends: (said) => said + Math.max(1, ttl) * 1000 }
    return await this.#locked(recordId(key), signal, async (record) => {
      const { update, bytes } = await this.#stamp(record, draft)
      refuse(sizeRefusal(bytes, limits))
      return await this.#admit(record, update, bytes, writer, true)
    })
  }

  /** States something in the machine's own document, paid for by the writer that asked; if it is `wanted` by what the record shows then. Whether it was. */
  async fact(
    draft: Omit<Draft, 'writer'>,
    payer: string,
    wanted: (views: ReadonlyMap<string, View>) => boolean,
  ): Promise<boolean> {
    const { self, records, time } = this.#parts
    return await this.#locked(recordId(draft.key), undefined, async (record) => {
      if (!wanted(records.views(record, time.read().now))) {
        return false
      }
      const { update, bytes } = await this.#stamp(record, { ...draft, writer: self })
      await this.#admit(record, update, bytes, payer, true)
      return true
    })
  }

  /** Whether the machine's own document may state something in a record that was just changed. */
  states(id: string): boolean {
    return this.#parts.records.has(id, this.#parts.self)
  }

  /** Takes facts back, chosen by what the record shows, and nothing comes between. How many. */
  async withdraw(id: string, choose: (views: ReadonlyMap<string, View>) => readonly Withdrawal[]): Promise<number> {
    const { self, records, time } = this.#parts
    const key = recordKey(id)
    return await this.#locked(id, undefined, async (record) => {
      const chosen = choose(records.views(record, time.read().now))
      for (const { request, payer } of chosen) {
        // a removal shows nothing, so its own life is as short as may be; it is remembered as long as the rest of the document
        const { update, bytes } = await this.#stamp(record, {
          key,
          writer: self,
          body: withdrawalBody(request),
          ends: (said) => said + 1000,
        })
        await this.#admit(record, update, bytes, payer, true)
      }
      return chosen.length
    })
  }

  /** What a record shows now. */
  async views(id: string, signal?: AbortSignal): Promise<Map<string, View>> {
    const { records, time } = this.#parts
    return await this.#locked(id, signal, async (record) => records.views(record, time.read().now))
  }

  /** Frees what has ended in a record: how many updates went, and when to come back. */
  async collect(id: string, now: number): Promise<{ dropped: number; next: number | undefined }> {
    const { records } = this.#parts
    return await this.#locked(id, undefined, async (record) => {
      const dropped = await records.prune(record, now)
      return { dropped, next: records.next(record, now) }
    })
  }

  async #locked<T>(id: string, signal: AbortSignal | undefined, work: (record: RecordState) => Promise<T>): Promise<T> {
    const { lock, records } = this.#parts
    return await lock.run(id, async () => {
      signal?.throwIfAborted()
      return await work(await records.open(id))
    })
  }

  /** Gives a draft its stamp, above all its writer said here before, and its bytes. */
  async #stamp(
    record: RecordState,
    { key, writer, body, ends }: Draft,
  ): Promise<{ update: DecodedUpdate; bytes: Uint8Array }> {
    const { updates, self, time, random } = this.#parts
    const before = record.holdings.get(writer)?.document
    const seq = Math.max(time.read().now * 1000 + Math.floor(random() * 1000), (before?.seq ?? 0) + 1)
    const said = seqTime(seq)
    const expires = ends(said)
    return await refusing(async () => {
      const { latest } = validateUpdate({ seq, hash: NO_HASH, expires, retain: said + MAX_RETAIN_MS, body })
      const payload = { key, seq, expires, retain: Math.max(latest, before?.retain ?? 0), body }
      const bytes =
        writer === self && updates.sign !== undefined
          ? await updates.sign(payload)
          : await updates.encode({ ...payload, writer })
      const update = await updates.decode(bytes)
      if (update.writer !== writer) {
        throw new VmError('VM_INTERNAL', `the codec writes for ${update.writer}, not ${writer}`)
      }
      return { update, bytes }
    })
  }

  async #admit(
    record: RecordState,
    update: DecodedUpdate,
    bytes: Uint8Array,
    payer: string,
    stamped: boolean,
  ): Promise<Taken> {
    const { limits, self, time, ledger, records, queue } = this.#parts
    const { writer, hash, expires, retain } = update
    const holding = record.holdings.get(writer)
    const facts = await refusing(() => validateUpdate(update))
    const instant = time.read()
    const charge = chargeOf(bytes.length, facts.nodes)
    if (holding?.live.has(hash) !== true) {
      refuse(
        refusal(
          { update, horizon: facts.latest, stamped, demand: demandOf(record, update, facts, charge, self) },
          { instant, limits, usage: writer === self ? undefined : ledger.usage(writer), total: ledger.total },
        ),
      )
    }
    const entry = { record: record.id, hash, retain, writer, payer, charge, bytes }
    const { applied, stored } = await records.join(record, update, entry)
    const document = record.holdings.get(writer)?.document
    const next = document?.next(instant.now)
    if (next !== undefined) {
      queue.schedule(record.id, next)
    }
    return {
      id: record.id,
      update,
      receipt: {
        status: stored ? 'stored' : 'held',
        changed: applied.changed,
        hash,
        seq: document?.seq ?? update.seq,
        bytes: bytes.length,
        expires,
        retain,
        forked: applied.forked,
      },
    }
  }
}

function demandOf(
  record: RecordState,
  update: DecodedUpdate,
  facts: UpdateStats,
  charge: number,
  self: string,
): Demand {
  const holding = record.holdings.get(update.writer)
  const whole = replacesAll(update.body)
  return {
    charge,
    freed: holding !== undefined && whole ? chargedBefore(holding, update.seq) : 0,
    removal: facts.removesOnly,
    newcomer: holding === undefined,
    writers: record.holdings.size - (record.holdings.has(self) ? 1 : 0),
    slots: facts.nodes + (whole ? 0 : (holding?.document.slots ?? 0)),
  }
}

/** What a document's updates before `seq` are charged: so much is free when all of them are replaced. */
function chargedBefore({ live }: Holding, seq: number): number {
  let sum = 0
  for (const update of live.values()) {
    sum += update.seq < seq ? update.charge : 0
  }
  return sum
}
