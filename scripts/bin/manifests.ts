// npm run manifests: writes what follows from scripts/packages.json into every package.json.
import { writeManifests } from '../src/manifests.ts'

for (const name of writeManifests()) console.log(`packages/${name}/package.json: written`)
