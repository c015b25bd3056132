import { ENGINES } from '../src/index.ts'
import { describeEngine } from './setup.ts'

for (const [name, create] of Object.entries(ENGINES)) {
  describeEngine(name, (folder) => create({ folder, durable: true }))
}
