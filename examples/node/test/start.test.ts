import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from '@jest/globals'

const HOME = fileURLToPath(new URL('..', import.meta.url))
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL')
  }
})

/** A program of the example, and what it has printed so far. An argument `npm_…=…` is set in its environment instead. */
function run(
  program: string,
  ...args: string[]
): { child: ChildProcess; output: () => string; ended: Promise<number | null>; says: (text: string) => Promise<void> } {
  const env = Object.fromEntries(args.filter((arg) => arg.startsWith('npm_')).map((arg) => arg.split('=')))
  const words = args.filter((arg) => !arg.startsWith('npm_'))
  const child = spawn(process.execPath, [`src/${program}.ts`, ...words], {
    cwd: HOME,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
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
    // two writers and the node, each with its own document; that of the node states what it found out
    expect(output().match(/^12D3\S+ says$/gm)?.length).toBe(3)
    expect(output()).toContain('nick="bob"')
    expect(output()).toMatch(
      /dialable\(address=multiaddr\("\/ip4\/127\.0\.0\.1\/tcp\/9\/p2p\/12D3\w+"\)\)=notDialable\(at=\d+\)/,
    )
    expect(output()).toMatch(/another 1[12]\d s \(its own document/)
  }, 60_000)

  it('serves on until Ctrl-C, then leaves nothing running', async () => {
    const { child, output, ended, says } = run('start', '--memory')
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

  it('keeps its identity and its records in a folder, so that a restart loses nothing', async () => {
    const data = mkdtempSync(join(tmpdir(), 'sr-node-'))
    const first = run('start', '--data', data)
    await first.says('The node goes on until Ctrl-C')
    const tcp = /\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/(12D3\w+)/.exec(first.output()) as unknown as [string, string]
    expect(await run('record', 'put', tcp[0], 'kept', '{nick="eve"}', '--as', 'eve').ended).toBe(0)
    const taken = run('start', '--data', data)
    expect(await taken.ended).toBe(1)
    expect(taken.output()).toContain('the node cannot start')
    first.child.kill('SIGKILL')
    await first.ended

    const second = run('start', '--data', data)
    await second.says('The node goes on until Ctrl-C')
    const again = new RegExp(`/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/${tcp[1]}`).exec(second.output())?.[0] as string
    const get = run('record', 'get', again, 'kept')
    expect(await get.ended).toBe(0)
    expect(get.output()).toContain('{nick="eve"}')
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    rmSync(data, { recursive: true })
  }, 60_000)

  it('ends on SIGTERM as on Ctrl-C', async () => {
    const { child, ended, says } = run('start', '--memory')
    await says('serves records on')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }, 60_000)
})

describe('npm run record', () => {
  const address = '/ip4/127.0.0.1/tcp/1'
  it.each<[string, string[], number, string]>([
    ['no arguments', [], 2, 'expected put or get, got no command'],
    ['an unknown command', ['remove', address, 'k'], 2, 'expected put or get, got remove'],
    ['put without a key', ['put', address], 2, 'put: expected <key>'],
    [
      'a document that the shell split',
      ['put', address, 'k', '{nick=', '"ann"}'],
      2,
      'expected one <document> after <key>, got 2',
    ],
    ['words after the key of get', ['get', address, 'k', 'more'], 2, 'expected nothing after <key>, got more'],
    ['an identity with get', ['get', address, 'k', '--as', 'ann'], 2, 'expected nothing after <key>, got --as'],
    ['an unknown flag', ['get', address, 'k', '--json'], 2, '--json'],
    [
      'a life that is no number',
      ['put', address, 'k', '{}', '--ttl', 'x'],
      2,
      '--ttl: expected whole seconds from 1, got x',
    ],
    ['a flag that npm took', ['put', address, 'k', '{}', 'npm_config_as=ann'], 2, 'npm took --as for itself: write --'],
    ['a request for help', ['--help'], 0, 'npm run record -- put'],
    ['a malformed document', ['put', address, 'k', '{a='], 1, 'line 1, column 4'],
    ['an unknown operator', ['put', address, 'k', '{a=$remvoe()}'], 1, 'IR_OPERATOR'],
    ['a server that does not listen', ['get', address, 'k'], 1, 'PROTOCOL_UNREACHABLE'],
    ['a malformed address', ['get', 'nowhere', 'k'], 1, 'PROTOCOL_PEER'],
  ])(
    'answers %s',
    async (_name, args, code, text) => {
      const { output, ended } = run('record', ...args)
      expect(await ended).toBe(code)
      expect(output()).toContain(text)
      expect(output()).not.toMatch(/^ +at /m)
    },
    30_000,
  )
})

describe('npm start with other arguments', () => {
  it.each<[string, string[], number, string]>([
    ['a request for help', ['--help'], 0, 'npm start -- [--once]'],
    ['an unknown flag', ['--port', '1'], 2, '--port'],
    ['a word', ['now'], 2, 'now'],
    [
      'a host name',
      ['--host', 'localhost'],
      2,
      '--host: expected an IPv4 address, such as 127.0.0.1 or 0.0.0.0, got localhost',
    ],
    ['an address of another machine', ['--host', '192.0.2.1'], 1, 'the node cannot listen on 192.0.2.1'],
    ['a port out of range', ['--tcp', '65536'], 2, '--tcp: expected a port from 0 to 65535, got 65536'],
    ['no port', ['--ws', ''], 2, '--ws: expected a port'],
    ['a flag that npm took', ['npm_config_tcp=4001'], 2, 'npm took --tcp for itself: write --'],
  ])(
    'answers %s',
    async (_name, args, code, text) => {
      const { output, ended } = run('start', ...args)
      expect(await ended).toBe(code)
      expect(output()).toContain(text)
      expect(output()).not.toMatch(/^ +at /m)
    },
    30_000,
  )

  it('answers a used port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { output, ended } = run('start', '--tcp', String(port))
    expect(await ended).toBe(1)
    expect(output()).toContain('the node cannot listen on 127.0.0.1')
    expect(output()).toContain(String(port))
    expect(output()).not.toMatch(/^ +at /m)
    other.close()
  }, 30_000)
})
