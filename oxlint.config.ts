import { defineConfig } from 'oxlint'
import { PACKAGES, type Plan } from './scripts/src/packages.ts'

// The packages whose answers may depend on their arguments only.
const PURE = ['xr', 'ir', 'grammar-base']

const MAX_FILE_LINES = 400
const MAX_FUNCTION_LINES = 60

/** What a package may import: its own files, the layers below it, and the packages it declares. Everything else is refused. */
function layering(name: string, plan: Plan): object {
  const { layers, externals, builtins = [] } = plan
  const allowed = [...layers.map((layer) => `@sr/${layer}`), ...externals, ...builtins].flatMap((id) => [
    `!${id}`,
    `!${id}/**`,
  ])
  return {
    files: [`packages/${name}/src/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\..*/(src|dist|node_modules)/',
              message: 'A package reaches another by its name, not by its files.',
            },
            {
              group: ['**', '!./**', '!../**', ...allowed],
              message: `@sr/${name} may not import this: see scripts/packages.json`,
            },
          ],
        },
      ],
    },
  }
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'jest', 'promise'],
  categories: { correctness: 'error' },
  ignorePatterns: ['**/dist/**', '**/node_modules/**', '**/.examples/**', 'tests/interop/go/**'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-self-import': 'error',
    // Explicit literal types serve isolatedDeclarations; `new Array(n)` of a known number is what it says.
    'typescript/prefer-as-const': 'off',
    'unicorn/no-new-array': 'off',
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
    'typescript/no-explicit-any': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/consistent-type-imports': 'error',
    'jest/no-focused-tests': 'error',
    'jest/no-disabled-tests': 'error',
  },
  overrides: [
    {
      files: ['packages/*/src/**'],
      rules: {
        'no-console': 'error',
        'max-lines': ['error', { max: MAX_FILE_LINES, skipBlankLines: true, skipComments: false }],
        'max-lines-per-function': ['error', { max: MAX_FUNCTION_LINES }],
      },
    },
    {
      // `after` takes any duration: setTimeout fires at once beyond 2^31 - 1 ms
      files: ['packages/*/src/**'],
      excludeFiles: ['packages/runtime/src/timer.ts'],
      rules: {
        'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
        'no-restricted-properties': [
          'error',
          { object: 'AbortSignal', property: 'timeout', message: 'Use `after` of @sr/runtime.' },
        ],
      },
    },
    {
      files: PURE.map((name) => `packages/${name}/src/**`),
      rules: {
        'no-restricted-globals': [
          'error',
          'setTimeout',
          'setInterval',
          'setImmediate',
          'queueMicrotask',
          'performance',
          'process',
          'crypto',
          'fetch',
        ],
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'Time is an argument here.' },
          { object: 'Math', property: 'random', message: 'Chance is an argument here.' },
        ],
      },
    },
    ...Object.entries(PACKAGES).map(([name, plan]) => layering(name, plan)),
  ],
})
