// Fills a store whose files are damaged later: node build-child.ts <folder> <begun> <closed|killed>. A killed one has updates in its database and others in
// its log.
import { createAuthors } from '../authors.ts'
import { openMachine } from '../open.ts'
import { STREAMS, WRITERS } from '../streams.ts'
import { writeStreams } from '../write.ts'
import { BYTES, LAST } from './expected.ts'

const [folder = '', begun, end] = process.argv.slice(2)
const authors = await createAuthors('signed', WRITERS)
const write = async (from: number, to: number): Promise<() => Promise<void>> => {
  const { machine } = await openMachine({ folder, authors })
  const task = { begun: Number(begun), bytes: BYTES, starts: STREAMS.map(() => from) }
  await writeStreams(
    machine,
    authors,
    task,
    () => {},
    (n) => n >= to,
  )
  return async () => await machine.close()
}
const half = Math.ceil(LAST / 2)
await (
  await write(0, half)
)()
const close = await write(half, LAST + 1)
if (end === 'killed') process.kill(process.pid, 'SIGKILL')
await close()
