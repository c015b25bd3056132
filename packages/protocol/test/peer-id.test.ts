import { peerIdBytes, peerIdText } from '@sr/protocol/messages'
import { describe, expect, test } from '@jest/globals'

const ED25519 = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
const RSA = 'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'

describe('peer ids', () => {
  test.each([
    [ED25519, 38],
    [RSA, 34],
  ])('converts %s to bytes and back, the second time as the first', (text, length) => {
    for (let i = 0; i < 2; i++) {
      const bytes = peerIdBytes(text)
      expect(bytes).toHaveLength(length)
      expect(peerIdText(bytes.slice())).toBe(text)
    }
  })

  test.each([
    '',
    'bob',
    `${ED25519}1`,
    ` ${ED25519}`,
    'bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe',
    '1',
  ])('refuses %j', (text) => {
    expect(() => peerIdBytes(text)).toThrow(expect.objectContaining({ code: 'PROTOCOL_PEER' }))
  })

  test.each([[[]], [[0x12, 0x20, 1]], [[0x11, 1, 1]], [[0x12, 1, 1]], [[0, 43, ...new Array<number>(43).fill(1)]]])(
    'refuses the bytes %j',
    (bytes) => {
      expect(() => peerIdText(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'PROTOCOL_PEER' }))
    },
  )
})
