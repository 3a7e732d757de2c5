/** Blocks without a character that joins its neighbours into one cell, under any rule of grapheme clusters. */
const LONERS: readonly (readonly [first: number, last: number])[] = [
  [0x20, 0x2ff],
  [0x370, 0x482],
  [0x48a, 0x52f],
  [0x2010, 0x2027],
  [0x2100, 0x2bff],
  [0x3041, 0x3096],
  [0x30a0, 0x30ff],
  [0x4e00, 0x9fff],
]

/** Whether `text`, one cell, can be printed next to others of its kind without becoming one with them. */
export function joinsNothing(text: string): boolean {
  const code = text.codePointAt(0) ?? 0
  const isOne = text.length === (code > 0xffff ? 2 : 1)
  if (code < 0x7f) return isOne
  return isOne && LONERS.some(([first, last]) => code >= first && code <= last)
}
