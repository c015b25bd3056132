import { ProtocolError, type Submission, type UpdateReceipt } from '@sr/protocol'
import { readUpdated, type UpdateItem } from '@sr/protocol/messages'
import { delay } from '@sr/runtime'
import { type Outcome, withApplied } from './call.ts'
import type { Calls } from './calls.ts'
import { receiptFrom } from './from-answer.ts'
import { backoffMs, isWorthRepeating } from './repeat.ts'
import { chunksOf, itemOf } from './to-request.ts'

/** Submits updates; returns what each came to, in order. */
export async function submit(
  calls: Calls,
  submissions: readonly Submission[],
  signal: AbortSignal | undefined,
): Promise<Array<UpdateReceipt | ProtocolError>> {
  const deadline = performance.now() + calls.timeoutMs
  const chunks = chunksOf(submissions.map(itemOf))
  const results = await Promise.all(chunks.map(async (chunk) => await submitChunk(calls, chunk, deadline, signal)))
  return results.flat()
}

/** Submits items of one request, and again those that are refused for the moment. */
async function submitChunk(
  calls: Calls,
  items: readonly UpdateItem[],
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Array<UpdateReceipt | ProtocolError>> {
  const results: Array<UpdateReceipt | ProtocolError> = []
  let left = items.map((_, i) => i)
  for (let attempt = 0; left.length > 0; attempt++) {
    const answers = await ask(
      calls,
      left.map((i) => items[i] as UpdateItem),
      { deadline, signal },
    )
    const again: number[] = []
    let wait = 0
    left.forEach((place, i) => {
      const answer = answers[i] as UpdateReceipt | ProtocolError
      results[place] = answer
      if (answer instanceof ProtocolError && answer.applied === 'no' && isRefusedForNow(answer)) {
        again.push(place)
        wait = Math.max(wait, answer.waitMs ?? backoffMs(attempt))
      }
    })
    if (again.length > 0 && (performance.now() + wait >= deadline || signal?.aborted === true)) {
      break
    }
    if (again.length > 0) {
      await delay(wait, signal)
    }
    left = again
  }
  return results
}

/** A refusal of one item; what the whole request came to was repeated already. */
function isRefusedForNow(error: ProtocolError): boolean {
  return error.code.startsWith('E_') && isWorthRepeating(error)
}

async function ask(
  calls: Calls,
  items: readonly UpdateItem[],
  options: { deadline: number; signal: AbortSignal | undefined },
): Promise<Array<UpdateReceipt | ProtocolError>> {
  let outcome: Outcome
  try {
    outcome = await calls.ask({ op: 'update', items }, options)
  } catch (err) {
    return items.map(() => err as ProtocolError)
  }
  try {
    return read(outcome, items.length)
  } catch (cause) {
    const error = new ProtocolError('PROTOCOL_ANSWER', 'the answer cannot be read', { applied: 'unknown', cause })
    return items.map(() => error)
  }
}

function read({ message, isRepeated }: Outcome, count: number): Array<UpdateReceipt | ProtocolError> {
  const results = readUpdated(message)
  if (results.length !== count) {
    throw new ProtocolError('PROTOCOL_ANSWER', `the server sent ${results.length} results for ${count} updates`)
  }
  return results.map((result) => {
    if (!(result instanceof ProtocolError)) {
      return receiptFrom(result)
    }
    // of two attempts, the second may have found what the first one did
    return isRepeated && result.code === 'E_STALE' ? withApplied(result, 'unknown') : result
  })
}
