// npm run lint: the linter, the dependency rules, the exports maps, examples that no test would run, and comments that silence the linter.
import { readFileSync } from 'node:fs'
import { NODE, ROOT } from '../boot/paths.js'
import { run } from '../boot/run.js'
import { inDocstrings, tagsIn } from '../jest/example-blocks.js'
import { documents } from '../jest/examples.js'
import { exportFaults } from '../src/exports.ts'
import { PACKAGES } from '../src/house.ts'
import { layerFaults } from '../src/layers.ts'

function exampleFaults(): string[] {
  return documents()
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(ROOT + file, 'utf8')
      const lost = tagsIn(source) - inDocstrings(source).length
      return lost === 0 ? [] : [`${file}: ${lost} @example without a \`\`\`ts block of its own`]
    })
}

// A comment that switches the linter off would switch the dependency rules off.
function silencedFaults(): string[] {
  return documents()
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /(oxlint|eslint)-disable/.test(readFileSync(ROOT + file, 'utf8')))
    .map((file) => `${file}: switches the linter off`)
}

const faults = [...silencedFaults(), ...layerFaults(PACKAGES), ...exportFaults(), ...exampleFaults()]
for (const fault of faults) console.error(fault)
const linter = await run(NODE, [`${ROOT}node_modules/oxlint/bin/oxlint`, '--deny-warnings'], { cwd: ROOT })
console.log(`${faults.length} faults in layers, exports, examples and linter comments`)
process.exitCode = linter !== 0 || faults.length > 0 ? 1 : 0
