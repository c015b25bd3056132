// npm run forgery -- --count N --seed S: that many forged updates against a machine that has none of the originals, and one that has
// them all; then replays of every update at every later instant. Ends with 1 when a forgery had any effect.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Random } from '@sr/tests-kit/random'
import { forge } from './forge.ts'
import { replay } from './replay.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    replays: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})
const [count, replays, seed] = [values.count, values.replays, values.seed].map(Number) as [number, number, number]
if (![count, replays, seed].every(Number.isSafeInteger)) throw new Error('--count, --replays and --seed are integers')

const started = performance.now()
console.log(`${count} forgeries, ${replays} schedules of replays, seed ${seed}`)
const forged = await forge(new Random(seed), count)
for (const [name, { refused, duplicates, same }] of Object.entries(forged.kinds)) {
  console.log(
    `${name.padEnd(36)} ${String(refused).padStart(8)} refused ${String(duplicates).padStart(8)} duplicates ${String(same).padStart(6)} equal to an original`,
  )
}
const codes = Object.entries(forged.codes).sort(([, a], [, b]) => b - a)
console.log(`refused with ${codes.map(([code, n]) => `${code} ${n}`).join(', ')}`)
console.log(`${forged.count} forgeries: 0 stored, 0 shown, 0 forwarded, 0 counted`)
let total = 0
for (let i = 0; i < replays; i++) {
  total += await replay(new Random(seed + i), seed + i)
}
console.log(
  `${total} replays in ${replays} schedules: 0 differences; ${((performance.now() - started) / 1000).toFixed(0)} s`,
)
