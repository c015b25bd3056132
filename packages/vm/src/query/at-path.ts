import type { View, ViewPart } from '@sr/ir'
import type { Path } from '@sr/xr'

/** What a view shows at a path of Dict keys, with its expiry; undefined when nothing shows there. An empty path is the document. */
export function atPath(view: View, path: Path): ViewPart | undefined {
  return view.part(path)
}
