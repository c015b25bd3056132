import { validateUpdate } from '@sr/ir/validate'
import type { Node } from '@sr/xr'
import type {
  EncodedUpdate,
  ParsedUpdate,
  UpdateCodec,
  UpdateErrorCode,
  UpdateFields,
  UpdateHead,
} from './codec-port.ts'

/** The codec port with one step, which `@sr/protocol` implements until `@sr/update` replaces it. */
export interface OneStepCodec {
  decode(bytes: Uint8Array): Promise<UpdateHead & { readonly body: Node }>
  encode(fields: UpdateFields): Promise<Uint8Array>
  sign?(fields: Omit<UpdateFields, 'writer'>): Promise<Uint8Array>
}

const CODES: Readonly<Record<string, UpdateErrorCode>> = {
  PROTOCOL_SIG: 'UPDATE_SIGNATURE',
  PROTOCOL_KEY: 'UPDATE_KEY',
  PROTOCOL_TOO_LARGE: 'UPDATE_SIZE',
  PROTOCOL_DOC: 'UPDATE_FORM',
  PROTOCOL_PROTO: 'UPDATE_FORM',
}

/** A codec of one step as one of two: `parse` does all the work. */
export function twoSteps(codec: UpdateCodec | OneStepCodec): UpdateCodec {
  if ('parse' in codec) {
    return codec
  }
  const parsed = new WeakMap<ParsedUpdate, Node>()
  const decode = async (bytes: Uint8Array): Promise<EncodedUpdate> => {
    const { body, ...head } = await codec.decode(bytes).catch((err: unknown) => {
      const code = CODES[String((err as { code?: unknown } | undefined)?.code)]
      throw code === undefined ? err : Object.assign(err as Error, { code })
    })
    const { seq, hash, expires, retain } = head
    return { update: { ...head, content: validateUpdate({ seq, hash, expires, retain, body }) }, bytes }
  }
  const verify = async (head: ParsedUpdate): Promise<EncodedUpdate> => {
    const { bytes, ...rest } = head
    const { seq, hash, expires, retain } = head
    const body = parsed.get(head) as Node
    return { update: { ...rest, content: validateUpdate({ seq, hash, expires, retain, body }) }, bytes }
  }
  const { sign } = codec
  return {
    decode,
    verify,
    parse: async (bytes) => {
      const { update } = await decode(bytes)
      const { content, ...head } = update
      const result = { ...head, bytes }
      parsed.set(result, content.body)
      return result
    },
    encode: async (fields) => await decode(await codec.encode(fields)),
    ...(sign === undefined
      ? {}
      : { sign: async (fields: Omit<UpdateFields, 'writer'>) => await decode(await sign(fields)) }),
  }
}
