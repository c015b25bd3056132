// In the place of Node's own modules that jest's matchers load and, in a page, do not use.
module.exports = {
  sep: '/',
  builtinModules: [],
  types: {},
  env: {},
  cwd: () => '/',
  platform: 'browser',
  inherits: () => {},
  resolve: (...parts) => parts.join('/'),
  join: (...parts) => parts.join('/'),
  dirname: (path) => path,
  basename: (path) => path,
  relative: (_from, to) => to,
  normalize: (path) => path,
  isAbsolute: () => true,
}
