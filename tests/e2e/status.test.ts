import { describe, expect, it } from '@jest/globals'
import type { IrErrorCode } from '@sr/ir'
import { type LayerErrorCode, type ProtocolErrorCode, toRefusal } from '@sr/protocol'
import { UPDATE_ERROR_CODES, type UpdateErrorCode } from '@sr/update'
import type { VmErrorCode } from '@sr/vm'
import type { XrErrorCode } from '@sr/xr'

type AnyCode = XrErrorCode | IrErrorCode | UpdateErrorCode | VmErrorCode | ProtocolErrorCode
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never

describe('the status of an error', () => {
  it('is known for the codes of all packages, and for no other', () => {
    // the compiler refuses this line when a package has a code that the record of statuses lacks, or the other way round
    const same: Same<AnyCode, LayerErrorCode> = true
    expect(same).toBe(true)
    expect(UPDATE_ERROR_CODES.map((code) => toRefusal({ code }).status)).toEqual([
      'E_TOO_LARGE',
      'E_SIG',
      'E_DOC',
      'E_SIG',
      'E_KEY',
      'E_WRITER',
      'E_SIG',
      'E_INTERNAL',
    ])
  })
})
