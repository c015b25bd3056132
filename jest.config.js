import { projects } from './tooling/jest/projects.js'

export default {
  projects: projects(),
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/tooling/jest/counts.js'],
  passWithNoTests: true,
  cacheDirectory: '<rootDir>/.cache/jest',
}
