// npm run measure [-- FOLDER]: per package the files, lines, statements and files in circles of imports, types included.
import { existsSync, readdirSync } from 'node:fs'
import { ROOT } from '../boot/paths.js'
import { filesInCircles, sourcesIn } from '../src/imports.ts'
import { countStatements } from '../src/statements.ts'

const root = process.argv[2] ?? ROOT
const rows = readdirSync(`${root}/packages`)
  .filter((name) => existsSync(`${root}/packages/${name}/src`))
  .map((name) => {
    const sources = sourcesIn(`${root}/packages/${name}/src`)
    const texts = [...sources].filter(([file]) => !file.includes('conformance/data/')).map(([, text]) => text)
    return {
      package: name,
      files: texts.length,
      lines: texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0),
      statements: texts.reduce((sum, text) => sum + countStatements(text), 0),
      'in circles': filesInCircles(sources).length,
    }
  })
const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0)
console.table([
  ...rows,
  {
    package: 'all',
    files: sum((row) => row.files),
    lines: sum((row) => row.lines),
    statements: sum((row) => row.statements),
    'in circles': sum((row) => row['in circles']),
  },
])
