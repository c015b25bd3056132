import { compareSpeed } from '@sr/tests-engines/compare'
import { compareFaults } from '@sr/tests-engines/faults'

/** The storage engines under one adapter: speed, memory, size and faults, one column each. */
export async function engines(): Promise<string[][]> {
  return [...(await compareSpeed()), ...(await compareFaults())]
}
