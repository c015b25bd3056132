import { projects } from './scripts/jest/projects.js'

export default {
  projects: projects(),
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/scripts/jest/summary-reporter.js'],
  passWithNoTests: true,
  // a deadline against hanging, not a measure of speed: the machine may be busy
  testTimeout: 60_000,
  cacheDirectory: '<rootDir>/.cache/jest',
}
