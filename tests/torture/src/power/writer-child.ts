// A process whose file calls are recorded: node writer-child.ts <folder> <durable> <trace> <task> <updates> <end>. It writes that many updates to each
// stream, and then closes or is killed.
import { createAuthors } from '../authors.ts'
import { openMachine } from '../open.ts'
import { WRITERS } from '../streams.ts'
import { type WriteTask, writeStreams } from '../write.ts'
import { Acknowledgements } from './trace.ts'

const [folder = '', durable, trace = '', taskText = '', updates, end] = process.argv.slice(2)
const task = JSON.parse(taskText) as WriteTask
const authors = await createAuthors('plain', WRITERS)
const { machine } = await openMachine({ folder, authors, durable: durable === 'true' })
const acknowledgements = new Acknowledgements(trace)
const last = Math.max(...task.starts) + Number(updates)
await writeStreams(machine, authors, task, acknowledgements.add.bind(acknowledgements), (n) => n >= last)
if (end === 'kill') process.kill(process.pid, 'SIGKILL')
await machine.close()
