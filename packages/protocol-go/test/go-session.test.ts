import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { goDocument, goMessage, goRecordValue } from '../src/index.ts'
import { frame, FrameReader } from '@sr/protocol'

interface Case {
  name: string
  by: string
  request?: string
  response?: string
  writers?: Record<string, string>
  end?: string
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../../vectors/wire/go-session.json', import.meta.url), 'utf8'),
) as { cases: Case[] }

const framesOf = (hex: string): Uint8Array[] => {
  const reader = new FrameReader()
  reader.push(Buffer.from(hex, 'hex'))
  const frames: Uint8Array[] = []
  for (let next = reader.next(); next !== undefined; next = reader.next()) {
    frames.push(next)
  }
  expect(reader.partial).toBe(false)
  return frames
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A Go server keeps equal keys of a first write; two values under one key are no Dict here. */
const EQUAL_KEYS = 'first write keeps equal keys'

const refusedAs = (run: () => unknown): string => {
  try {
    run()
    return 'accepted'
  } catch (err) {
    return (err as { code: string }).code
  }
}

describe('a session recorded between Go peers', () => {
  const requests = cases.filter((c) => c.by === 'client' && c.request !== undefined)
  const answers = cases.filter((c) => (c.response ?? '') !== '')

  it('is complete', () => {
    expect(requests.length).toBeGreaterThan(20)
    expect(answers.length).toBeGreaterThan(20)
  })

  it.each(requests.map((c) => [c.name, c] as const))('request: %s', (name, { request = '' }) => {
    const messages = framesOf(request).map((message) => goMessage.decode(message))
    expect(messages.map((message) => hexOf(frame(goMessage.encode(message)))).join('')).toBe(request)
    const verdicts = messages
      .filter(({ value }) => value.length > 0)
      .map(({ value }) => refusedAs(() => goDocument.decode(value)))
    expect(verdicts).toEqual(verdicts.map(() => (name.startsWith(EQUAL_KEYS) ? 'XR_DUPLICATE' : 'accepted')))
  })

  it.each(answers.map((c) => [c.name, c] as const))('answer: %s', (_name, { response = '' }) => {
    expect(
      framesOf(response)
        .map((message) => hexOf(frame(goMessage.encode(goMessage.decode(message)))))
        .join(''),
    ).toBe(response)
  })

  const records = answers.filter((c) => c.writers !== undefined)

  it.each(records.filter(({ name }) => !name.startsWith(EQUAL_KEYS)).map((c) => [c.name, c] as const))(
    'record: %s',
    (_name, { response = '', writers = {} }) => {
      for (const message of framesOf(response)) {
        const record = goRecordValue.decode(goMessage.decode(message).value)
        // Floats are the one thing that we write otherwise
        const ours = Array.from(record, ([peer, document]) => [
          peer,
          new TextDecoder().decode(goDocument.encode(document)).replace(/("Float_IPLD": -?[0-9]+)\.0\n/g, '$1\n'),
        ])
        expect(Object.fromEntries(ours)).toEqual(writers)
      }
    },
  )

  it.each(records.filter(({ name }) => name.startsWith(EQUAL_KEYS)).map((c) => [c.name, c] as const))(
    'record: %s, not taken',
    (_name, { response = '' }) => {
      expect(
        framesOf(response).map((message) => refusedAs(() => goRecordValue.decode(goMessage.decode(message).value))),
      ).toEqual(['XR_DUPLICATE'])
    },
  )
})
