/** What a person brings into a terminal from outside. */
export interface IncomingHandlers {
  /** Text to be pasted. @returns Whether it was taken care of; else the terminal pastes it. */
  readonly onPaste: (text: string) => boolean
  /** Files, or a picture, pasted or dropped. */
  readonly onFiles: (files: readonly File[]) => void
}

/**
 * Listens before the terminal does.
 *
 * @returns The function that ends it.
 */
export function watchIncoming(element: HTMLElement, handlers: IncomingHandlers): () => void {
  const { onPaste, onFiles } = handlers

  function take(event: Event): void {
    event.preventDefault()
    event.stopPropagation()
  }

  function paste(event: ClipboardEvent): void {
    const { clipboardData } = event
    const text = clipboardData?.getData('text/plain') ?? ''
    const files = [...(clipboardData?.files ?? [])]
    // Programs that copy text often put a picture of it beside it.
    if (text === '' && files.length > 0) {
      take(event)
      onFiles(files)
    } else if (text !== '' && onPaste(text)) take(event)
  }

  function dragOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return
    take(event)
    event.dataTransfer.dropEffect = 'copy'
    element.dataset['dropping'] = 'true'
  }

  function dragLeave(): void {
    delete element.dataset['dropping']
  }

  function drop(event: DragEvent): void {
    delete element.dataset['dropping']
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0) return
    take(event)
    onFiles(files)
  }

  element.addEventListener('paste', paste, true)
  element.addEventListener('dragover', dragOver, true)
  element.addEventListener('dragleave', dragLeave)
  element.addEventListener('drop', drop, true)
  return () => {
    element.removeEventListener('paste', paste, true)
    element.removeEventListener('dragover', dragOver, true)
    element.removeEventListener('dragleave', dragLeave)
    element.removeEventListener('drop', drop, true)
  }
}
