// npm run test:browser: the tests of xr, of a store in IndexedDB, and of a client of a node over WebSocket, in Chromium.
import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { ROOT } from '../../../scripts/boot/paths.js'
import { bundleTests } from './bundle.ts'
import type { Counts } from './page/harness.ts'

/** The whole run; on a busy machine the properties take a minute or two. */
const RUN_MS = 8 * 60_000

/** What the page may read: the repository, and the test data beside it. */
const READABLE = [resolve(ROOT), resolve(ROOT, '../shared')]

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const executablePath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((path) => existsSync(path))
if (executablePath === undefined) throw new Error('no chromium on the PATH: apt-get install chromium')

const { script, files, left } = await bundleTests()
const node = fork(fileURLToPath(new URL('record-server.ts', import.meta.url)))
const nodeAddress = await new Promise<string>((done) => node.once('message', (message) => done(String(message))))
const server = await serve(script)
const folder = mkdtempSync(join(tmpdir(), 'browser-'))
try {
  const { passed, failed, skipped } = await runPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  for (const [name, reason] of Object.entries(left)) console.log(`not run here: ${name}, which ${reason}`)
  console.log(`${files.length} files`)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
} finally {
  node.disconnect()
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
}

async function runPage(address: string): Promise<Counts> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: executablePath as string,
    headless: true,
    args: FLAGS,
  })
  try {
    console.log(`Chromium ${context.browser()?.version() ?? ''}`)
    const page = await context.newPage()
    const crashed = new Promise<never>((_, reject) => {
      page.once('crash', () => {
        reject(new Error('the page crashed'))
      })
      page.once('pageerror', reject)
    })
    crashed.catch(() => {}) // it is waited for below, once the page is there
    page.on('console', (message) => {
      console.log(message.text())
    })
    await page.goto(address, { waitUntil: 'commit' })
    await Promise.race([
      crashed,
      page.waitForFunction('globalThis.finished !== undefined', undefined, { timeout: RUN_MS }),
    ])
    return (await page.evaluate('globalThis.finished')) as Counts
  } finally {
    await context.close()
  }
}

function serve(text: string): Promise<Server> {
  const http = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname)
    if (path === '/') {
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end('<!doctype html><link rel="icon" href="data:,"><script type="module" src="/tests.js"></script>')
    } else if (path === '/tests.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(text)
    } else if (path === '/address') {
      response.setHeader('content-type', 'text/plain; charset=utf-8').end(nodeAddress)
    } else {
      const file = resolve(path.replace(/^\/files/, ''))
      if (!READABLE.some((root) => file.startsWith(`${root}/`)) || !existsSync(file)) response.writeHead(404).end()
      else
        response
          .setHeader('content-type', 'text/plain; charset=utf-8')
          .end(
            statSync(file).isDirectory()
              ? JSON.stringify(
                  readdirSync(file, { withFileTypes: true }).map((entry) => [entry.name, entry.isDirectory()]),
                )
              : readFileSync(file),
          )
    }
  })
  return new Promise((done) => {
    http.listen(0, '127.0.0.1', () => {
      done(http)
    })
  })
}
