// node examples/own-grammar/src/start.ts
import { lunch } from './lunch.ts'

console.log(await lunch())
