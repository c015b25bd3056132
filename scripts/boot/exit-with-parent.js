// Loaded before a server that `serve` (run.js) started: when the pipe from the starter closes, the starter is gone,
// and this process is asked to end as if by a signal.
import { Socket } from 'node:net'

const PARENT_PIPE_FD = 3
new Socket({ fd: PARENT_PIPE_FD, readable: true, writable: false })
  .on('close', () => {
    process.kill(process.pid, 'SIGTERM')
  })
  .resume()
  .unref()
