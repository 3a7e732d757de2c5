import './share-dialog.css'
import type { MadeShareJson, NewShareJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { sessionPath } from '../../api/api.ts'
import { errorText } from '../../api/api-error.ts'
import type { SessionRef } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/fields.tsx'
import { fullTime } from '../../ui/time-text.ts'

const EXPIRIES = [
  { value: '900', label: '15 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '28800', label: '8 hours' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
] as const

/** Asks how to share a session, and shows the link, this once. */
export async function shareSession(app: App, ref: SessionRef): Promise<void> {
  await app.dialogs.show((close) => <ShareDialog app={app} session={ref} onClose={() => close()} />)
}

interface ShareDialogProps {
  readonly app: App
  readonly session: SessionRef
  readonly onClose: () => void
}

function ShareDialog({ app, session, onClose }: ShareDialogProps): JSX.Element {
  const [made, setMade] = useState<MadeShareJson | undefined>()
  return made ? (
    <Made app={app} share={made} onClose={onClose} />
  ) : (
    <Wanted app={app} session={session} onClose={onClose} onMade={setMade} />
  )
}

function Wanted(
  props: ShareDialogProps & { readonly onMade: (share: MadeShareJson) => void },
): JSX.Element {
  const { app, session, onClose, onMade } = props
  const [mode, setMode] = useState<NewShareJson['mode']>('viewer')
  const [expiry, setExpiry] = useState<(typeof EXPIRIES)[number]['value']>('3600')
  const [label, setLabel] = useState('')
  const [error, setError] = useState<string | undefined>()
  const [busy, setBusy] = useState(false)

  async function make(): Promise<void> {
    const server = app.servers.find(session.server)
    if (!server || busy) return
    setBusy(true)
    setError(undefined)
    try {
      const body: NewShareJson = {
        ...{ mode, expiresInSeconds: Number(expiry) },
        ...(label.trim() && { label: label.trim() }),
      }
      const path = `${sessionPath(session.id)}/shares`
      const share = await server.api.ask<MadeShareJson>('POST', path, { body })
      // Whoever shares wants to paste it somewhere; where that is not allowed, the link is there to be marked.
      await navigator.clipboard?.writeText(share.url).catch(() => {})
      onMade(share)
    } catch (problem) {
      setError(`${errorText(problem)}.`)
      setBusy(false)
    }
  }

  return (
    <Dialog
      title={`Share “${app.sessions.nameOf(session)}”`}
      text="Makes a link that opens this session and nothing else. Whoever has it needs no password."
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form="share" class="button primary" disabled={busy}>
            Make the link
          </button>
        </>
      }
    >
      <form
        id="share"
        class="share-fields"
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <SelectField
          label="They may"
          value={mode}
          options={[
            { value: 'viewer', label: 'look on' },
            { value: 'driver', label: 'type along' },
          ]}
          hint={
            mode === 'driver'
              ? 'They can run everything that you can run there.'
              : 'They see all that is shown, also what was shown before.'
          }
          onChange={setMode}
        />
        <SelectField label="For" value={expiry} options={EXPIRIES} onChange={setExpiry} />
        <TextField
          label="Name"
          hint="Shown beside whoever comes by this link."
          placeholder="Ana"
          value={label}
          error={error}
          onInput={setLabel}
        />
      </form>
    </Dialog>
  )
}

interface MadeProps {
  readonly app: App
  readonly share: MadeShareJson
  readonly onClose: () => void
}

function Made({ app, share, onClose }: MadeProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  const [picture, setPicture] = useState<string | undefined>()

  useEffect(() => {
    field.current?.select()
    let current = true
    // A picture of the link, for a phone. It comes when it is needed.
    void import('uqr')
      .then(({ renderSVG }) => {
        const svg = renderSVG(share.url, { border: 1, ecc: 'L' })
        if (current) setPicture(`data:image/svg+xml,${encodeURIComponent(svg)}`)
      })
      .catch(() => {})
    return () => {
      current = false
    }
  }, [share])

  return (
    <Dialog
      title="The link is ready"
      text={`${share.mode === 'driver' ? 'Whoever has it may type' : 'Whoever has it looks on'}, until ${fullTime(share.expiresAt)}.`}
      onClose={onClose}
      actions={
        <button type="button" class="button primary" onClick={onClose}>
          Done
        </button>
      }
    >
      <div class="share-link">
        <input
          ref={field}
          class="field"
          type="text"
          readOnly
          aria-label="Link"
          value={share.url}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <button
          type="button"
          class="button"
          onClick={async () => {
            await app.clipboard.write(share.url)
            app.toasts.show('info', 'The link is copied')
          }}
        >
          Copy
        </button>
      </div>
      <div class="share-once">
        {picture && <img class="share-qr" src={picture} alt="The link as a QR code" />}
        <p>
          It is shown this once: nobody, not even the server, can show it again. It can be revoked
          at any time, under Shared links.
        </p>
      </div>
    </Dialog>
  )
}
