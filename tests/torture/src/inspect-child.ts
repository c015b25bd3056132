// A fresh process that opens a store: node inspect-child.ts <folder> <signing> <bytes>. It prints an inspection.
import { createAuthors, type Signing } from './authors.ts'
import { inspect } from './inspect.ts'
import { WRITERS } from './streams.ts'

const [folder = '', signing, bytes] = process.argv.slice(2)
const authors = await createAuthors(signing as Signing, WRITERS)
console.log(JSON.stringify(await inspect(folder, authors, Number(bytes))))
