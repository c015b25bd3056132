import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from '@jest/globals'

const HOME = fileURLToPath(new URL('..', import.meta.url))
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL')
  }
})

/** A program of the example, and what it has printed so far. */
function run(
  program: string,
  ...args: string[]
): { child: ChildProcess; output: () => string; ended: Promise<number | null>; says: (text: string) => Promise<void> } {
  const child = spawn(process.execPath, [`src/${program}.ts`, ...args], {
    cwd: HOME,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      await Promise.race([
        once(child.stdout, 'data'),
        ended.then((code) => {
          throw new Error(`ended with ${String(code)}: ${output}`)
        }),
      ])
    }
  }
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return { child, output: () => output, ended, says }
}

describe('npm start', () => {
  it('shows a record going over the network, and ends when that was all', async () => {
    const { output, ended } = run('start', '--once')
    expect(await ended).toBe(0)
    expect(output()).toMatch(
      /serves records on\n {2}\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3\S+\n {2}\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/12D3/,
    )
    // two writers, each with its own document, and the verdict of the node
    expect(output().match(/^12D3\S+ says$/gm)?.length).toBe(2)
    expect(output()).toContain('nick="bob"')
    expect(output()).toMatch(/at=notDialable\(address="\/ip4\/127\.0\.0\.1\/tcp\/9\/p2p\/12D3\w+"\)/)
    expect(output()).toMatch(/another 1[12]\d s \(its own document/)
  }, 60_000)

  it('serves on until Ctrl-C, then leaves nothing running', async () => {
    const { child, output, ended, says } = run('start')
    await says('The node goes on until Ctrl-C')
    const ws = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/12D3\w+/.exec(output())?.[0] as string

    // what it prints for a person to type, over WebSocket this time
    expect(await run('record', 'put', ws, 'lobby', '{nick="eve"}', '--as', 'eve').ended).toBe(0)
    const get = run('record', 'get', ws, 'lobby')
    expect(await get.ended).toBe(0)
    expect(get.output()).toContain('{nick="eve"}')

    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(output()).toContain('closing')
  }, 60_000)

  it('ends on SIGTERM as on Ctrl-C', async () => {
    const { child, ended, says } = run('start')
    await says('serves records on')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }, 60_000)
})

describe('npm run record', () => {
  it.each([
    ['no words', [], 2, 'npm run record -- put'],
    ['a malformed document', ['put', '/ip4/127.0.0.1/tcp/1', 'k', '{a='], 1, 'line 1, column 4'],
    ['a node that is not there', ['get', '/ip4/127.0.0.1/tcp/1', 'k'], 1, 'PROTOCOL_UNREACHABLE'],
    ['a malformed address', ['get', 'nowhere', 'k'], 1, 'multiaddr'],
  ])(
    'says what is wrong with %s',
    async (_name, args, code, text) => {
      const { output, ended } = run('record', ...args)
      expect(await ended).toBe(code)
      expect(output()).toContain(text)
    },
    30_000,
  )
})
