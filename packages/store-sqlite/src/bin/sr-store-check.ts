#!/usr/bin/env node
import { argv, exit, stderr, stdout } from 'node:process'
import { parseArguments, runCheck } from './run-check.ts'

const command = parseArguments(argv.slice(2))
if (typeof command === 'string') {
  stderr.write(`${command}\n`)
  exit(2)
}
const { lines, intact } = await runCheck(command)
stdout.write(lines.map((line) => `${line}\n`).join(''))
exit(intact ? 0 : 1)
