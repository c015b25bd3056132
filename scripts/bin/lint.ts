// npm run lint: the linter, the dependency rules, circles of imports, manifests, examples that no test would run, plain words.
import { readFileSync } from 'node:fs'
import { NODE, ROOT } from '../boot/paths.js'
import { run } from '../boot/run.js'
import { inDocstrings, tagsIn } from '../jest/example-blocks.js'
import { documents } from '../jest/examples.js'
import { filesInCircles } from '../src/imports.ts'
import { layerFaults } from '../src/layers.ts'
import { manifestFieldFaults } from '../src/manifests.ts'
import { PACKAGES } from '../src/packages.ts'
import { trackedFiles } from '../src/tracked-files.ts'
import { wordFaults } from '../src/words.ts'

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

// oxlint sees circles of values alone; with types among them, no file of the circle can be read by itself.
function circleFaults(): string[] {
  return filesInCircles(trackedFiles('*.ts')).map((file) => `${file} is in a circle of imports, types included`)
}

function allWordFaults(): string[] {
  const texts = trackedFiles('*.ts', '*.js', '*.go', '*.md', ':!scripts/*/words*')
  return [...texts].flatMap(([file, text]) => wordFaults(file, text))
}

const faults = [
  ...silencedFaults(),
  ...layerFaults(PACKAGES),
  ...manifestFieldFaults(),
  ...exampleFaults(),
  ...circleFaults(),
  ...allWordFaults(),
]
for (const fault of faults) console.error(fault)
const linter = await run(NODE, [`${ROOT}node_modules/oxlint/bin/oxlint`, '--deny-warnings'], { cwd: ROOT })
console.log(`${faults.length} faults in layers, circles, manifests, examples and words`)
process.exitCode = linter !== 0 || faults.length > 0 ? 1 : 0
