import { goDocumentTarget, goMessageTarget, goRecordTarget } from './go.ts'
import { cborTarget, jsonTarget } from './natural.ts'
import type { Target } from './target.ts'
import { textTarget } from './text.ts'

/** All decoders under test. */
export const TARGETS: readonly Target[] = [
  cborTarget,
  jsonTarget,
  textTarget,
  goDocumentTarget,
  goRecordTarget,
  goMessageTarget,
]

export function targetNamed(name: string): Target {
  const target = TARGETS.find((one) => one.name === name)
  if (target === undefined) throw new Error(`no target ${name}: there are ${TARGETS.map((one) => one.name).join(', ')}`)
  return target
}
