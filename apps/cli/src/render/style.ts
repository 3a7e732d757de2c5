import * as util from 'node:util'

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

/** Text in a colour, or as it is where colours are not wanted. */
export type Style = (colour: Colour, text: string) => string

export const plain: Style = (_, text) => text

/**
 * Colours for a terminal, unless `NO_COLOR` is set to anything.
 *
 * @param isTerminal Whether the output is one.
 * @see https://no-color.org
 */
export function createStyle(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Style {
  if (!isTerminal || env['NO_COLOR'] || env['TERM'] === 'dumb') return plain
  // We have decided already; Node would ask the stream of this process again.
  return (colour, text) => util.styleText(colour, text, { validateStream: false })
}
