import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A fixture that the server's tests run as well. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the file's shape is the caller's to say
export function sharedFixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(resolve('../tests/fixtures/workflows', name), 'utf8')) as Content
}
