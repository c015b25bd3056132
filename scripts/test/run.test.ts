import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from '@jest/globals'
import { NODE, ROOT } from '../boot/paths.js'

// A server that says each SIGINT it gets, and ends a second after the first, by itself.
const SERVER = `
  let presses = 0
  process.on('SIGINT', () => { console.log('press ' + ++presses); setTimeout(() => { clearInterval(life); console.log('closed') }, 1000) })
  process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0) })
  const life = setInterval(() => {}, 1000)
  console.log(process.pid)
`
const STARTER = `
  import { serve } from '${ROOT}scripts/boot/run.js'
  process.exitCode = await serve(process.execPath, ['--import', '${ROOT}scripts/boot/exit-with-parent.js', '-e', ${JSON.stringify(SERVER)}])
`

describe('serve', () => {
  let starter: ChildProcess | undefined
  afterEach(() => {
    if (starter?.pid !== undefined && starter.exitCode === null && starter.signalCode === null)
      process.kill(-starter.pid, 'SIGKILL')
  })

  async function start() {
    const child = spawn(NODE, ['--input-type=module', '-e', STARTER], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    starter = child
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async (): Promise<string> => (await lines.next()).value ?? ''
    return { pid: child.pid ?? 0, server: Number(await next()), next, exit: once(child, 'exit') }
  }

  it('passes one press of Ctrl-C on once, though the terminal and npm both send it', async () => {
    const { pid, next, exit } = await start()
    process.kill(-pid, 'SIGINT')
    process.kill(pid, 'SIGINT')
    expect([await next(), await next()]).toEqual(['press 1', 'closed'])
    expect(await exit).toEqual([0, null])
  })

  it('passes a second press on', async () => {
    const { pid, next, exit } = await start()
    process.kill(pid, 'SIGINT')
    expect(await next()).toBe('press 1')
    await new Promise((resolve) => {
      setTimeout(resolve, 600)
    })
    process.kill(pid, 'SIGINT')
    expect([await next(), await next()]).toEqual(['press 2', 'closed'])
    expect(await exit).toEqual([0, null])
  })

  it('leaves no server behind when it is killed itself', async () => {
    const { pid, next, exit } = await start()
    process.kill(-pid, 'SIGKILL')
    expect(await next()).toBe('asked to end')
    await exit
  })
})
