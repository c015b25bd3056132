// The thread of a store: `node:sqlite` is synchronous, so a commit on the thread of the event loop would block it for an fsync.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { RequestMessage } from '../messages.ts'
import type { DatabaseOptions } from './database.ts'
import { StoreService } from './store-service.ts'

const port = parentPort as MessagePort
const service = new StoreService(workerData as DatabaseOptions, (message) => {
  port.postMessage(message, [message.bytes.buffer])
})
const receive = (): RequestMessage | undefined => {
  return (receiveMessageOnPort(port) as { message: RequestMessage } | undefined)?.message
}

let planned = false
const plan = (): void => {
  if (!planned) {
    planned = true
    setImmediate(() => {
      planned = false
      if (service.idle()) {
        plan()
      }
    })
  }
}

port.on('message', (message: RequestMessage) => {
  if (service.handle(message, receive) === 'closed') {
    port.close()
  } else {
    plan()
  }
})
