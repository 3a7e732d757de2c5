/** Leaves room for a number within the 255 bytes that file systems allow. */
const LONGEST_NAME_BYTES = 120
const LONGEST_ENDING_BYTES = 16

/**
 * A name for a file that is given to programs: letters, digits and `._-+@=,` alone. A path of such
 * names needs no quotes in a shell, hides nothing from a reader, and leads to no other folder.
 */
export function fileName(wanted: string): string {
  const last = wanted.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  const clean = last
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._+@=,-]+/gu, '_')
    .replace(/^[.\p{M}-]+/u, '')
  const { stem, ending } = splitName(clean)
  const short = stem === '' ? 'file' : stem
  return cutBytes(short, LONGEST_NAME_BYTES) + cutBytes(ending, LONGEST_ENDING_BYTES)
}

/** The first name is the file's own, the next ones have a number before the ending. */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name
  const { stem, ending } = splitName(name)
  return `${stem}-${number}${ending}`
}

function splitName(name: string): { readonly stem: string; readonly ending: string } {
  const dot = name.lastIndexOf('.')
  return dot <= 0
    ? { stem: name, ending: '' }
    : { stem: name.slice(0, dot), ending: name.slice(dot) }
}

/** Cuts no character. */
function cutBytes(text: string, most: number): string {
  let cut = ''
  let bytes = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > most) break
    cut += character
  }
  return cut
}
