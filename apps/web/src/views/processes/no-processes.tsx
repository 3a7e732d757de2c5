import './no-processes.css'
import type { JSX } from 'preact'
import type { App } from '../../state/app.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IconButton } from '../../ui/icon-button.tsx'

/** A whole file that works on any machine that has Node. */
const EXAMPLE = `# conductor.yaml
processes:
  web:
    command: node
    args:
      - -e
      - require('http').createServer((_, r) => r.end('hello')).listen(3000)
    liveness:
      probe: { kind: http, url: "http://127.0.0.1:3000" }
      periodMs: 10s
`

/** How to get a first one. */
export function NoProcesses({ app }: { readonly app: App }): JSX.Element {
  return (
    <EmptyState
      icon="processes"
      title="No processes yet"
      text="Write down what should run beside your sessions. It is started in order, watched, restarted, and goes on while the server is away."
    >
      <ol class="teach">
        <li>
          <p>
            Put this into <code>conductor.yaml</code>, in the folder of your project:
          </p>
          <Copied app={app} text={EXAMPLE} label="Copy the file" />
        </li>
        <li>
          <p>Start it, in any terminal of this machine, also one of this page:</p>
          <Copied app={app} text="conductor up" label="Copy the command" />
        </li>
      </ol>
    </EmptyState>
  )
}

function Copied({
  app,
  text,
  label,
}: {
  readonly app: App
  readonly text: string
  readonly label: string
}): JSX.Element {
  return (
    <div class="copied">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may be wider than there is room */}
      <pre tabIndex={0}>{text.trimEnd()}</pre>
      <IconButton icon="copy" label={label} onClick={() => void app.clipboard.write(text)} />
    </div>
  )
}
