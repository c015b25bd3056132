// Writes the exports maps from scripts/packages.json.
import { writeExports } from '../src/exports.ts'

for (const name of writeExports()) console.log(`packages/${name}/package.json: exports written`)
