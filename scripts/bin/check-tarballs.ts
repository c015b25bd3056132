// npm run check:packages: packs every package, looks into the tarballs, and uses them as a stranger would.
import { PACKAGES } from '../src/packages.ts'
import { contentFaults, importFaults, pack, publintFaults, typeFaults } from '../src/check-tarballs.ts'

const tarballs = pack(Object.keys(PACKAGES))
const faults: string[] = []
for (const [name, tarball] of tarballs) {
  const found = [...contentFaults(name, tarball), ...(await publintFaults(name, tarball)), ...typeFaults(name, tarball)]
  console.log(
    `@sr/${name}: ${found.length === 0 ? 'contents, publint, are-the-types-wrong: clean' : `${found.length} faults`}`,
  )
  faults.push(...found)
}
const strangers = importFaults(tarballs)
console.log(`${strangers.imported} subpaths imported from an empty folder, ${strangers.faults.length} failed`)
faults.push(...strangers.faults)

for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
