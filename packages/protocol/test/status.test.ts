import { describe, expect, it } from '@jest/globals'
import { XrError } from '@sr/xr'
import { toRefusal, ProtocolError, STATUS_CODES } from '../src/index.ts'

describe('a refusal', () => {
  it.each([
    ['PROTOCOL_FRAME', 'E_FRAME'],
    ['PROTOCOL_TOO_LARGE', 'E_TOO_LARGE'],
    ['PROTOCOL_PROTO', 'E_PROTO'],
    ['PROTOCOL_TYPE', 'E_TYPE'],
    ['PROTOCOL_KEY', 'E_KEY'],
    ['PROTOCOL_DOC', 'E_DOC'],
    ['PROTOCOL_NODES', 'E_NODES'],
    ['PROTOCOL_TTL', 'E_TTL'],
    ['UPDATE_SIGNATURE', 'E_SIG'],
    ['PROTOCOL_BUSY', 'E_BUSY'],
    ['PROTOCOL_TIMEOUT', 'E_TIMEOUT'],
    ['PROTOCOL_SHUTDOWN', 'E_SHUTDOWN'],
    ['PROTOCOL_INTERNAL', 'E_INTERNAL'],
    ['PROTOCOL_RESET', 'E_INTERNAL'],
    ['XR_DEPTH', 'E_DEPTH'],
    ['XR_NODES', 'E_NODES'],
    ['XR_SIZE', 'E_TOO_LARGE'],
    ['XR_STRING', 'E_VALUE'],
    ['XR_VALUE', 'E_VALUE'],
    ['XR_DUPLICATE', 'E_DOC'],
    ['XR_SYNTAX', 'E_DOC'],
    ['IR_OPERATOR', 'E_DOC'],
    ['IR_TTL', 'E_TTL'],
    ['IR_RETAIN', 'E_TTL'],
    ['IR_GRAMMAR', 'E_INTERNAL'],
    ['VM_QUOTA_WRITER', 'E_QUOTA_WRITER'],
    ['VM_CLOCK', 'E_CLOCK'],
    ['VM_WRITER', 'E_WRITER'],
    ['VM_NEW_AND_UNKNOWN', 'E_INTERNAL'],
    ['XR___proto__', 'E_INTERNAL'],
    ['ENOENT', 'E_INTERNAL'],
    [7, 'E_INTERNAL'],
  ])('for %s is %s', (code, status) => {
    expect(toRefusal({ code }).status).toBe(status)
  })

  it('says the limit, and whether to try again, and nothing of ours', () => {
    const err = new ProtocolError('PROTOCOL_BUSY', 'too many streams', {
      limit: 'streams',
      max: 64,
      got: 65,
      cause: new Error('secret'),
    })
    expect(toRefusal(err)).toEqual({
      status: 'E_BUSY',
      retryable: true,
      applied: 'no',
      limit: 'streams',
      max: 64,
      got: 65,
    })
    expect(toRefusal(new XrError('XR_DEPTH', 'deep', { limit: 'depth', max: 64, got: 65 }))).toEqual({
      status: 'E_DEPTH',
      retryable: false,
      applied: 'no',
      limit: 'depth',
      max: 64,
      got: 65,
    })
    expect(toRefusal({ code: 'VM_CLOCK', retryAfterMs: 100, applied: 'unknown' })).toEqual({
      status: 'E_CLOCK',
      retryable: true,
      applied: 'unknown',
      waitMs: 100,
    })
    for (const odd of [undefined, null, 'text', new Error('secret')]) {
      expect(toRefusal(odd)).toEqual({ status: 'E_INTERNAL', retryable: false, applied: 'no' })
    }
  })

  it('has one of 31 words', () => {
    expect(Object.keys(STATUS_CODES)).toHaveLength(31)
  })
})
