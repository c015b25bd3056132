import { describe, expect, it } from '@jest/globals'
import { BuildError, REFERENCE, refusalIn } from '../build.mjs'
import { exitCodeOf, missingOf } from '../report/parts.ts'

const REFUSED = `../client.go:12:2: ${REFERENCE}@v0.0.0-1-abc: reading https://proxy.invalid/x/@v/v0.0.0-1-abc.mod: 403 Forbidden
	server response: Not here.
../main.go:3:2: ${REFERENCE}@v0.0.0-1-abc: reading https://proxy.invalid/x/@v/v0.0.0-1-abc.mod: 403 Forbidden
	server response: Not here.
`

describe('a refusal', () => {
  it('is the answer of a proxy, with its words', () => {
    expect(refusalIn(REFUSED)).toEqual({
      module: REFERENCE,
      answer: `${REFERENCE}@v0.0.0-1-abc: reading https://proxy.invalid/x/@v/v0.0.0-1-abc.mod: 403 Forbidden server response: Not here.`,
    })
    expect(refusalIn('go: example.org/x@v1.0.0: reading https://proxy.invalid/x.zip: 410 Gone')?.module).toBe(
      'example.org/x',
    )
  })

  it.each([
    [
      'no network',
      `go: ${REFERENCE}@v0.0.0: Get "https://proxy.invalid/": dial tcp: lookup proxy.invalid: no such host`,
    ],
    ['a proxy that is out of order', `go: ${REFERENCE}@v0.0.0: reading https://proxy.invalid/x.mod: 502 Bad Gateway`],
    ['a wrong checksum', `verifying ${REFERENCE}@v0.0.0: checksum mismatch\nSECURITY ERROR`],
    ['a type error', './main.go:3:2: undefined: nothing'],
  ])('is not %s', (_name, stderr) => {
    expect(refusalIn(stderr)).toBeUndefined()
  })
})

describe('a missing part', () => {
  const record = missingOf('record', new BuildError('MODULE_REFUSED', 'refused', REFERENCE))

  it('is excused where there is no Go or an old one, and where the reference or a module of v1 is refused', () => {
    expect(missingOf('stack', new BuildError('GO_ABSENT', 'none')).excused).toBe(true)
    expect(record.excused).toBe(true)
    expect(missingOf('v1', new BuildError('MODULE_REFUSED', 'refused', 'github.com/libp2p/go-libp2p')).excused).toBe(
      true,
    )
    expect(missingOf('v1', new BuildError('GO_OLD', 'old')).excused).toBe(true)
  })

  it.each([
    [
      'another module is refused',
      missingOf('record', new BuildError('MODULE_REFUSED', 'refused', 'github.com/libp2p/go-libp2p')),
    ],
    ['the bare peer is what cannot be had', missingOf('stack', new BuildError('MODULE_REFUSED', 'refused', REFERENCE))],
    ['an old Go does not build the bare peer', missingOf('stack', new BuildError('GO_OLD', 'old'))],
    ['a build of v1 fails', missingOf('v1', new BuildError('BUILD_FAILED', 'failed'))],
    ['a build fails', missingOf('record', new BuildError('BUILD_FAILED', 'failed'))],
    ['it would write another JSON', missingOf('record', new BuildError('WRONG_PINS', 'pins'))],
  ])('is not excused when %s', (_name, missing) => {
    expect(missing.excused).toBe(false)
    expect(exitCodeOf([record, missing], 0)).toBe(1)
  })

  it('excused leaves the rest to be judged', () => {
    expect(exitCodeOf([record], 0)).toBe(0)
    expect(exitCodeOf([record], 1)).toBe(1)
    expect(exitCodeOf([], 0)).toBe(0)
  })

  it('is no cover for a fault of the runner', () => {
    expect(() => missingOf('stack', new TypeError('oops'))).toThrow(TypeError)
  })
})
