// A process to be killed: node writer-child.ts <folder> <durable> <signing> <task>. It writes all streams and prints `<stream> <n>` for each update
// as soon as its receipt has resolved.
import { writeSync } from 'node:fs'
import { createAuthors, type Signing } from '../authors.ts'
import { openMachine } from '../open.ts'
import { WRITERS } from '../streams.ts'
import { type WriteTask, writeStreams } from '../write.ts'

const [folder = '', durable, signing, task = ''] = process.argv.slice(2)
const authors = await createAuthors(signing as Signing, WRITERS)
const { machine } = await openMachine({ folder, authors, durable: durable === 'true' })
writeSync(1, 'open\n')
await writeStreams(
  machine,
  authors,
  JSON.parse(task) as WriteTask,
  (stream, n) => void writeSync(1, `${stream} ${n}\n`),
  () => false,
)
