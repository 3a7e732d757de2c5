import { readFileSync } from 'node:fs'

/** A file of the guides. */
export function guide(name: string): string {
  return readFileSync(new URL(`../../../docs/guides/${name}`, import.meta.url), 'utf8')
}

/** The blocks of shell below a heading of a guide, as they stand there. */
export function blocksBelow(name: string, heading: string): readonly string[] {
  const section = guide(name)
    .split(/^## /m)
    .find((text) => text.startsWith(heading))
  if (section === undefined) throw new Error(`${name} has no heading ${heading}`)
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
}
