import './servers.css'
import type { RemoteJson } from '@conductor/api-types'
import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { errorText } from '../../api/api-error.ts'
import type { App } from '../../state/app.ts'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/fields.tsx'

export async function addServer(app: App): Promise<void> {
  await app.dialogs.show((close) => <AddServer app={app} onClose={() => close()} />)
}

export async function logInTo(app: App, remote: RemoteJson): Promise<void> {
  await app.dialogs.show((close) => <LogIn app={app} remote={remote} onClose={() => close()} />)
}

export async function renameServer(app: App, remote: RemoteJson): Promise<void> {
  await app.dialogs.show((close) => <Rename app={app} remote={remote} onClose={() => close()} />)
}

export async function removeServer(app: App, { id, name }: RemoteJson): Promise<void> {
  const answer = await app.dialogs.show<true>((close) => (
    <Confirm
      title={`Remove ${name}?`}
      text="This server logs out of it and forgets it. What runs there goes on."
      action="Remove"
      danger
      close={close}
    />
  ))
  if (answer) await app.sessions.attempt(() => app.remotes.remove(id))
}

interface AskProps {
  readonly title: string
  readonly text?: string
  readonly action: string
  /** What fails is said in the dialog, and it stays. */
  readonly onSubmit: () => Promise<void>
  readonly onClose: () => void
  readonly children: ComponentChildren
}

function Ask({ title, text, action, onSubmit, onClose, children }: AskProps): JSX.Element {
  const [error, setError] = useState<string | undefined>()
  const [busy, setBusy] = useState(false)

  async function submit(): Promise<void> {
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      await onSubmit()
      onClose()
    } catch (problem) {
      setError(`${errorText(problem)}.`)
      setBusy(false)
    }
  }

  return (
    <Dialog
      title={title}
      text={text}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form="server" class="button primary" disabled={busy}>
            {busy ? 'Asking it…' : action}
          </button>
        </>
      }
    >
      <form
        id="server"
        class="server-fields"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {children}
        {error && (
          <p class="form-error" role="alert">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  )
}

interface DialogProps {
  readonly app: App
  readonly onClose: () => void
}

function AddServer({ app, onClose }: DialogProps): JSX.Element {
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [password, setPassword] = useState('')
  return (
    <Ask
      title="Add a server"
      text="This server logs in to it and passes on what you do there. Its password is not kept, and its token never comes to this browser."
      action="Add"
      onSubmit={() => app.remotes.add({ url, ...(name.trim() && { name: name.trim() }), password })}
      onClose={onClose}
    >
      <TextField
        label="Address"
        hint={
          /^http:\/\/(?!localhost\b|127\.|\[::1\])/i.test(url.trim())
            ? 'By http:// anybody on the way can read the password.'
            : 'As this server reaches it.'
        }
        placeholder="https://host:8080"
        required
        value={url}
        onInput={setUrl}
      />
      <TextField label="Name" placeholder="Workshop" value={name} onInput={setName} />
      <TextField label="Password" type="password" required value={password} onInput={setPassword} />
    </Ask>
  )
}

function LogIn({
  app,
  remote,
  onClose,
}: DialogProps & { readonly remote: RemoteJson }): JSX.Element {
  const [password, setPassword] = useState('')
  return (
    <Ask
      title={`Log in to ${remote.name}`}
      text={remote.url}
      action="Log in"
      onSubmit={() => app.remotes.login(remote.id, password)}
      onClose={onClose}
    >
      <TextField label="Password" type="password" required value={password} onInput={setPassword} />
    </Ask>
  )
}

function Rename({
  app,
  remote,
  onClose,
}: DialogProps & { readonly remote: RemoteJson }): JSX.Element {
  const [name, setName] = useState(remote.name)
  return (
    <Ask
      title={`Rename ${remote.name}`}
      action="Rename"
      onSubmit={() => app.remotes.rename(remote.id, name.trim())}
      onClose={onClose}
    >
      <TextField label="Name" required value={name} onInput={setName} />
    </Ask>
  )
}
