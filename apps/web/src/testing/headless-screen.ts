import headless from '@xterm/headless'

/** A real terminal without a page. */
export type HeadlessScreen = InstanceType<typeof headless.Terminal>

export function createHeadlessScreen(cols = 80, rows = 24): HeadlessScreen {
  return new headless.Terminal({ cols, rows, allowProposedApi: true })
}

/** Resolves once everything written so far was parsed. */
export function parsed(screen: HeadlessScreen): Promise<void> {
  return new Promise((resolve) => screen.write('', resolve))
}

/** What stands in the rows that are not empty. */
export function textOf(screen: HeadlessScreen): readonly string[] {
  const { active } = screen.buffer
  return Array.from(
    { length: active.length },
    (_, row) => active.getLine(row)?.translateToString(true) ?? '',
  ).filter((line) => line !== '')
}
