import type { App } from '../../state/app.ts'
import { openLink, webAddress } from '../../terminal/links.ts'
import { previewPaste } from '../../terminal/paste-text.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { Confirm } from '../../ui/dialog.tsx'

/** Shows what would be pasted. @returns Whether it should be. */
export async function askBeforePaste({ dialogs }: App, text: string): Promise<boolean> {
  const { lines, text: shown, controls } = previewPaste(text)
  const warning = controls ? ' It holds control characters, marked with ^.' : ''
  const answer = await dialogs.show<true>((close) => (
    <Confirm
      title={`Paste ${lines} lines?`}
      text={`The program may run each line at once.${warning}`}
      action="Paste"
      close={close}
    >
      {/* It can be scrolled, so it can be reached by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <pre class="preview" tabIndex={0}>
        {shown}
      </pre>
    </Confirm>
  ))
  return answer === true
}

/** A program wants to write the clipboard. @returns Whether it may. */
export async function askBeforeWrite(
  { dialogs }: App,
  name: string,
  text: string,
): Promise<boolean> {
  const answer = await dialogs.show<true>((close) => (
    <Confirm
      title="Put this into the clipboard?"
      text={`A program in “${name}” wants to.`}
      action="Copy"
      close={close}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it can be scrolled */}
      <pre class="preview" tabIndex={0}>
        {previewPaste(text).text}
      </pre>
    </Confirm>
  ))
  return answer === true
}

/** @param hidden Whether the words on the screen are not the address: then it is shown first. */
export async function followLink(
  { dialogs, toasts }: App,
  target: string,
  hidden: boolean,
): Promise<void> {
  const address = webAddress(target)
  if (!address) {
    toasts.show('problem', 'Only links to web pages are opened')
    return
  }
  const answer =
    !hidden ||
    (await dialogs.show<true>((close) => (
      <Confirm
        title={`Open ${new URL(address).host}?`}
        text="The program has put this address behind other words."
        action="Open"
        close={close}
      >
        <pre class="preview">{visibleText(address)}</pre>
      </Confirm>
    )))
  if (answer) openLink(address)
}
