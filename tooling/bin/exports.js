// Writes the exports maps from tooling/packages.json; with --check only compares, and every entry must exist.
import { checkExports, writeExports } from '../src/exports.js'

if (process.argv.includes('--check')) {
  const faults = checkExports()
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length > 0 ? 1 : 0
} else {
  for (const name of writeExports()) console.log(`packages/${name}/package.json: exports written`)
}
