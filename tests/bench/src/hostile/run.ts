/**
 * The bench of abuse: `npm run hostile [-- --quick] [-- --json]`. A server in its own process is flooded by peers in another, and an honest
 * client here asks for a tiny record all the while. Beside each row stands the same flood against a control whose handler only aborts,
 * since libp2p's own part is not ours.
 *
 * Checked, so that the exit code is 1 otherwise: each honest GET is answered; memory; the longest step of the server's main thread, in
 * time of the processor, with much slack. Times of the clock depend on what else the machine does: they are printed, not judged.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { smartRecordClient } from '@sr/protocol-client'
import { goClientProtocol } from '@sr/protocol-go/client'
import { createLibp2p } from 'libp2p'
import { BOUNDS, type Latency, missedBounds, missedTargets, type Row } from './bounds.ts'
import { TINY } from './documents.ts'
import { type Flood, FLOODS } from './floods.ts'
import { type LoopReport, quantile } from './loop-meter.ts'

const quick = process.argv.includes('--quick')
const json = process.argv.includes('--json')
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length)

/** How long a flood is measured, and how long it takes to get going, ms. */
const MEASURE_MS = quick ? 1200 : 3000
const SETTLE_MS = quick ? 300 : 700
/** Between two requests of the honest client, ms. */
const PACE_MS = 10
/** Most time to start a flood, ms: the server may be too busy to accept its peers. */
const START_MS = quick ? 2500 : 6000

const sleep = async (ms: number): Promise<void> => {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function start(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
}

async function message<T>(child: ChildProcess, timeoutMs = Infinity): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<T | undefined>()
  const done = (value?: unknown): void => {
    resolve(value as T | undefined)
  }
  child.once('message', done)
  child.once('exit', () => {
    done()
  })
  const timer = timeoutMs === Infinity ? undefined : setTimeout(done, timeoutMs)
  const value = await promise
  clearTimeout(timer)
  child.off('message', done)
  return value
}

async function honest(address: string, ms: number): Promise<Latency> {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { records: smartRecordClient({ protocols: [goClientProtocol({ timeoutMs: 5000 })] }) },
  })
  const to = multiaddr(address)
  const times: number[] = []
  let failures = 0
  for (const end = performance.now() + ms; performance.now() < end;) {
    const from = performance.now()
    try {
      await node.services.records.get(to, TINY)
    } catch {
      failures++
    }
    times.push(performance.now() - from)
    await sleep(PACE_MS)
  }
  await node.stop()
  // the first one dials
  const steady = times.slice(1)
  const [p50, p99, max] = [0.5, 0.99, 1].map((q) => quantile(steady, q)) as [number, number, number]
  return { p50, p99, max, answers: times.length - failures, failures }
}

/** Floods a server of its own, and asks it meanwhile. */
async function measure(
  kind: 'records' | 'control',
  flood: Flood | undefined,
): Promise<{ honest: Latency; loop: LoopReport }> {
  const server = start('server.ts', kind)
  const address = String(await message(server))
  let flooder: ChildProcess | undefined
  if (flood !== undefined) {
    server.send('begin')
    flooder = start('flood.ts', address, JSON.stringify(flood))
    await message(flooder, START_MS)
    await sleep(flood.once ? 0 : SETTLE_MS)
  } else {
    await honest(address, SETTLE_MS)
    server.send('begin')
  }
  const latency =
    kind === 'records'
      ? await honest(address, MEASURE_MS)
      : await sleep(MEASURE_MS).then(() => ({ p50: 0, p99: 0, max: 0, answers: 0, failures: 0 }))
  server.send('end')
  const loop = (await message<LoopReport>(server)) as LoopReport
  flooder?.kill('SIGKILL')
  server.kill('SIGKILL')
  return { honest: latency, loop }
}

const rows: Row[] = []
const ms = (value: number): string => value.toFixed(1).padStart(7)
function show({ name, honest: h, loop, control }: Row): void {
  const notes = [
    ...missedBounds({ honest: h, loop }).map((bound) => `FAILED: ${bound}`),
    ...missedTargets(loop).map((target) => `above its target: ${target}`),
  ]
  const beside =
    control === undefined ? '' : `  control ${ms(control.delayP99)} ${ms(control.delayMax)} ${ms(control.stepMax)}`
  console.log(
    `${name.padEnd(32)} ${ms(h.p50)} ${ms(h.p99)} ${ms(h.max)} ${`${h.answers}/${h.failures}`.padStart(9)} ${ms(loop.delayP99)} ${ms(loop.delayMax)} ${ms(loop.stepMax)} ${loop.rssMax.toFixed(0).padStart(6)} ${loop.bufferedMax.toFixed(0).padStart(5)}${beside}${notes.length > 0 ? `  ${notes.join(', ')}` : ''}`,
  )
}

if (!json) {
  console.log(
    'ms; MiB                           GET p50     p99     max  ok/fail loop p99     max step max    rss  held  the same for the control',
  )
}
const floods = FLOODS.filter((flood) => (only === undefined ? !quick || flood.quick : flood.name.includes(only)))
for (const flood of [undefined, ...floods]) {
  const result = await measure('records', flood)
  const control = flood === undefined ? undefined : (await measure('control', flood)).loop
  const row: Row = { name: flood?.name ?? 'idle', ...result, control }
  rows.push(row)
  if (!json) {
    show(row)
  }
}
if (json) {
  console.log(JSON.stringify(rows, undefined, 2))
}
if (!json) {
  console.log(BOUNDS)
}
if (rows.some((row) => missedBounds(row).length > 0)) {
  process.exitCode = 1
}
