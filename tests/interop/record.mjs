// Records what the Go reference says, as files that need no Go to be read.
//
//   node tests/interop/record.mjs           rewrites vectors/xr/go-pretty.json and
//                                     vectors/wire/go-session.json
//
// A file whose peer cannot be built is left as it is, and that is said.
// Exit 0: both written. 2: one could not be.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BuildError } from './build.mjs'
import { startGoStack } from './peer.mjs'
import { prettyNodes } from './recordings/nodes.mjs'
import { recordSession } from './recordings/session.mjs'

const vectors = join(dirname(fileURLToPath(import.meta.url)), '..', 'vectors')
const NAMED = /go-smart-record|go-routing-language|go-ipld-prime|refmt|go-libp2p$|go-libp2p-core$/

/** The same node: both sides write a spec's one member in the one way. */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** Only the modules that shape the bytes. */
const versions = (modules) => Object.fromEntries(Object.entries(modules).filter(([name]) => NAMED.test(name)))

function write(path, content) {
  mkdirSync(dirname(join(vectors, path)), { recursive: true })
  writeFileSync(join(vectors, path), `${JSON.stringify(content, null, 1)}\n`)
  console.log(`vectors/${path}: ${content.cases.length} cases`)
}

async function pretty() {
  const peer = await startGoStack()
  const values = prettyNodes.map(([, spec]) => ({ spec }))
  const [texts, encoded] = await Promise.all([
    peer.request({ cmd: 'print', values }),
    peer.request({ cmd: 'marshal', values }),
  ])
  const json = encoded.map((e) => ({ json: e.json?.text ?? '' }))
  const again = await peer.request({ cmd: 'describe', values: json })
  const cases = prettyNodes.map(([name, spec], i) => {
    if (!texts[i].ok) throw new Error(`${name}: ${texts[i].error}`)
    return {
      name,
      spec,
      goJson: encoded[i].ok ? encoded[i].json.text : null,
      goJsonError: encoded[i].error,
      // False where Go cannot read its own JSON, or reads another node from it.
      goJsonReadsBack: again[i].ok && same(again[i].spec, spec),
      pretty: texts[i].pretty.text,
    }
  })
  write('xr/go-pretty.json', { about: 'What Go prints with WritePretty', modules: versions(peer.modules), cases })
  await peer.close()
}

async function session() {
  const { modules, peers, cases } = await recordSession()
  write('wire/go-session.json', {
    about: 'Requests and answers of the Go reference, as hex with their length prefix',
    modules: versions(modules),
    peers,
    cases,
  })
}

for (const part of [pretty, session]) {
  try {
    await part()
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause
    console.log(`not written: ${cause.message}`)
    process.exitCode = 2
  }
}
